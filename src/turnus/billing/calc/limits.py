"""Which finished bills a person must look at before they go out (Aussteuerung): value limits and oddities.

Every rule is looked at, every one that fires is kept with its name, value and limit, in one fixed order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from turnus.billing.calc.records import Bill
from turnus.lib.money import format_eur, format_number

__all__ = ["RULES", "Exceptional", "Limits", "Prior", "Rule", "broken_rules"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one principal, in euro: what goes out without a person. None: no limit set."""

    net: Decimal | None
    gross: Decimal | None
    credit: Decimal | None
    deviation_percent: Decimal


@dataclass(frozen=True, slots=True)
class Prior:
    """What the bill is compared with: consumption of the earlier period scaled to the days of this one."""

    kwh: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One rule that fired. `value` and `limit` as text with unit.

    `place` names where missing content of the bill is kept (rule "checklist" only, see `completeness.py`).
    """

    rule: str
    text: str
    value: str
    limit: str
    place: str = ""


Rule = Callable[[Bill, "Prior | None", Limits], "Exceptional | None"]


def broken_rules(bill: Bill, prior: Prior | None, limits: Limits) -> list[Exceptional]:
    """Empty: the bill may be released without a person."""
    return [found for rule in RULES if (found := rule(bill, prior, limits)) is not None]


def net_limit(bill: Bill, prior: Prior | None, limits: Limits) -> Exceptional | None:
    """The net amount, positive or negative, is above what a clerk may release."""
    if limits.net is None or abs(bill.net) <= limits.net:
        return None
    text = "Nettobetrag über der Wertgrenze"
    return Exceptional("net_limit", text, format_eur(bill.net), format_eur(limits.net))


def gross_limit(bill: Bill, prior: Prior | None, limits: Limits) -> Exceptional | None:
    """The gross amount, positive or negative, is above what a clerk may release."""
    if limits.gross is None or abs(bill.gross) <= limits.gross:
        return None
    text = "Bruttobetrag über der Wertgrenze"
    return Exceptional("gross_limit", text, format_eur(bill.gross), format_eur(limits.gross))


def credit_limit(bill: Bill, prior: Prior | None, limits: Limits) -> Exceptional | None:
    """The customer gets back more than a clerk may release."""
    if limits.credit is None or -bill.balance <= limits.credit:
        return None
    text = "Guthaben über der Wertgrenze"
    return Exceptional("credit_limit", text, format_eur(-bill.balance), format_eur(limits.credit))


def deviation(bill: Bill, prior: Prior | None, limits: Limits) -> Exceptional | None:
    """Consumption differs from the expected by more than the principal allows, up or down."""
    if prior is None or prior.kwh <= 0:
        return None
    percent = (bill.kwh - prior.kwh) * 100 / prior.kwh
    if abs(percent) <= limits.deviation_percent:
        return None
    text = (
        f"Verbrauch {format_number(bill.kwh, 0)} kWh statt erwarteter "
        f"{format_number(prior.kwh, 0)} kWh ({prior.source})"
    )
    value = f"{format_number(percent, 1)} %"
    return Exceptional("deviation", text, value, f"± {format_number(limits.deviation_percent, 0)} %")


def no_consumption(bill: Bill, prior: Prior | None, limits: Limits) -> Exceptional | None:
    """Nothing was consumed: a standing meter, an empty flat or a reading copied from the last."""
    if bill.kwh > 0:
        return None
    return Exceptional("no_consumption", "Kein Verbrauch im ganzen Zeitraum", "0 kWh", "> 0 kWh")


def estimated(bill: Bill, prior: Prior | None, limits: Limits) -> Exceptional | None:
    """A reading is estimated or a substitute (§ 40a(2) EnWG): a person looks at the reason."""
    meters = sorted({interval.meter for interval in bill.intervals if interval.estimated})
    if not meters:
        return None
    return Exceptional("estimated", "Ablesung geschätzt oder ersetzt", ", ".join(meters), "abgelesen")


def unpublished_levy(bill: Bill, prior: Prior | None, limits: Limits) -> Exceptional | None:
    """A tax or levy of the period is not in the table; § 40(3) EnWG wants it on the bill."""
    titles = [charge.title for charge in bill.contained if charge.net is None]
    if not titles:
        return None
    text = "Für den Zeitraum ist eine Umlage noch nicht hinterlegt"
    return Exceptional("unpublished_levy", text, "; ".join(titles), "veröffentlicht")


#: The order in which a person reads them.
RULES: tuple[Rule, ...] = (
    net_limit,
    gross_limit,
    credit_limit,
    deviation,
    no_consumption,
    estimated,
    unpublished_levy,
)
