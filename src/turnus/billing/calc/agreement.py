"""Does a bill still fit its contract (M08)? Product and price of every day, no gap to the bill before.

A run calculates from the contract itself; between that and the release a product may have been changed or the
bill before cancelled. Findings name the days and the prices, in one fixed order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.billing.calc.checks import coverage
from turnus.billing.calc.records import BillInput, Code, Finding
from turnus.lib.period import Period

__all__ = ["AGREEMENT_CHECKS", "Agreed", "Agreement", "Billed", "check_agreement"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A product of the contract, or one of its prices: net ct per kWh and € per year."""

    period: Period
    product: str
    energy_ct: Decimal = Decimal(0)
    base_eur: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Billed:
    """A bill that stands, by its number or "vorige Rechnung"."""

    period: Period
    name: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a contract says now. Billed from `begin` up to (not including) `end` by us; `billed` so far."""

    products: tuple[Agreed, ...]
    prices: tuple[Agreed, ...]
    begin: date
    end: date
    billed: tuple[Billed, ...]


def check_agreement(bill: BillInput, agreement: Agreement) -> list[Finding]:
    """All findings of all checks; empty: the bill may go out."""
    return [finding for check in AGREEMENT_CHECKS for finding in check(bill, agreement)]


def product_coverage(bill: BillInput, agreement: Agreement) -> list[Finding]:
    """The contract has a product on each billed day."""
    texts = (Code.PRODUCT_MISSING, "Dem Vertrag ist für {} kein Produkt zugeordnet")
    spans = [agreed.period for agreed in agreement.products]
    return coverage(spans, bill.period, "prices", texts, (Code.PRICE_OVERLAP, "Für {} gelten zwei Produkte"))


def product_price(bill: BillInput, agreement: Agreement) -> list[Finding]:
    """Each product has a price on each day it holds."""
    findings = []
    for product in agreement.products:
        needed = bill.period.intersect(product.period)
        if needed is not None:
            missing = f"Das Produkt „{product.product}“ hat für {{}} keinen gültigen Preis"
            overlap = f"Das Produkt „{product.product}“ hat für {{}} zwei Preise"
            spans = [price.period for price in agreement.prices if price.product == product.product]
            findings += coverage(
                spans, needed, "prices", (Code.PRICE_MISSING, missing), (Code.PRICE_OVERLAP, overlap)
            )
    return findings


def price_agreed(bill: BillInput, agreement: Agreement) -> list[Finding]:
    """The bill charges the prices of the contract."""
    findings = []
    for price in bill.prices:
        for agreed in agreement.prices:
            common = price.period.intersect(agreed.period)
            common = common and common.intersect(bill.period)
            if common is None or (price.energy_ct, price.base_eur) == (agreed.energy_ct, agreed.base_eur):
                continue
            text = (
                f"{common.german()}: abgerechnet {_price(price.energy_ct, price.base_eur)}, vereinbart "
                f"{_price(agreed.energy_ct, agreed.base_eur)} („{agreed.product}“)"
            )
            findings.append(Finding(Code.PRICE_NOT_AGREED, "prices", text))
    return findings


def _price(energy_ct: Decimal, base_eur: Decimal) -> str:
    return f"{_plain(energy_ct)} ct/kWh und {_plain(base_eur)} €/Jahr"


def _plain(number: Decimal) -> str:
    whole, _, places = f"{number:f}".partition(".")
    return f"{whole},{places.rstrip('0').ljust(2, '0')}"


def previous_bill(bill: BillInput, agreement: Agreement) -> list[Finding]:
    """The period begins where the bill before ends, or with the supply, and no day is billed twice."""
    period, findings = bill.period, []
    others = [billed for billed in agreement.billed if billed.period != period]
    for billed in others:
        common = billed.period.intersect(period)
        if common is not None:
            text = f"{common.german()} ist schon mit {billed.name} abgerechnet"
            findings.append(Finding(Code.PERIOD_OVERLAP, "period", text))
    before = max(
        (billed for billed in others if billed.period.end <= period.start),
        key=lambda billed: billed.period.end,
        default=None,
    )
    expected = agreement.begin if before is None else before.period.end
    if expected < period.start and not findings:
        after = "seit Beginn der Lieferung" if before is None else f"nach {before.name}"
        text = f"{Period(expected, period.start).german()} ist {after} nicht abgerechnet"
        findings.append(Finding(Code.PERIOD_GAP, "period", text))
    return findings


def within_supply(bill: BillInput, agreement: Agreement) -> list[Finding]:
    """No day before the supply (or before we took the contract over) and none after it."""
    start, end = bill.period.start, bill.period.end
    outside = []
    if start < agreement.begin:
        outside.append(Period(start, min(end, agreement.begin)))
    if end > agreement.end:
        outside.append(Period(max(start, agreement.end), end))
    return [
        Finding(Code.PERIOD_OUTSIDE_SUPPLY, "period", f"{days.german()} gehört nicht zur Lieferung")
        for days in outside
    ]


#: The order of the report. A test proves that every code is reached by one of these or of `checks.CHECKS`.
AGREEMENT_CHECKS: tuple[Callable[[BillInput, Agreement], list[Finding]], ...] = (
    product_coverage,
    product_price,
    price_agreed,
    previous_bill,
    within_supply,
)
