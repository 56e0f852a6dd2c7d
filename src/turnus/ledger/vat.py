"""Reads the VAT of a month from the legs: which belong to supplies, prepayments or what takes tax back.

The account rules say what an account is for. A VAT leg belongs to the last leg before it in its journal that
is no VAT leg: every posting writes a base, then its tax; a cent that is all tax stands behind its request.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from turnus.ledger.calc.vat_report import Cell, VatKind, VatReport, vat_report
from turnus.ledger.queries import days_of

_LEGS = """
WITH roles AS (
    SELECT account_id, CASE
        WHEN bool_or(item = 'output_vat') THEN 'vat' WHEN bool_or(item = 'revenue') THEN 'supply'
        WHEN bool_or(item = 'prepayment') THEN 'prepayment'
        WHEN bool_or(item = 'instalment_clearing') THEN 'request' ELSE 'reduction' END AS role
    FROM ledger_accountrule WHERE client_id = %(client)s AND item IN (
        'output_vat', 'revenue', 'prepayment', 'instalment_clearing', 'payment_difference', 'write_off')
    GROUP BY account_id
), legs AS (
    SELECT l.id, l.journal_id, l.account_id, l.amount_cents, l.vat_percent, r.role,
        j.reverses_id IS NOT NULL AS mirrors,
        count(*) FILTER (WHERE r.role <> 'vat') OVER (PARTITION BY l.journal_id ORDER BY l.id) AS part,
        bool_or(r.role = 'supply') OVER (PARTITION BY l.journal_id) AS supplies
    FROM ledger_journal j JOIN ledger_leg l ON l.journal_id = j.id JOIN roles r ON r.account_id = l.account_id
    WHERE j.client_id = %(client)s AND j.posting_date BETWEEN %(first)s AND %(last)s
), based AS (
    SELECT *, first_value(role) OVER (PARTITION BY journal_id, part ORDER BY id) AS base FROM legs
), told AS (
    SELECT *, CASE
        WHEN vat_percent IS NULL OR base = 'vat' THEN 'unclassified' WHEN mirrors THEN 'cancelled'
        WHEN base IN ('supply', 'reduction') THEN base
        WHEN amount_cents < 0 THEN 'prepayment' WHEN supplies THEN 'settled' ELSE 'returned' END AS kind
    FROM based WHERE role <> 'request' AND (role <> 'reduction' OR vat_percent IS NOT NULL)
)
"""
_CELLS = """
SELECT a.number, a.name, t.role = 'vat', t.role <> 'reduction', t.vat_percent, t.kind, sum(t.amount_cents)
FROM told t JOIN ledger_account a ON a.id = t.account_id GROUP BY 1, 2, 3, 4, 5, 6
"""
# By the accounts alone: neither rates nor the classification above take part.
_MOVED = """
SELECT a.number, a.name, sum(l.amount_cents) FROM ledger_journal j
JOIN ledger_leg l ON l.journal_id = j.id JOIN ledger_account a ON a.id = l.account_id
WHERE j.client_id = %(client)s AND j.posting_date BETWEEN %(first)s AND %(last)s AND a.id IN (
    SELECT account_id FROM ledger_accountrule WHERE client_id = %(client)s
    AND item IN ('output_vat', 'revenue', 'prepayment'))
GROUP BY 1, 2
"""
_JOURNALS = """
SELECT journal_id, -sum(amount_cents) FILTER (WHERE role <> 'vat'),
       -sum(amount_cents) FILTER (WHERE role = 'vat')
FROM told WHERE vat_percent = %(percent)s AND kind = %(kind)s GROUP BY 1
"""


def report_of(*, client_id: int, month: str) -> VatReport:
    """The VAT report of a posting month (`2026-10`), proved against the accounts."""
    first, last = days_of(month)
    given: dict[str, Any] = {"client": client_id, "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_LEGS + _CELLS, given)
        cells = [
            Cell(number, name, is_vat, reconciled, percent, VatKind(kind), int(cents))
            for number, name, is_vat, reconciled, percent, kind, cents in cursor.fetchall()
        ]
        cursor.execute(_MOVED, given)
        moved = [(number, name, int(cents)) for number, name, cents in cursor.fetchall()]
    return vat_report(cells, moved)


def journals_of(*, client_id: int, month: str, percent: str, kind: str) -> dict[UUID, tuple[int, int]]:
    """The journals behind one line: id → (base, VAT) in cents. Raises: `ValueError` for an unknown kind."""
    first, last = days_of(month)
    given: dict[str, Any] = {
        "client": client_id, "first": first, "last": last, "percent": percent, "kind": VatKind(kind).value,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LEGS + _JOURNALS, given)
        return {pk: (int(base or 0), int(vat or 0)) for pk, base, vat in cursor.fetchall()}
