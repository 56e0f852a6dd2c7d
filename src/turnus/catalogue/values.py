"""Numbers and times as they stand on the wire."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from turnus.lib import market_time

_NUMBER = re.compile(r"(-?)([0-9]{1,15})(?:([.,])([0-9]{1,9}))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Number = tuple[int, int]
_INSTANT_DIGITS = {"102": 8, "203": 12, "303": 12, "304": 14}


def parse_number(text: str, mark: str) -> tuple[Number, bool] | None:
    """Read „1234,567“ as ((1234567, 3), right_mark): digits without mark, number of decimals as written.

    right_mark is False if the number uses the mark that UNA does not announce. None if it is no number.
    """
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    sign, whole, used, part = found.groups()
    mantissa = int(whole + (part or ""))
    return (-mantissa if sign else mantissa, len(part or "")), used in (None, mark)


@lru_cache(maxsize=8192)
def parse_instant(text: str, form: str) -> datetime | None:
    """Read a DTM value as an instant in UTC; None if it is not one.

    Forms: 303 CCYYMMDDHHMMZZZ, 304 with seconds, 203 CCYYMMDDHHMM and 102 CCYYMMDD (both Berlin wall time).
    """
    digits = _INSTANT_DIGITS.get(form)
    if digits is None or not text.isascii() or not text[:digits].isdecimal():
        return None
    try:
        parts = [int(text[:4]), *(int(text[at : at + 2]) for at in range(4, digits, 2))]
        if form in ("303", "304"):
            if len(text) != digits + 3 or text[digits] not in "+-" or not text[digits + 1 :].isdecimal():
                return None
            return datetime(*parts, tzinfo=UTC) - timedelta(hours=int(text[digits:]))  # type: ignore[arg-type,misc]
        if len(text) != digits:
            return None
        return market_time.to_utc(datetime(*parts))  # type: ignore[arg-type]  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None


def parse_day(text: str) -> date | None:
    """Read CCYYMMDD."""
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def parse_month(text: str) -> date | None:
    """Read CCYYMM as the first day of the month."""
    return parse_day(text + "01") if len(text) == 6 else None


def is_valid_date(text: str, form: str) -> bool:
    """Whether a DTM value fits its format code; formats the catalogue does not know are let through."""
    if form in ("102",):
        return parse_day(text) is not None
    if form == "610":
        return parse_month(text) is not None
    if form in ("203", "303", "304"):
        return parse_instant(text, form) is not None
    return bool(text)


def minutes(instant: datetime) -> int:
    """Whole minutes since 1970-01-01 00:00 UTC."""
    return (instant - _EPOCH) // MINUTE


def from_minutes(value: int) -> datetime:
    """The instant `value` minutes after 1970-01-01 00:00 UTC."""
    return _EPOCH + value * MINUTE
