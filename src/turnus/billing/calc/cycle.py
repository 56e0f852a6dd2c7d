"""When the next bill is due: reading cycle of the grid operator, end of supply, the reading used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from turnus.lib.period import Period

__all__ = ["Due", "closing_day", "next_due"]

# A reading of the cycle counts for the bill if it lies this close to the day the cycle ends.
BEFORE, AFTER = timedelta(days=42), timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Due:
    """A bill from `start` up to (not including) `target`; `is_final` when supply ends there."""

    start: date
    target: date
    is_final: bool

    @property
    def period(self) -> Period:
        """The days to be billed if the reading is taken on the target day."""
        return Period(self.start, self.target)


def next_due(
    supply_start: date,
    supply_end: date | None,
    billed_until: date | None,
    cycle_month: int | None,
    until: date,
) -> Due | None:
    """The bill due by `until` (last day that may be billed), or None.

    `supply_end` and `billed_until` are half-open ends. The cycle of month 12 ends on 1 January: the day
    after the month. Without a cycle the year counts from the start. A first bill may be short; a later one
    spans from cycle to cycle, so that a reading some days early does not make a bill of some days.
    """
    start = billed_until or supply_start
    if supply_end is not None and start >= supply_end:
        return None
    target = _cycle_end(start, cycle_month, is_first=billed_until is None)
    is_final = supply_end is not None and supply_end <= target
    if is_final and supply_end is not None:
        target = supply_end
    return Due(start, target, is_final) if target <= until + timedelta(days=1) else None


def closing_day(due: Due, reading_days: Sequence[date], until: date) -> date:
    """Day whose 00:00 closes the bill: the reading next to the target, for a final bill the end of supply.

    The period ends at the reading date the grid operator used: among the readings near the target the nearest
    one, the later of two equally near. Without any the target itself stands, and its reading is missing.
    """
    if due.is_final:
        return due.target
    near = [
        day
        for day in reading_days
        if due.target - BEFORE <= day <= due.target + AFTER and due.start < day <= until + timedelta(days=1)
    ]
    return min(near, key=lambda day: (abs(day - due.target), -day.toordinal()), default=due.target)


def _cycle_end(start: date, month: int | None, *, is_first: bool) -> date:
    if month is None:
        return date(start.year + 1, start.month, min(start.day, 28))
    earliest = start + (timedelta(days=1) if is_first else BEFORE + AFTER)
    for year in (start.year, start.year + 1, start.year + 2):
        end = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
        if end >= earliest:
            return end
    raise ValueError(f"Ablesemonat {month} gibt es nicht")
