"""The billing engine: frozen records in, a bill with its working out. No database, no clock, no float.

Order of the calculation (page `docs/algorithms/billing.md`, with the worked numbers the tests repeat):
readings → metered intervals → energy → one cell per price period and VAT rate → kWh per cell, rounded once →
money per line, rounded once → VAT once per rate → instalments and balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from turnus.billing.calc import contained, intervals, shares
from turnus.billing.calc.checks import check
from turnus.billing.calc.records import (
    BaseWorking,
    Bill,
    BillInput,
    BillRefused,
    BonusWorking,
    EnergyWorking,
    InstalmentReceived,
    Line,
    LineKind,
    MeterInterval,
    Portion,
    Price,
    VatModel,
    VatSum,
    YearDays,
)
from turnus.lib.money import round_money
from turnus.lib.period import Period, days_in_year
from turnus.lib.quantity import round_kwh
from turnus.products.calc.levies import LevyTable, published_levies

__all__ = ["base_years", "calculate", "net_of_gross"]

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Cell:
    """Days with one price and one VAT rate: one energy line and one base price line of the bill."""

    period: Period
    price: Price
    price_period: Period
    vat_percent: Decimal


def calculate(bill: BillInput, levies: LevyTable | None = None) -> Bill:
    """The bill of `bill`. Raises BillRefused with every finding if something is missing or contradictory."""
    findings = check(bill)
    if findings:
        raise BillRefused(findings)
    pairs = intervals.reading_pairs(bill)
    metered = [intervals.with_energy(bill, interval) for interval in intervals.intervals(pairs)]
    cells = _cells(bill)
    lines = _energy_lines(bill, cells, metered)
    lines += [_base_line(cell) for cell in cells]
    if bill.bonus_gross:
        lines.append(_bonus_line(bill, cells[-1].vat_percent))
    return _sum_up(bill, lines, metered, levies or published_levies())


def net_of_gross(gross: Decimal, vat_percent: Decimal) -> Decimal:
    """Net amount contained in a gross amount, rounded to the cent."""
    return round_money(gross * HUNDRED / (HUNDRED + vat_percent))


def _cells(bill: BillInput) -> list[Cell]:
    prices = [(price, common) for price in bill.prices if (common := bill.period.intersect(price.period))]
    prices.sort(key=lambda pair: pair[1])
    rates = [(rate, common) for rate in bill.vat if (common := bill.period.intersect(rate.period))]
    rates.sort(key=lambda pair: pair[1])
    if bill.vat_model is VatModel.STICHTAG:
        percent = rates[-1][0].percent
        return [Cell(common, price, common, percent) for price, common in prices]
    return [
        Cell(part, price, price_period, rate.percent)
        for price, price_period in prices
        for rate, vat_period in rates
        if (part := price_period.intersect(vat_period)) is not None
    ]


def _energy_lines(bill: BillInput, cells: list[Cell], metered: list[MeterInterval]) -> list[Line]:
    portions = _portions(bill, cells, metered)
    lines: list[Line] = []
    for group in _connected(cells, metered):
        rest = round_kwh(sum((p.kwh for n in group for p in portions[n]), ZERO))
        for n in group:
            exact = sum((portion.kwh for portion in portions[n]), ZERO)
            takes_rest = len(group) > 1 and n == group[-1]
            kwh = rest if n == group[-1] else min(round_kwh(exact), rest)
            rest -= kwh
            working = EnergyWorking(tuple(portions[n]), exact, takes_rest)
            lines.append(_energy_line(cells[n], kwh, working))
    return lines


def _energy_line(cell: Cell, kwh: Decimal, working: EnergyWorking) -> Line:
    price = cell.price.energy_ct
    net = round_money(kwh * price / HUNDRED)
    return Line(LineKind.ENERGY, cell.period, kwh, price, net, cell.vat_percent, working)


def _portions(bill: BillInput, cells: list[Cell], metered: list[MeterInterval]) -> list[list[Portion]]:
    """What every interval adds to each cell. A price change divides by the method, VAT by days."""
    result: list[list[Portion]] = [[] for _ in cells]
    method = shares.method_of(bill).value
    for interval in metered:
        touched = [
            (n, part)
            for n, cell in enumerate(cells)
            if (part := cell.period.intersect(interval.period)) is not None
        ]
        if len(touched) == 1:
            n, part = touched[0]
            result[n].append(Portion(interval, part, "measured", Decimal(1), interval.kwh))
            continue
        price_parts = _price_parts(cells, interval)
        by_price = dict(zip(price_parts, shares.weights(bill, price_parts), strict=True))
        whole = sum(by_price.values(), ZERO)
        for n, part in touched:
            price_part = cells[n].price_period.intersect(interval.period)
            if price_part is None:
                continue
            numerator = by_price[price_part] * part.days
            denominator = whole * price_part.days
            used = "days" if len(price_parts) == 1 else method
            kwh = interval.kwh * numerator / denominator
            profile = (bill.profile or "") if used == "slp" else ""
            result[n].append(Portion(interval, part, used, numerator / denominator, kwh, profile))
    return result


def _price_parts(cells: list[Cell], interval: MeterInterval) -> list[Period]:
    """The interval cut at price changes, each part once even if VAT cuts it further."""
    parts = (cell.price_period.intersect(interval.period) for cell in cells)
    return list(dict.fromkeys(part for part in parts if part is not None))


def _connected(cells: list[Cell], metered: list[MeterInterval]) -> list[list[int]]:
    """Runs of neighbouring cells joined by an interval that spans their border.

    Where a reading was taken on the day of the change nothing is split, and each side is rounded for itself.
    """
    groups = [[0]]
    for n in range(1, len(cells)):
        border = cells[n].period.start
        if any(interval.period.start < border < interval.period.end for interval in metered):
            groups[-1].append(n)
        else:
            groups.append([n])
    return groups


def base_years(period: Period) -> list[YearDays]:
    """Days of the period per calendar year, because each year has its own daily rate."""
    years = []
    for year in range(period.start.year, period.last.year + 1):
        first = period.start.replace(year=year, month=1, day=1)
        common = period.intersect(Period(first, first.replace(year=year + 1)))
        if common is not None:
            years.append(YearDays(year, common.days, days_in_year(first)))
    return years


def _base_line(cell: Cell) -> Line:
    """Annual price × days ÷ days of the calendar year of those days, summed over the years, rounded once."""
    years = base_years(cell.period)
    # One division at the end: 1/365 + 1/366 would each be cut off and could turn a tie.
    common = 365 * 366
    units = sum(year.days * (common // year.days_in_year) for year in years)
    net = round_money(cell.price.base_eur * units / common)
    working = BaseWorking(tuple(years))
    return Line(LineKind.BASE, cell.period, None, cell.price.base_eur, net, cell.vat_percent, working)


def _bonus_line(bill: BillInput, vat_percent: Decimal) -> Line:
    """A promised gross bonus as a deduction of its own, taxed with the rate of the last day."""
    net = net_of_gross(bill.bonus_gross, vat_percent)
    working = BonusWorking(bill.bonus_gross, bill.bonus_gross - net)
    return Line(LineKind.BONUS, bill.period, None, None, -net, vat_percent, working)


def _sum_up(bill: BillInput, lines: list[Line], metered: list[MeterInterval], levies: LevyTable) -> Bill:
    nets: dict[Decimal, Decimal] = {}
    for line in lines:
        nets[line.vat_percent] = nets.get(line.vat_percent, ZERO) + line.net
    vat = tuple(VatSum(rate, net, round_money(net * rate / HUNDRED)) for rate, net in nets.items())
    net = sum((entry.net for entry in vat), ZERO)
    gross = net + sum((entry.vat for entry in vat), ZERO)
    received = sum((instalment.gross for instalment in bill.instalments), ZERO)
    kwh = sum((line.kwh for line in lines if line.kwh is not None), ZERO)
    shown = contained.charges(bill, metered, kwh, levies)
    return Bill(
        lines=tuple(lines),
        kwh=kwh,
        net=net,
        vat=vat,
        gross=gross,
        instalments=received,
        instalments_vat=instalment_vat(bill.instalments),
        balance=gross - received,
        intervals=tuple(metered),
        contained=shown,
        co2=contained.co2_cost(bill, metered, kwh, levies, vat[-1].percent),
        estimated=any(interval.estimated for interval in metered),
    )


def instalment_vat(instalments: tuple[InstalmentReceived, ...]) -> tuple[VatSum, ...]:
    """Net and VAT of the instalments received, by rate; each was taxed by itself, so each is split alone.

    Source: UStG § 13(1) no. 1a sentence 4 (taxed when received), § 14(5) (shown on the final bill).
    """
    sums: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for instalment in instalments:
        rate = instalment.vat_percent
        part = net_of_gross(instalment.gross, rate)
        net, vat = sums.get(rate, (ZERO, ZERO))
        sums[rate] = (net + part, vat + instalment.gross - part)
    return tuple(VatSum(rate, net, vat) for rate, (net, vat) in sums.items())
