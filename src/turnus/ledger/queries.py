"""Reads over the ledger."""

from datetime import date
from decimal import Decimal

from django.db import connection

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
