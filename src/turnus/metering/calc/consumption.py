"""Consumption between readings, and its distribution over calendar months by days.

For pictures only: a bill splits by load profile (billing), a picture must not pretend to that.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.lib.period import Period
from turnus.lib.quantity import register_difference
from turnus.lib.rounding import distribute

__all__ = ["Advance", "RegisterPoint", "advances", "by_month"]

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RegisterPoint:
    """A valid reading with what turns counts into kWh or m³."""

    register_id: int
    day: date
    value: Decimal
    digits: int
    factor: Decimal
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Advance:
    """What a register advanced in a period, transformer factor included (kWh or m³)."""

    register_id: int
    period: Period
    amount: Decimal
    is_estimated: bool


def advances(points: Iterable[RegisterPoint]) -> list[Advance]:
    """Between each two neighbouring readings of a register; by end, then register.

    A register that falls is taken as having passed zero: only believable readings come here.
    """
    by_register: defaultdict[int, list[RegisterPoint]] = defaultdict(list)
    for point in points:
        by_register[point.register_id].append(point)
    found = []
    for register_id, own in by_register.items():
        own.sort(key=lambda p: p.day)
        for opening, closing in itertools.pairwise(own):
            advance = register_difference(opening.value, closing.value, closing.digits)
            if advance is None or closing.day <= opening.day:
                continue
            estimated = opening.is_estimated or closing.is_estimated
            period = Period(opening.day, closing.day)
            found.append(Advance(register_id, period, advance * closing.factor, estimated))
    return sorted(found, key=lambda a: (a.period.end, a.register_id))


def by_month(advances: Sequence[Advance], *, places: int = 1) -> dict[Month, Decimal]:
    """Sums per calendar month (year, month): each advance by days, its parts summing to the whole."""
    sums: defaultdict[Month, Decimal] = defaultdict(Decimal)
    for one in advances:
        parts = one.period.split_at(*_months(one.period))
        amounts = distribute(one.amount, [Decimal(p.days) for p in parts], places)
        for part, amount in zip(parts, amounts, strict=True):
            sums[part.start.year, part.start.month] += amount
    return dict(sorted(sums.items()))


def _months(period: Period) -> list[date]:
    """First days of months inside the period."""
    first = period.start.year * 12 + period.start.month
    last = period.last.year * 12 + period.last.month
    return [date((m - 1) // 12, (m - 1) % 12 + 1, 1) for m in range(first + 1, last + 1)]
