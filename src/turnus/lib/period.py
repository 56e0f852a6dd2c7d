"""Half-open periods of whole days, `[start, end)`.

People and market messages name the last day; everything that calculates uses the day after it, so that
neighbouring periods share a boundary and lengths simply subtract. Days here are market days (Europe/Berlin);
a day of 23 or 25 hours counts as one day. Gas days start at 06:00 and carry the date of their start.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Period", "days_in_year"]

_DAY = timedelta(days=1)


def days_in_year(day: date) -> int:
    """365 or 366, for the calendar year of `day`."""
    return 366 if calendar.isleap(day.year) else 365


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` up to but not including `end`. Raises ValueError when `end` <= `start`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"Zeitraum endet vor seinem Beginn: {self.start} bis {self.end - _DAY}")

    @classmethod
    def inclusive(cls, first: date, last: date) -> Period:
        """Period from the first to the last day, both included."""
        return cls(first, last + _DAY)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """Last day that belongs to the period."""
        return self.end - _DAY

    def contains(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, other: Period) -> bool:
        return self.start < other.end and other.start < self.end

    def intersect(self, other: Period) -> Period | None:
        """The days both have in common, None if there is none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def split_at(self, *dates: date) -> list[Period]:
        """Parts between the given dates; dates outside, on the edge or repeated change nothing."""
        inner = sorted({day for day in dates if self.start < day < self.end})
        bounds = [self.start, *inner, self.end]
        return [Period(a, b) for a, b in itertools.pairwise(bounds)]

    def each_day(self) -> Iterator[date]:
        for offset in range(self.days):
            yield self.start + timedelta(days=offset)

    def iso(self) -> str:
        """First and last day, both included: "2025-01-01/2025-12-31"."""
        return f"{self.start.isoformat()}/{self.last.isoformat()}"

    def german(self) -> str:
        """First and last day as printed on a bill: "01.01.2025–31.12.2025"."""
        return f"{self.start:%d.%m.%Y}–{self.last:%d.%m.%Y}"
