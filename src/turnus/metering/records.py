"""What others hand to this room and what they get back. Everything is frozen.

Values come in the units of their table: readings in the unit of the register (kWh or m³, before any
transformer factor), interval values as integers with a decimal scale, calorific values in kWh/m³.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from turnus.catalogue.mscons.records import Status

__all__ = [
    "NewEnergyAmount",
    "NewGasQuality",
    "NewIntervalDay",
    "NewReading",
    "Outcome",
    "SeriesKey",
    "Status",
    "StoreResult",
    "Stored",
    "Withdrawal",
    "Withdrawn",
]


@dataclass(frozen=True, slots=True)
class NewReading:
    """What a register shows at 00:00 of `date`.

    quality: "true" | "substitute" | "provisional" | "estimate"; origin: "grid" | "customer" | "remote" |
    "estimate". `document_at`: when the sender made the document (MSCONS DTM+137); of two equally good values
    the later document counts. `confirmed`: the sender says it was checked (Z85 overflow, Z86, Z87), so an
    unusual amount alone does not block it.
    """

    register_id: int
    date: date
    value: Decimal
    origin: str
    quality: str
    original_id: int | None = None
    document_at: datetime | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """A load profile; `services.ensure_series` turns keys into ids. `minutes` is 15 or 60."""

    market_location_id: int
    metering_location_id: int | None
    obis_code: str
    unit: str = "kWh"
    minutes: int = 15
    is_gas_day: bool = False


@dataclass(frozen=True, slots=True)
class NewIntervalDay:
    """One market day (gas: gas day) of a series, already packed.

    values: little-endian int32, one per interval of the day (`lib.market_time`); the quantity is
    value · 10^-scale, scale at most 6. status: one `Status` byte per interval. A message that covers part of
    a day fills the rest with 0 and Status.MISSING; parts of several messages are put together here.
    """

    series_id: int
    day: date
    values: bytes
    status: bytes
    scale: int
    document_at: datetime
    original_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewGasQuality:
    """Calorific value (kWh/m³) or conversion factor in [start, end).

    kind: "calorific_value" | "conversion_factor".
    """

    market_location_id: int
    kind: str
    start: date
    end: date
    value: Decimal
    quality: str = "true"
    original_id: int | None = None
    document_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewEnergyAmount:
    """An amount between two instants (a peak: both the same); `kind` is an `EnergyAmount.Kind` value."""

    market_location_id: int
    metering_location_id: int | None
    kind: str
    obis_code: str
    starts_at: datetime
    ends_at: datetime
    value: Decimal
    unit: str
    quality: str = "true"
    original_id: int | None = None
    document_at: datetime | None = None


class Outcome(StrEnum):
    """What became of one value."""

    STORED = "stored"  # a new version, and it counts
    KEPT = "kept"  # a new version, but a better one goes on counting
    UNCHANGED = "unchanged"  # known already
    BLOCKED = "blocked"  # stored, does not count until a person decides; a case is open
    REFUSED = "refused"  # impossible, not stored; the caller tells the sender


@dataclass(frozen=True, slots=True)
class Stored:
    """Outcome of one input: its row (None: not stored, or stored as part of a set) and a German reason."""

    outcome: Outcome
    row_id: int | None = None
    version: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoreResult:
    """Outcomes in the order of the inputs, and the cases opened for blocked ones."""

    items: tuple[Stored, ...]
    case_ids: tuple[int, ...] = field(default=())

    def count(self, outcome: Outcome) -> int:
        """How many inputs ended so."""
        return sum(1 for item in self.items if item.outcome is outcome)

    @property
    def stored(self) -> int:
        """Inputs that are now in the database because of this call or an earlier one."""
        return len(self.items) - self.count(Outcome.REFUSED)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Everything one document delivered, because its sender takes the document back (MSCONS 13006).

    The values are given as they were taken in; their `original_id` tells which rows the document brought.
    """

    readings: tuple[NewReading, ...] = ()
    days: tuple[NewIntervalDay, ...] = ()
    gas_qualities: tuple[NewGasQuality, ...] = ()
    amounts: tuple[NewEnergyAmount, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of the values of a withdrawal.

    withdrawn: versions that count no more; already: had been withdrawn before; kept: another document brought
    or confirmed the same value; missing: what was looked for in vain (German); requested: new requests.
    """

    withdrawn: int = 0
    already: int = 0
    kept: int = 0
    missing: tuple[str, ...] = ()
    requested: int = 0
