"""Rounding as invoices need it: commercial half-up, and parts that always add up to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["distribute", "half_up"]

_EXPONENTS = tuple(Decimal(1).scaleb(-places) for places in range(13))


def half_up(value: Decimal, places: int) -> Decimal:
    """`value` rounded commercially (half away from zero) to `places` (0 to 12) decimals.

    Half away from zero keeps a cancellation the exact mirror of its bill: -0.005 becomes -0.01.
    """
    return value.quantize(_EXPONENTS[places], rounding=ROUND_HALF_UP)


def distribute(total: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """Split `total` in proportion to `weights`; every part but the last is rounded to `places`.

    The last part takes the rest, so that the parts always add up to `total` exactly. If no weight is
    above zero the total is split in equal parts. Raises ValueError without weights or with a negative one.
    """
    if not weights:
        raise ValueError("Aufteilung ohne Gewichte ist nicht möglich")
    if any(weight < 0 for weight in weights):
        raise ValueError("Aufteilung mit negativem Gewicht ist nicht möglich")
    sum_of_weights = sum(weights, Decimal(0))
    if sum_of_weights == 0:
        weights = [Decimal(1)] * len(weights)
        sum_of_weights = Decimal(len(weights))
    parts = [half_up(total * weight / sum_of_weights, places) for weight in weights[:-1]]
    return [*parts, total - sum(parts, Decimal(0))]
