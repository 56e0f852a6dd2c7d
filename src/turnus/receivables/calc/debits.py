"""Which due items are collected by direct debit, and why the others are not. Amounts in cents.

One debit per account and day collects all its items. A debit needs an active mandate used within the last 36
months, an approved IBAN, a notice so many days before (SEPA: 14, shorter by agreement), and an item that no
other debit holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

MANDATE_LAPSES_MONTHS = 36


@dataclass(frozen=True, slots=True)
class DueItem:
    """An open claim of an account that pays by direct debit."""

    item_id: int
    account_id: int
    cents: int
    due_date: date
    announced_on: date | None
    blocked: str = ""
    in_collection: bool = False
    deferred_until: date | None = None


@dataclass(frozen=True, slots=True)
class MandateView:
    """The mandate of an account as far as the run needs it; `problem` in German if it cannot be used."""

    mandate_id: int
    scheme: str
    signed_on: date
    last_used_on: date | None
    problem: str = ""

    def lapsed(self, on: date) -> bool:
        """Unused for 36 months (EPC rulebook)."""
        since = self.last_used_on or self.signed_on
        months = (on.year - since.year) * 12 + on.month - since.month
        return months > MANDATE_LAPSES_MONTHS or (months == MANDATE_LAPSES_MONTHS and on.day > since.day)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An item that is not collected, with a stable code and the reason in German."""

    item_id: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountDebit:
    """What is collected from one account: items in order of their due dates, their sum."""

    account_id: int
    mandate: MandateView
    items: tuple[DueItem, ...]

    @property
    def cents(self) -> int:
        return sum(item.cents for item in self.items)

    @property
    def sequence(self) -> str:
        """RCUR from the first collection on: allowed since November 2016, and one file order less to fail."""
        return "RCUR"


def select(
    items: Sequence[DueItem], mandates: dict[int, MandateView], collect_on: date, notice_days: int
) -> tuple[list[AccountDebit], list[Exclusion]]:
    """Split due items into debits and exclusions with reasons; every item is in exactly one of them."""
    chosen: dict[int, list[DueItem]] = {}
    excluded: list[Exclusion] = []
    for item in items:
        problem = _problem(item, mandates.get(item.account_id), collect_on, notice_days)
        if problem is None:
            chosen.setdefault(item.account_id, []).append(item)
        else:
            excluded.append(Exclusion(item.item_id, *problem))
    debits = [
        AccountDebit(account, mandates[account], tuple(sorted(found, key=lambda i: (i.due_date, i.item_id))))
        for account, found in sorted(chosen.items())
    ]
    return debits, excluded


def _problem(
    item: DueItem, mandate: MandateView | None, collect_on: date, notice_days: int
) -> tuple[str, str] | None:
    if item.in_collection:
        return "in_collection", "Der Posten ist schon in einem anderen Einzug."
    if item.blocked:
        return "blocked", f"Einzugssperre: {item.blocked}."
    if item.deferred_until is not None and item.deferred_until >= collect_on:
        return "deferred", f"Gestundet oder gesperrt bis {item.deferred_until:%d.%m.%Y}."
    if item.due_date > collect_on:
        return "not_due", f"Erst am {item.due_date:%d.%m.%Y} fällig."
    if mandate is None:
        return "no_mandate", "Das Konto hat kein Mandat."
    if mandate.problem:
        return "mandate", mandate.problem
    if mandate.lapsed(collect_on):
        return (
            "mandate_lapsed",
            f"Das Mandat ist seit {MANDATE_LAPSES_MONTHS} Monaten ungenutzt und verfallen.",
        )
    if item.announced_on is None:
        return "not_announced", "Der Einzug ist nicht angekündigt."
    if (collect_on - item.announced_on).days < notice_days:
        return (
            "announced_late",
            f"Angekündigt am {item.announced_on:%d.%m.%Y}, nötig sind {notice_days} Tage vorher.",
        )
    return None
