"""Corrections: a cancellation mirrors its bill in every amount; claims for the past end after three years."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from turnus.billing.calc.records import Bill, ContainedCharge, EnergyWorking, Line, VatSum
from turnus.lib.period import Period

__all__ = ["ClaimTooOld", "check_claim", "mirror"]


class ClaimTooOld(ValueError):
    """The correction would charge the customer for a time longer ago than § 18 GVV allows."""


def mirror(bill: Bill) -> Bill:
    """The cancellation of a bill: minus one times every amount and quantity, same prices and periods."""
    co2 = bill.co2
    return replace(
        bill,
        lines=tuple(_line(line) for line in bill.lines),
        kwh=-bill.kwh,
        net=-bill.net,
        vat=tuple(_vat(entry) for entry in bill.vat),
        gross=-bill.gross,
        instalments=-bill.instalments,
        instalments_vat=tuple(_vat(entry) for entry in bill.instalments_vat),
        balance=-bill.balance,
        contained=tuple(_charge(charge) for charge in bill.contained),
        co2=None if co2 is None else replace(co2, kg=-co2.kg, net=-co2.net, gross=-co2.gross),
    )


def check_claim(period: Period, today: date, difference: Decimal) -> None:
    """Raises ClaimTooOld if the customer is to pay more for a period that ended over three years ago.

    Source: § 18(2) StromGVV/GasGVV. A difference in the customer's favour is never refused here.
    """
    try:
        limit = today.replace(year=today.year - 3)
    except ValueError:  # 29 February
        limit = date(today.year - 3, 2, 28)
    if difference > 0 and period.end <= limit:
        raise ClaimTooOld(
            f"Nachforderung von {difference} € für {period.german()} ist ausgeschlossen: "
            "der Zeitraum liegt mehr als drei Jahre zurück (§ 18 Abs. 2 StromGVV/GasGVV)"
        )


def _line(line: Line) -> Line:
    working = line.working
    if isinstance(working, EnergyWorking):
        working = replace(working, exact=-working.exact)
    kwh = None if line.kwh is None else -line.kwh
    return replace(line, kwh=kwh, net=-line.net, working=working)


def _vat(entry: VatSum) -> VatSum:
    return VatSum(entry.percent, -entry.net, -entry.vat)


def _charge(charge: ContainedCharge) -> ContainedCharge:
    rates = tuple((-kwh, rate) for kwh, rate in charge.rates)
    return replace(charge, rates=rates, net=None if charge.net is None else -charge.net)
