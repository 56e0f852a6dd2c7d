"""Take in and decide about measured values. All keyword-only, atomic; the clock comes as `at`."""

from turnus.metering.records import (
    NewEnergyAmount,
    NewGasQuality,
    NewIntervalDay,
    NewReading,
    Outcome,
    SeriesKey,
    Status,
    Stored,
    StoreResult,
    Withdrawal,
    Withdrawn,
)
from turnus.metering.services.amounts import store_energy_amounts
from turnus.metering.services.decisions import (
    EnteredReading,
    ReadingDecided,
    enter_reading,
    reject_reading,
    release_reading,
)
from turnus.metering.services.gas_quality import store_gas_quality
from turnus.metering.services.intervals import ensure_series, store_interval_days
from turnus.metering.services.readings import store_readings
from turnus.metering.services.requests import (
    NewRequest,
    answer_readings,
    case_keys,
    mark_answered,
    mark_escalated,
    mark_reminded,
    mark_sent,
    request_gaps,
    request_values,
)
from turnus.metering.services.withdraw import withdraw_values

__all__ = [
    "EnteredReading",
    "NewEnergyAmount",
    "NewGasQuality",
    "NewIntervalDay",
    "NewReading",
    "NewRequest",
    "Outcome",
    "ReadingDecided",
    "SeriesKey",
    "Status",
    "StoreResult",
    "Stored",
    "Withdrawal",
    "Withdrawn",
    "answer_readings",
    "case_keys",
    "ensure_series",
    "enter_reading",
    "mark_answered",
    "mark_escalated",
    "mark_reminded",
    "mark_sent",
    "reject_reading",
    "release_reading",
    "request_gaps",
    "request_values",
    "store_energy_amounts",
    "store_gas_quality",
    "store_interval_days",
    "store_readings",
    "withdraw_values",
]
