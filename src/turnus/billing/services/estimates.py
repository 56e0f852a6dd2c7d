"""Estimate a missing reading (§ 40a(2) EnWG), as a reading that says it is one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from turnus.billing.calc.estimate import EstimateBasis, Estimation, estimate, year_from
from turnus.billing.calc.records import Commodity, Split
from turnus.billing.queries.population import billed_before, contract_rows
from turnus.clients.services import settings_of
from turnus.lib.period import Period
from turnus.lib.rounding import half_up
from turnus.masterdata.models import Register
from turnus.metering.queries import gas_quality_for, readings_for
from turnus.metering.services import NewReading, store_readings
from turnus.system import audit
from turnus.system.models import User

__all__ = ["CannotEstimate", "estimate_reading"]


class CannotEstimate(ValueError):
    """There is no earlier reading, or nothing to estimate from."""


@transaction.atomic
def estimate_reading(
    *, client_id: int, contract_id: int, day: date, user: User | None, at: datetime
) -> Estimation:
    """Store an estimated reading for 00:00 of `day` from the last one, the last bill or the annual forecast.

    Raises: CannotEstimate.
    """
    (row,) = contract_rows(client_id=client_id, contract_ids=[contract_id])
    records = readings_for(
        client_id=client_id, market_location_ids=[row.location_id], start=row.supply_start, end=day
    ).get(row.location_id, [])
    if not records or records[-1].date >= day:
        raise CannotEstimate(
            f"Vor dem {day:%d.%m.%Y} gibt es keinen Stand, von dem aus geschätzt werden kann."
        )
    last = records[-1]
    before = billed_before(client_id=client_id, contract_ids=[contract_id]).get(contract_id)
    if before is not None and before.kwh > 0:
        basis = EstimateBasis(before.kwh, Period(before.start, before.end), "Vorperiode")
    elif row.forecast_kwh:
        basis = EstimateBasis(Decimal(row.forecast_kwh), year_from(last.date), "Jahresverbrauchsprognose")
    else:
        raise CannotEstimate("Es gibt weder Vorverbrauch noch Jahresverbrauchsprognose.")
    split = Split(settings_of(client_id=client_id)["split"])
    period = Period(last.date, day)
    result = estimate(Commodity(row.commodity), basis, period, split, row.profile or None, row.state or None)
    register = Register.objects.get(pk=last.register_id)
    advance = _register_units(client_id, row.location_id, row.commodity, result, period) / last.factor
    value = (last.value + half_up(advance, register.decimals)) % (Decimal(10) ** last.digits)
    reading = NewReading(
        register_id=last.register_id,
        date=day,
        value=value,
        origin="estimate",
        quality="estimate",
        original_id=None,
    )
    store_readings(client_id=client_id, readings=[reading], user=user, at=at)
    audit.record(
        client_id=client_id,
        at=at,
        user=user,
        action="reading_estimated",
        object_kind="contracts.supplycontract",
        object_id=contract_id,
        text=f"Stand {value} zum {day:%d.%m.%Y}: {result.text}",
    )
    return result


def _register_units(
    client_id: int, location_id: int, commodity: str, result: Estimation, period: Period
) -> Decimal:
    """kWh for electricity; for gas the volume that gives them."""
    if commodity != "gas":
        return result.kwh
    found = gas_quality_for(
        client_id=client_id, market_location_ids=[location_id], start=period.start, end=period.end
    ).get(location_id)
    if not found:
        raise CannotEstimate("Ohne Brennwert und Zustandszahl lässt sich kein Gasstand schätzen.")
    return result.kwh / (found[-1].conversion_factor * found[-1].calorific_value)
