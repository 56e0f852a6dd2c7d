"""What an MSCONS message says, as frozen records. Both roads (exact and fast) yield the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum

from turnus.edifact.findings import Finding, has_error


class Status(IntEnum):
    """Quality of one value, as kept in the status byte of an interval day."""

    MISSING = 0
    TRUE = 1
    SUBSTITUTE = 2
    PROVISIONAL = 3
    PROPOSED = 4
    UNUSABLE = 5
    FORECAST = 6
    TOTAL = 7
    ABSENT = 8
    DELIVERY_NOTE = 9
    PRICE_CAP = 10


# QTY 6063 → status
QUALIFIERS = {
    "220": Status.TRUE,
    "67": Status.SUBSTITUTE,
    "Z18": Status.PROVISIONAL,
    "201": Status.PROPOSED,
    "20": Status.UNUSABLE,
    "187": Status.FORECAST,
    "79": Status.TOTAL,
    "Z30": Status.ABSENT,
    "Z31": Status.DELIVERY_NOTE,
    "Z47": Status.PRICE_CAP,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where and what was measured.

    location: market or metering location as written, empty if only a configuration is named.
    device: meter number (RFF+MG), configuration: configuration id (RFF+AGK).
    product: OBIS code or product code; kind: SRW for OBIS, Z02, Z08.
    """

    location: str
    device: str
    configuration: str
    product: str
    kind: str
    unit: str


@dataclass(frozen=True, slots=True)
class DayBlock:
    """One day of a load profile.

    minutes: length of an interval, 15 or 60. is_gas_day: the day runs from 06:00 to 06:00.
    values: little-endian int32 per interval; quantity = value · 10^-scale. status: one `Status` byte each.
    present: intervals that the message names (status is not MISSING).
    """

    place: Place
    minutes: int
    is_gas_day: bool
    day: date
    scale: int
    values: bytes
    status: bytes
    present: int


@dataclass(frozen=True, slots=True)
class RegisterReading:
    """What a meter showed at an instant (UTC). segment: number of its QTY."""

    place: Place
    value: Decimal
    status: Status
    instant: datetime
    reasons: tuple[str, ...]
    segment: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity over a time (UTC, half-open): energy, peak, gas quality, allocation."""

    place: Place
    value: Decimal
    status: Status
    start: datetime
    end: datetime
    reasons: tuple[str, ...]
    segment: int


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a message delivers. `values` counts its QTY segments."""

    document_code: str
    days: tuple[DayBlock, ...] = ()
    readings: tuple[RegisterReading, ...] = ()
    amounts: tuple[Amount, ...] = ()
    cancels: str = ""
    requested_by: str = ""
    values: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A message of any type after reading and checking.

    offset, end: its bytes in the file. locations: as written, without repetition.
    content: what it delivers, None if it is no MSCONS or too damaged to understand.
    """

    reference: str
    type: str
    version: str
    pid: str
    document_number: str
    document_at: datetime | None
    sender: str
    receiver: str
    locations: tuple[str, ...]
    offset: int
    end: int
    findings: tuple[Finding, ...]
    content: Content | None

    @property
    def ok(self) -> bool:
        return not has_error(self.findings)


def day_of(number: int) -> date:
    """The date `number` days after 1970-01-01."""
    return date.fromordinal(number + 719163)
