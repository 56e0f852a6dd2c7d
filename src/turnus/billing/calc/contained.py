"""Taxes and levies contained in the price, shown because § 40(3) EnWG demands it; they add nothing.

Consumption is divided at the days on which a levy changes by the same method as at a price change.
Amounts are net.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from turnus.billing.calc import shares
from turnus.billing.calc.records import BillInput, Co2Cost, Commodity, ContainedCharge, MeterInterval
from turnus.lib.money import round_money
from turnus.lib.period import Period
from turnus.lib.rounding import distribute, half_up
from turnus.products.calc.levies import LevyTable

__all__ = ["charges", "co2_cost"]

ZERO = Decimal(0)
CONCESSION = ("concession_fee", "Konzessionsabgabe")


def charges(
    bill: BillInput, metered: Sequence[MeterInterval], kwh: Decimal, levies: LevyTable
) -> tuple[ContainedCharge, ...]:
    """Levies above zero in the period, in the order of the table; `net` None if a rate is unpublished."""
    shown = []
    for levy in levies.contained(bill.commodity):
        rates = _rates(bill, metered, kwh, levies, levy.code)
        if any(rate is None for _, rate in rates):
            shown.append(ContainedCharge(levy.code, levy.title, (), None))
        elif any(rate for _, rate in rates):
            known = tuple((part, rate) for part, rate in rates if rate is not None)
            shown.append(ContainedCharge(levy.code, levy.title, known, _amount(known)))
    if bill.concession_ct is not None:
        known = ((kwh, bill.concession_ct),)
        shown.append(ContainedCharge(*CONCESSION, known, _amount(known)))
    return tuple(shown)


def co2_cost(
    bill: BillInput,
    metered: Sequence[MeterInterval],
    kwh: Decimal,
    levies: LevyTable,
    vat_percent: Decimal,
) -> Co2Cost | None:
    """Statement for gas (CO2KostAufG § 3); None for electricity and while a price is unpublished."""
    if bill.commodity is not Commodity.GAS:
        return None
    emissions = _rates(bill, metered, kwh, levies, "co2_factor_gross_calorific")
    prices = _rates(bill, metered, kwh, levies, "co2_price_gas")
    factor = levies.value("co2_factor_net_calorific", bill.period.last)
    if factor is None or any(rate is None for _, rate in [*emissions, *prices]):
        return None
    kg = sum((part * rate for part, rate in emissions if rate is not None), ZERO)
    net = _amount([(part, rate) for part, rate in prices if rate is not None])
    gross = round_money(net * (100 + vat_percent) / 100)
    return Co2Cost(half_up(kg, 1), net, gross, factor)


def _amount(rates: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    return round_money(sum((part * rate for part, rate in rates), ZERO) / 100)


def _rates(
    bill: BillInput, metered: Sequence[MeterInterval], kwh: Decimal, levies: LevyTable, code: str
) -> list[tuple[Decimal, Decimal | None]]:
    """Consumption of the bill under each rate of the levy; the last part takes the rest."""
    spans = levies.spans(code, bill.period)
    if len(spans) == 1:
        return [(kwh, spans[0][1])]
    energies = [_energy_in(bill, metered, span) for span, _ in spans]
    parts = distribute(kwh, energies, 0)
    return [(part, rate) for part, (_, rate) in zip(parts, spans, strict=True)]


def _energy_in(bill: BillInput, metered: Sequence[MeterInterval], span: Period) -> Decimal:
    total = ZERO
    for interval in metered:
        common = interval.period.intersect(span)
        if common == interval.period:
            total += interval.kwh
        elif common is not None:
            part, whole = shares.weights(bill, [common, interval.period])
            total += interval.kwh * part / whole
    return total
