"""Days of the German energy market: electricity days, gas days and their quarter-hours.

Electricity days run from 00:00 to 00:00 in Europe/Berlin, gas days from 06:00 to 06:00. The last Sunday of
March has 92 quarter-hours, the last Sunday of October 100. A gas day is named after the date on which it
begins, so it is the *Saturday's* gas day that loses or gains the hour.

Instants are timezone-aware datetimes; what comes out is always UTC unless the name says `local`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
QUARTER_HOUR = timedelta(minutes=15)
GAS_DAY_BEGINS = time(6)


def to_utc(local: datetime) -> datetime:
    """Read a naive datetime as Berlin wall time; `fold` chooses the second 02:xx in October."""
    if local.tzinfo is not None:
        raise ValueError("to_utc erwartet eine Ortszeit ohne Zeitzone")
    return local.replace(tzinfo=BERLIN).astimezone(UTC)


def to_local(instant: datetime) -> datetime:
    """Show an aware instant as Berlin wall time (still aware)."""
    if instant.tzinfo is None:
        raise ValueError("to_local erwartet einen Zeitpunkt mit Zeitzone")
    return instant.astimezone(BERLIN)


@lru_cache(maxsize=4096)
def day_start(day: date) -> datetime:
    """Instant at which the electricity day `day` begins."""
    return to_utc(datetime.combine(day, time()))


def day_end(day: date) -> datetime:
    """Instant at which the electricity day `day` ends (the start of the next one)."""
    return day_start(day + timedelta(days=1))


@lru_cache(maxsize=4096)
def gas_day_start(day: date) -> datetime:
    """Instant at which the gas day `day` begins, 06:00 Berlin wall time."""
    return to_utc(datetime.combine(day, GAS_DAY_BEGINS))


def gas_day_end(day: date) -> datetime:
    """Instant at which the gas day `day` ends."""
    return gas_day_start(day + timedelta(days=1))


def quarter_hours(day: date) -> int:
    """92, 96 or 100: the quarter-hours of the electricity day."""
    return (day_end(day) - day_start(day)) // QUARTER_HOUR


def hours(day: date) -> int:
    """23, 24 or 25: the hours of the electricity day."""
    return quarter_hours(day) // 4


def gas_hours(day: date) -> int:
    """23, 24 or 25: the hours of the gas day."""
    return (gas_day_end(day) - gas_day_start(day)) // timedelta(hours=1)


def market_day(instant: datetime) -> date:
    """The electricity day that contains the instant."""
    return to_local(instant).date()


def gas_day(instant: datetime) -> date:
    """The gas day that contains the instant."""
    local = to_local(instant)
    return local.date() - timedelta(days=1) if local.time() < GAS_DAY_BEGINS else local.date()


def quarter_hour_start(day: date, index: int) -> datetime:
    """Instant at which quarter-hour `index` (0-based) of the electricity day begins.

    Raises ValueError when the day has no such quarter-hour.
    """
    if not 0 <= index < quarter_hours(day):
        raise ValueError(f"{day.isoformat()} hat {quarter_hours(day)} Viertelstunden, nicht {index + 1}")
    return day_start(day) + index * QUARTER_HOUR


def quarter_hour_index(instant: datetime) -> int:
    """0-based quarter-hour of its electricity day in which the instant lies."""
    return (instant - day_start(market_day(instant))) // QUARTER_HOUR


def reading_date(instant: datetime) -> date | None:
    """The date for whose 00:00 the instant stands, or None if it is not local midnight.

    Meter readings belong to the instant 00:00 of a date; grid operators send it as 22:00 or 23:00 UTC.
    """
    local = to_local(instant)
    return local.date() if local.time() == time() else None
