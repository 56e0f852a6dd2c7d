"""Does the bill add up? Every figure a customer can check by hand is checked here first.

Findings are German sentences that name the figures; an empty list means that all sums are right. Money to the
cent; the VAT of a rate may be computed once on its net sum (half-up), nothing else is recomputed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from turnus.documents.calc.bill import (
    BillDocument,
    ChargeKind,
    ChargeLine,
    Commodity,
    GasRun,
    MeasuredInterval,
)
from turnus.lib.money import format_eur, round_money
from turnus.lib.quantity import format_kwh, register_difference, round_kwh

__all__ = ["inconsistencies"]

_ZERO = Decimal("0.00")


def inconsistencies(bill: BillDocument) -> list[str]:
    """All contradictions between figures of the bill, in the order of the page."""
    return [*_measured(bill), *_lines(bill), *_totals(bill), *_instalments(bill)]


def _measured(bill: BillDocument) -> Iterator[str]:
    for interval in bill.intervals:
        yield from _interval(bill, interval)
    # Registers of a cancellation are printed as they were read; only amounts and billed kWh are reversed.
    measured = round_kwh(sum((i.kwh for i in bill.intervals), Decimal(0)))
    if abs(measured) != abs(bill.kwh):
        yield f"Messwerte ergeben {format_kwh(measured)}, abgerechnet sind {format_kwh(bill.kwh)}"


def _interval(bill: BillDocument, interval: MeasuredInterval) -> Iterator[str]:
    name = f"Zähler {interval.meter_number}"
    advance = register_difference(interval.opening.value, interval.closing.value, interval.overflow_digits)
    if advance is None:
        yield f"{name}: Endstand liegt unter dem Anfangsstand"
    elif advance * interval.factor != interval.consumption:
        yield f"{name}: Differenz {advance} × Faktor {interval.factor} ist nicht {interval.consumption}"
    if bill.commodity is Commodity.ELECTRICITY:
        if interval.kwh != interval.consumption:
            yield f"{name}: Verbrauch {interval.consumption} und Energie {interval.kwh} kWh sind verschieden"
        return
    volume = sum((run.volume for run in interval.gas), Decimal(0))
    if volume != interval.consumption:
        yield f"{name}: Teilvolumen ergeben {volume} m³, gemessen sind {interval.consumption} m³"
    for run in interval.gas:
        yield from _gas_run(name, run)
    if not _close(sum((run.kwh for run in interval.gas), Decimal(0)), interval.kwh):
        yield f"{name}: Teilmengen ergeben nicht {interval.kwh} kWh"


def _gas_run(name: str, run: GasRun) -> Iterator[str]:
    if run.conversion_factor is None or run.calorific_value is None:
        return  # item 27 of the checklist reports the missing factor
    expected = run.volume * run.conversion_factor * run.calorific_value
    if not _close(expected, run.kwh):
        yield f"{name} {run.period.german()}: V × z × H_s ergibt {expected} kWh, angegeben sind {run.kwh} kWh"


def _close(left: Decimal, right: Decimal) -> bool:
    """Equal up to the last digits a decimal context of 28 places may lose."""
    return abs(left - right) < Decimal("0.001")


def _lines(bill: BillDocument) -> Iterator[str]:
    for line in bill.lines:
        for fault in _line(line):
            yield f"{line.label} {line.period.german()}: {fault}"
    energy = sum((line.quantity for line in bill.lines if line.kind is ChargeKind.ENERGY), Decimal(0))
    if energy != bill.kwh:
        yield f"Arbeitspreiszeilen ergeben {format_kwh(energy)}, abgerechnet sind {format_kwh(bill.kwh)}"


def _line(line: ChargeLine) -> Iterator[str]:
    # The last part of a split takes the rest of the rounding, so it may be off by less than one.
    if line.portions:
        portions = sum((portion.kwh for portion in line.portions), Decimal(0))
        if abs(abs(portions) - abs(line.quantity)) >= 1:
            yield f"Teilmengen ergeben {portions} kWh, nicht {line.quantity} kWh"
    if line.kind is ChargeKind.ENERGY and line.unit_price is not None:
        expected = round_money(line.quantity * line.unit_price / 100)
        if expected != line.net:
            yield (
                f"{line.quantity} kWh × {line.unit_price} ct ergibt {format_eur(expected)}, "
                f"nicht {format_eur(line.net)}"
            )
    if line.day_shares and line.unit_price is not None:
        yearly = line.unit_price
        exact = sum((yearly * share.days / share.days_in_year for share in line.day_shares), Decimal(0))
        # Parts of a split are rounded so that they sum to the whole: up to one cent.
        if abs(round_money(exact) - abs(line.net)) > Decimal("0.01"):
            yield f"tagesgenau {format_eur(round_money(exact))}, nicht {format_eur(line.net)}"


def _totals(bill: BillDocument) -> Iterator[str]:
    rates = {line.vat_percent for line in bill.lines} | {total.percent for total in bill.vat_totals}
    for percent in sorted(rates):
        lines = sum((line.net for line in bill.lines if line.vat_percent == percent), _ZERO)
        net = sum((total.net for total in bill.vat_totals if total.percent == percent), _ZERO)
        vat = sum((total.vat for total in bill.vat_totals if total.percent == percent), _ZERO)
        if lines != net:
            yield f"Zeilen mit {percent} % USt: Summe {format_eur(lines)}, ausgewiesen {format_eur(net)}"
        # A bonus agreed as a gross amount carries its own rounded VAT: one cent per such line.
        slack = Decimal("0.01") * sum(1 for line in bill.lines if line.kind is ChargeKind.BONUS)
        if abs(round_money(net * percent / 100) - vat) > slack:
            yield f"{percent} % USt auf {format_eur(net)} ist nicht {format_eur(vat)}"
    net_sum = sum((total.net for total in bill.vat_totals), _ZERO)
    gross_sum = net_sum + sum((total.vat for total in bill.vat_totals), _ZERO)
    if net_sum != bill.net:
        yield f"Nettosummen ergeben {format_eur(net_sum)}, ausgewiesen sind {format_eur(bill.net)}"
    if gross_sum != bill.gross:
        yield f"Netto und USt ergeben {format_eur(gross_sum)}, ausgewiesen sind {format_eur(bill.gross)}"


def _instalments(bill: BillDocument) -> Iterator[str]:
    for paid in bill.instalments:
        if paid.net + paid.vat != paid.gross:
            yield f"{paid.label}: Netto und USt ergeben nicht {format_eur(paid.gross)}"
    if bill.gross - bill.instalments_gross != bill.balance:
        yield (
            f"{format_eur(bill.gross)} abzüglich Abschläge {format_eur(bill.instalments_gross)} ist nicht "
            f"{format_eur(bill.balance)}"
        )
