"""From readings to metered intervals: pairs of readings, register overflow, factor, gas volume to energy."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import groupby, pairwise

from turnus.billing.calc import shares
from turnus.billing.calc.records import BillInput, Commodity, GasQuality, GasRun, MeterInterval, Reading
from turnus.lib.period import Period
from turnus.lib.quantity import gas_energy, register_difference
from turnus.lib.rounding import distribute, half_up

__all__ = ["factor_of", "intervals", "reading_pairs", "with_energy"]

ONE = Decimal(1)
ESTIMATES = frozenset(("estimate", "substitute"))


def reading_pairs(bill: BillInput) -> list[tuple[Reading, Reading]]:
    """Consecutive readings of each meter that lie inside the period, in order of time.

    Readings outside the period are left out: they belong to other bills. Repeated readings count once.
    """
    inside = [r for r in bill.readings if bill.period.start <= r.day <= bill.period.end]
    inside.sort(key=lambda reading: (reading.meter, reading.day))
    pairs = [
        (opening, closing)
        for _, readings in groupby(inside, key=lambda reading: reading.meter)
        for opening, closing in pairwise(readings)
        if opening.day < closing.day
    ]
    pairs.sort(key=lambda pair: (pair[0].day, pair[1].day))
    return pairs


def factor_of(opening: Reading, closing: Reading) -> Decimal:
    """Transformer factor of the pair; named at one of the two readings is enough, 1 if at none."""
    return closing.factor or opening.factor or ONE


def intervals(pairs: list[tuple[Reading, Reading]]) -> list[MeterInterval]:
    """Metered quantities of checked pairs. Quantities are not rounded: a line is rounded once, at its end."""
    return [_interval(opening, closing) for opening, closing in pairs]


def _interval(opening: Reading, closing: Reading) -> MeterInterval:
    digits = closing.digits if closing.digits is not None else opening.digits
    difference = register_difference(opening.value, closing.value, digits)
    if difference is None:
        raise ValueError(f"Zähler {opening.meter} läuft rückwärts: {opening.value} → {closing.value}")
    factor = factor_of(opening, closing)
    quantity = difference * factor
    return MeterInterval(
        meter=opening.meter,
        period=Period(opening.day, closing.day),
        opening=opening.value,
        closing=closing.value,
        difference=difference,
        overflow=closing.value < opening.value,
        factor=factor,
        quantity=quantity,
        kwh=quantity,
        estimated=opening.origin in ESTIMATES or closing.origin in ESTIMATES,
    )


def with_energy(bill: BillInput, interval: MeterInterval) -> MeterInterval:
    """The interval with its energy: for gas E = V × z × H_s (DVGW G 685), for electricity unchanged.

    Where the calorific value changes between two readings, the billing value is the mean of its values
    weighted with the quantity of their days (3 decimals); where the conversion factor changes, the volume
    is split.
    """
    if bill.commodity is not Commodity.GAS:
        return interval
    parts = _quality_parts(bill.gas, interval.period)
    runs = [list(run) for _, run in groupby(parts, key=lambda part: part.conversion_factor)]
    part_weights = dict(
        zip([part.period for part in parts], shares.weights(bill, [p.period for p in parts]), strict=True)
        if len(parts) > 1
        else [(parts[0].period, ONE)]
    )
    run_weights = [sum((part_weights[p.period] for p in run), Decimal(0)) for run in runs]
    volumes = distribute(interval.quantity, run_weights, 3)
    gas = tuple(
        _gas_run(run, part_weights, weight, volume)
        for run, weight, volume in zip(runs, run_weights, volumes, strict=True)
    )
    return replace(interval, gas=gas, kwh=sum((run.kwh for run in gas), Decimal(0)))


def _quality_parts(gas: tuple[GasQuality, ...], period: Period) -> list[GasQuality]:
    """Qualities clipped to the period, rounded to the decimals in which they are agreed."""
    clipped = [(quality, period.intersect(quality.period)) for quality in gas]
    parts = [
        GasQuality(common, half_up(quality.conversion_factor, 4), half_up(quality.calorific_value, 3))
        for quality, common in clipped
        if common is not None
    ]
    return sorted(parts, key=lambda part: part.period)


def _gas_run(
    run: list[GasQuality], part_weights: dict[Period, Decimal], weight: Decimal, volume: Decimal
) -> GasRun:
    if len(run) == 1:
        mean = run[0].calorific_value
    else:
        weighted = sum((part.calorific_value * part_weights[part.period] for part in run), Decimal(0))
        mean = half_up(weighted / weight, 3)
    z = run[0].conversion_factor
    return GasRun(
        period=Period(run[0].period.start, run[-1].period.end),
        volume=volume,
        conversion_factor=z,
        calorific_value=mean,
        kwh=gas_energy(volume, z, mean),
    )
