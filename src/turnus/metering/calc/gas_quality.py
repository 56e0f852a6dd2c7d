"""Gas quality over time: which delivery counts on which days, and both kinds together for billing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from turnus.metering.calc.versions import rank

__all__ = ["Both", "Delivery", "Piece", "join_kinds", "timeline"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A value for [start, end) as one document brought it."""

    start: date
    end: date
    value: Decimal
    quality: str
    document_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """Days [start, end) on which delivery number `source` counts."""

    start: date
    end: date
    source: int


@dataclass(frozen=True, slots=True)
class Both:
    """Conversion factor (no unit) and calorific value (kWh/m³) that hold together in [start, end)."""

    start: date
    end: date
    conversion_factor: Decimal
    calorific_value: Decimal


def timeline(deliveries: Sequence[Delivery]) -> list[Piece]:
    """Day by day the best quality, then the later document, then the later arrival; as pieces by date.

    Days that no delivery covers are in no piece. The result depends on the set of deliveries only (as long as
    no two of one quality bear the same instant).
    """
    bounds = sorted({d for one in deliveries for d in (one.start, one.end)})
    pieces: list[Piece] = []
    for start, end in itertools.pairwise(bounds):
        covering = [i for i, d in enumerate(deliveries) if d.start <= start and end <= d.end]
        if not covering:
            continue
        source = max(
            covering, key=lambda i: (rank(deliveries[i].quality, "grid", deliveries[i].document_at), i)
        )
        if pieces and pieces[-1].source == source and pieces[-1].end == start:
            pieces[-1] = Piece(pieces[-1].start, end, source)
        else:
            pieces.append(Piece(start, end, source))
    return pieces


def join_kinds(
    factors: Iterable[tuple[date, date, Decimal]], calorific: Iterable[tuple[date, date, Decimal]]
) -> list[Both]:
    """Periods in which both are known, by date; each input is [start, end, value), without overlaps."""
    values = sorted(calorific)
    found = []
    for start, end, factor in sorted(factors):
        for from_, to, value in values:
            if from_ < end and start < to:
                found.append(Both(max(start, from_), min(end, to), factor, value))
    return found
