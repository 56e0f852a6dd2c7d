"""The calculated bill in the words of the printed page (`documents.calc.bill`). Pure translation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from turnus.billing.calc.records import (
    BaseWorking,
    Bill,
    BillInput,
    BonusWorking,
    EnergyWorking,
    Line,
    LineKind,
    MeterInterval,
    Portion,
)
from turnus.documents.calc import bill as page
from turnus.lib.money import round_money

__all__ = ["charge_lines", "contained_charges", "instalment_entries", "measured"]

LABELS = {LineKind.ENERGY: "Arbeitspreis", LineKind.BASE: "Grundpreis", LineKind.BONUS: "Bonus"}
KINDS = {kind: page.ChargeKind(kind.value) for kind in LineKind}
METHODS = {method.value: method for method in page.SplitMethod}
ORIGINS = {origin.value: origin for origin in page.ReadingOrigin}


def measured(given: BillInput, result: Bill) -> tuple[page.MeasuredInterval, ...]:
    """Readings with their origin; an unknown origin counts as reported by the grid operator."""
    origins = {(r.meter, r.day): ORIGINS.get(r.origin, page.ReadingOrigin.GRID) for r in given.readings}
    digits = {r.meter: r.digits for r in given.readings if r.digits is not None}
    return tuple(
        page.MeasuredInterval(
            meter_number=i.meter,
            period=i.period,
            opening=page.Reading(i.opening, origins[i.meter, i.period.start]),
            closing=page.Reading(i.closing, origins[i.meter, i.period.end]),
            consumption=i.quantity,
            kwh=i.kwh,
            factor=i.factor,
            overflow_digits=digits.get(i.meter) if i.overflow else None,
            gas=_runs(i),
        )
        for i in result.intervals
    )


def _runs(interval: MeterInterval) -> tuple[page.GasRun, ...]:
    return tuple(
        page.GasRun(run.period, run.volume, run.conversion_factor, run.calorific_value, run.kwh)
        for run in interval.gas
    )


def charge_lines(result: Bill) -> tuple[page.ChargeLine, ...]:
    """The lines of the bill with labels, units and working."""
    return tuple(_line(line) for line in result.lines)


def _line(line: Line) -> page.ChargeLine:
    working = line.working
    if isinstance(working, EnergyWorking):
        quantity, unit, price_unit = line.kwh or Decimal(0), "kWh", "ct/kWh"
    elif isinstance(working, BaseWorking):
        quantity, unit, price_unit = Decimal(line.period.days), "Tage", "€/Jahr"
    else:
        quantity, unit, price_unit = Decimal(1), "", ""
    return page.ChargeLine(
        kind=KINDS[line.kind],
        label=LABELS[line.kind],
        period=line.period,
        quantity=quantity,
        unit=unit,
        unit_price=line.unit_price,
        price_unit=price_unit,
        net=line.net,
        vat_percent=line.vat_percent,
        portions=tuple(_portion(p) for p in working.portions) if isinstance(working, EnergyWorking) else (),
        day_shares=tuple(page.DayShare(y.days, y.days_in_year) for y in working.years)
        if isinstance(working, BaseWorking)
        else (),
        working=_bonus_text(working) if isinstance(working, BonusWorking) else "",
    )


def _portion(portion: Portion) -> page.EnergyPortion:
    return page.EnergyPortion(
        meter_number=portion.interval.meter,
        interval=portion.interval.period,
        period=portion.period,
        method=METHODS[portion.method],
        share=portion.share,
        kwh=portion.kwh,
    )


def _bonus_text(working: BonusWorking) -> str:
    return f"brutto {working.gross:.2f} €, darin Umsatzsteuer {working.vat:.2f} €".replace(".", ",")


def instalment_entries(given: BillInput, result: Bill) -> tuple[page.InstalmentReceived, ...]:
    """One entry per VAT rate, as § 14(5) UStG needs it."""
    counts: dict[Decimal, int] = {}
    for instalment in given.instalments:
        counts[instalment.vat_percent] = counts.get(instalment.vat_percent, 0) + 1
    return tuple(
        page.InstalmentReceived(
            None, v.net + v.vat, v.net, v.vat, v.percent, f"{counts[v.percent]} Abschläge"
        )
        for v in result.instalments_vat
    )


def contained_charges(
    given: BillInput, result: Bill, fees: Mapping[str, Any]
) -> tuple[page.ContainedCharge, ...]:
    """Taxes and levies of the bill, and grid and metering fees where the principal states them.

    `fees`: {"ct_per_kwh", "eur_per_year", "metering_eur_per_year"} as strings; missing ones are not shown.
    """
    charges = [page.ContainedCharge(c.code, c.title, c.rates, c.net) for c in result.contained]
    days = sum((Decimal(line.period.days) for line in result.lines if line.kind is LineKind.BASE), Decimal(0))
    years = days / 365
    if "ct_per_kwh" in fees:
        rate = Decimal(fees["ct_per_kwh"])
        yearly = Decimal(fees.get("eur_per_year", "0"))
        amount = round_money(result.kwh * rate / 100 + yearly * years)
        charges.append(page.ContainedCharge("grid_fee", "Netzentgelt", ((result.kwh, rate),), amount))
    if "metering_eur_per_year" in fees:
        amount = round_money(Decimal(fees["metering_eur_per_year"]) * years)
        charges.append(page.ContainedCharge("metering_fee", "Messstellenbetrieb", (), amount))
    return tuple(charges)
