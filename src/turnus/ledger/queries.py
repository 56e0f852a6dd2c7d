"""Reads over the ledger."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from turnus.ledger.models import PostingPeriod
from turnus.lib.money import from_cents


def balances(*, client_id: int, until: date | None = None) -> dict[str, Decimal]:
    """Balance of every account in euros by account number, up to and including a posting date."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.number, sum(l.amount_cents) FROM ledger_leg l "
            "JOIN ledger_account a ON a.id = l.account_id JOIN ledger_journal j ON j.id = l.journal_id "
            "WHERE l.client_id = %s AND (%s::date IS NULL OR j.posting_date <= %s) GROUP BY a.number",
            [client_id, until, until],
        )
        return {number: from_cents(int(total)) for number, total in cursor.fetchall()}


def balance_of(*, client_id: int, account_id: int, until: date | None = None) -> Decimal:
    """Balance of one account in euros; debit positive."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(l.amount_cents), 0) FROM ledger_leg l "
            "JOIN ledger_journal j ON j.id = l.journal_id "
            "WHERE l.client_id = %s AND l.account_id = %s AND (%s::date IS NULL OR j.posting_date <= %s)",
            [client_id, account_id, until, until],
        )
        return from_cents(int(cursor.fetchone()[0]))


def month_ends(month: str) -> date:
    """The first day after a month (`2026-11` → 2026-12-01)."""
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """What a month holds. `sums`: balance per kind of account in cents, debit positive; together zero."""

    journals: int
    debit_cents: int
    sums: dict[str, int]
    last_number: int | None
    last_text: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


NOTHING = PeriodFigures(0, 0, {}, None, "")


def period_figures(*, client_id: int, months: Sequence[str]) -> dict[str, PeriodFigures]:
    """The figures of months from their journals; a month without any is empty."""
    if not months:
        return {}
    # By days, because the index of journals begins with principal and posting date.
    first, end = date.fromisoformat(f"{min(months)}-01"), month_ends(max(months))
    where = "j.client_id = %s AND j.posting_date >= %s AND j.posting_date < %s AND j.month = ANY(%s)"
    given: list[Any] = [client_id, first, end, list(months)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.month, a.kind, sum(l.amount_cents), sum(greatest(l.amount_cents, 0)) "
            "FROM ledger_journal j JOIN ledger_leg l ON l.journal_id = j.id "
            f"JOIN ledger_account a ON a.id = l.account_id WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2",
            given,
        )
        sums: dict[str, dict[str, int]] = {}
        debits: dict[str, int] = {}
        for month, kind, total, debit in cursor.fetchall():
            sums.setdefault(month, {})[kind] = int(total)
            debits[month] = debits.get(month, 0) + int(debit)
        cursor.execute(
            "SELECT DISTINCT ON (j.month) j.month, count(*) OVER (PARTITION BY j.month), j.number, j.text, "
            f"j.reference FROM ledger_journal j WHERE {where} ORDER BY j.month, j.number DESC",
            given,
        )
        found = {
            month: PeriodFigures(count, debits[month], sums[month], last, f"{text} {reference}".strip())
            for month, count, last, text, reference in cursor.fetchall()
        }
    return {month: found.get(month, NOTHING) for month in months}


@dataclass(frozen=True, slots=True)
class Period:
    """A month of a principal's ledger as the workbench and the command show it."""

    month: str
    period: PostingPeriod | None
    figures: PeriodFigures

    @property
    def is_locked(self) -> bool:
        return self.period is not None and self.period.is_locked


def periods(*, client_id: int, limit: int | None = None) -> list[Period]:
    """The months of a principal, the latest first; a locked one with the figures kept when it was locked."""
    rows = PostingPeriod.objects.filter(client_id=client_id).select_related("locked_by", "unlocked_by")
    known = list(rows.order_by("-month")[:limit])
    open_months = [row.month for row in known if not row.figures]
    figures = period_figures(client_id=client_id, months=open_months)
    return [
        Period(row.month, row, PeriodFigures(**row.figures) if row.figures else figures[row.month])
        for row in known
    ]


def days_of(month: str) -> tuple[date, date]:
    """First and last day of a month (`2026-11`)."""
    return date.fromisoformat(f"{month}-01"), month_ends(month) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What was posted to an account in a month, in cents; the balance is debit less credit."""

    number: str
    name: str
    debit_cents: int
    credit_cents: int

    @property
    def balance_cents(self) -> int:
        return self.debit_cents - self.credit_cents


def account_sums(*, client_id: int, month: str) -> list[AccountSum]:
    """Debit and credit of every account used in a month, in the order of the chart."""
    first, last = days_of(month)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.number, a.name, sum(greatest(l.amount_cents, 0)), sum(greatest(-l.amount_cents, 0)) "
            "FROM ledger_journal j JOIN ledger_leg l ON l.journal_id = j.id "
            "JOIN ledger_account a ON a.id = l.account_id "
            "WHERE j.client_id = %s AND j.posting_date BETWEEN %s AND %s GROUP BY 1, 2 ORDER BY 1",
            [client_id, first, last],
        )
        return [AccountSum(number, name, int(d), int(c)) for number, name, d, c in cursor.fetchall()]
