"""Interval days: do values fit the day, what do several deliveries of a day give together, what is missing.

Values are int32 arrays with a decimal scale; nothing here becomes a floating-point number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from turnus.lib.market_time import gas_hours, hours
from turnus.metering.records import Status

__all__ = [
    "Delivery",
    "Gap",
    "Sums",
    "Together",
    "expected_count",
    "find_gaps",
    "put_together",
    "sums",
    "why_refused",
]

MAX_SCALE = 6
_MAX_INT32 = 2**31 - 1

# Rank of a status: the same order as for readings; 0 is no value at all.
_RANKS = {
    0: (Status.MISSING, Status.UNUSABLE, Status.ABSENT),
    1: (Status.PROPOSED, Status.FORECAST),
    2: (Status.PROVISIONAL,),
    3: (Status.SUBSTITUTE,),
    4: (Status.TRUE, Status.TOTAL, Status.DELIVERY_NOTE, Status.PRICE_CAP),
}
_RANK = np.zeros(256, dtype=np.int8)
for _rank, _members in _RANKS.items():
    _RANK[list(_members)] = _rank


@dataclass(frozen=True, slots=True)
class Delivery:
    """A day as one document brought it."""

    values: bytes
    status: bytes
    scale: int
    document_at: datetime


@dataclass(frozen=True, slots=True)
class Together:
    """What counts of several deliveries. `winners[i]` is the delivery interval i was taken from, -1: none.

    `only`: the delivery that alone makes the day exactly as it came, None if it took several.
    """

    values: bytes
    status: bytes
    scale: int
    document_at: datetime
    winners: tuple[int, ...]
    only: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Days [start, end) of a series without values, or one day with `missing` intervals."""

    start: date
    end: date
    missing: int


@lru_cache(maxsize=8192)
def expected_count(day: date, minutes: int, is_gas_day: bool) -> int:
    """Intervals of the day: 92, 96, 100 quarter-hours or 23, 24, 25 hours."""
    return (gas_hours(day) if is_gas_day else hours(day)) * (60 // minutes)


def why_refused(values: bytes, status: bytes, scale: int, day: date, minutes: int, is_gas_day: bool) -> str:
    """The reason (German) why a packed day cannot be stored, "" if it can."""
    count = expected_count(day, minutes, is_gas_day)
    if len(values) != 4 * count:
        kind = "Gastag" if is_gas_day else "Tag"
        return (
            f"{len(values) // 4} Werte für den {kind} {day:%d.%m.%Y}; "
            f"dieser {kind} hat {count} Intervalle zu {minutes} Minuten."
        )
    if len(status) != count:
        return f"{len(status)} Statusangaben zu {count} Werten am {day:%d.%m.%Y}."
    if not 0 <= scale <= MAX_SCALE:
        return f"Werte mit {scale} Nachkommastellen am {day:%d.%m.%Y}; möglich sind 0 bis {MAX_SCALE}."
    return ""


def put_together(deliveries: Sequence[Delivery]) -> Together:
    """Interval by interval the best status, then the later document, then the later arrival.

    Raises ValueError if the values do not fit into 32 bits at the finest of the scales.
    """
    order = sorted(range(len(deliveries)), key=lambda i: (deliveries[i].document_at, i))
    scale = max(d.scale for d in deliveries)
    count = len(deliveries[0].status)
    values: npt.NDArray[np.int64] = np.zeros(count, dtype=np.int64)
    status: npt.NDArray[np.uint8] = np.zeros(count, dtype=np.uint8)
    winners: npt.NDArray[np.int64] = np.full(count, -1, dtype=np.int64)
    for index in order:
        one = deliveries[index]
        its_status = np.frombuffer(one.status, dtype=np.uint8)
        wins = (_RANK[its_status] >= _RANK[status]) & (its_status != Status.MISSING)
        its_values = np.frombuffer(one.values, dtype="<i4").astype(np.int64) * 10 ** (scale - one.scale)
        values[wins], status[wins], winners[wins] = its_values[wins], its_status[wins], index
    if np.abs(values).max(initial=0) > _MAX_INT32:
        raise ValueError(f"Werte passen mit {scale} Nachkommastellen nicht in 32 Bit.")
    packed, marks = values.astype("<i4").tobytes(), status.tobytes()
    only = next(
        (i for i in reversed(order) if _same(deliveries[i], packed, marks, scale)), None
    )  # fmt: skip
    return Together(
        packed, marks, scale, max(d.document_at for d in deliveries), tuple(winners.tolist()), only
    )


def _same(one: Delivery, values: bytes, status: bytes, scale: int) -> bool:
    return one.scale == scale and one.values == values and one.status == status


@dataclass(frozen=True, slots=True)
class Sums:
    """Per day (row of the input): Σ of usable values, number of unusable ones, number that are not true."""

    totals: npt.NDArray[np.int64]
    missing: npt.NDArray[np.int64]
    substitutes: npt.NDArray[np.int64]


def sums(values: npt.NDArray[np.int32], status: npt.NDArray[np.uint8]) -> Sums:
    """Sums of many days of equal length at once; both arrays have the shape (days, intervals)."""
    if (status == Status.TRUE).all():
        nothing = np.zeros(len(values), dtype=np.int64)
        return Sums(values.sum(axis=1, dtype=np.int64), nothing, nothing)
    ranks = _RANK[status]
    usable = ranks > 0
    totals = np.where(usable, values, 0).sum(axis=1, dtype=np.int64)
    return Sums(totals, (~usable).sum(axis=1), (usable & (ranks < _RANK[Status.TRUE])).sum(axis=1))


def find_gaps(days: Iterable[tuple[date, int]], first: date, end: date) -> list[Gap]:
    """Days of [first, end) without a row, run by run, and days whose row misses intervals, by date.

    `days`: (day, missing intervals) of the current rows.
    """
    found: list[Gap] = []
    next_day = first
    for day, missing in sorted(d for d in days if first <= d[0] < end):
        if day > next_day:
            found.append(Gap(next_day, day, 0))
        if missing:
            found.append(Gap(day, day + timedelta(days=1), missing))
        next_day = day + timedelta(days=1)
    if next_day < end:
        found.append(Gap(next_day, end, 0))
    return found
