"""Who was in default on a given day: an overdue item, dunned by then and open then (handled as § 286 BGB)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from turnus.billing.calc.bonus import Default

__all__ = ["defaults_on"]

# What was open that day, not what is open now; an item whose dunning rested then (objection, deferral,
# plan) is no default, and a notice taken back was none.
_DEFAULTS = """
SELECT DISTINCT ON (v.contract_id) v.contract_id, i.reference, i.due_date, o.cents
FROM unnest(%(contracts)s::bigint[], %(accounts)s::bigint[], %(days)s::date[])
    AS v(contract_id, subaccount_id, day)
JOIN receivables_openitem i
    ON i.client_id = %(client)s AND i.subaccount_id = v.subaccount_id AND i.side = 1 AND i.due_date < v.day
CROSS JOIN LATERAL (
    SELECT i.amount_cents - coalesce(sum(l.amount_cents), 0) AS cents
    FROM receivables_clearingline l JOIN receivables_clearing c ON c.id = l.clearing_id
    WHERE l.open_item_id = i.id AND c.cleared_on <= v.day
) o
WHERE o.cents > 0
    AND EXISTS (
        SELECT 1 FROM receivables_dunningnoticeitem d
        JOIN receivables_dunningnotice n ON n.id = d.notice_id AND n.state = 'sent'
        JOIN receivables_dunningrun r ON r.id = n.run_id AND r."on" <= v.day
        WHERE d.open_item_id = i.id
    )
    AND NOT EXISTS (
        SELECT 1 FROM receivables_dunningblock b
        WHERE b.subaccount_id = i.subaccount_id AND (b.open_item_id IS NULL OR b.open_item_id = i.id)
            AND b.amount_cents IS NULL AND b.since <= v.day AND (b.until IS NULL OR b.until >= v.day)
    )
ORDER BY v.contract_id, i.due_date, i.id
"""


def defaults_on(*, client_id: int, days: Mapping[int, tuple[int, date]]) -> dict[int, Default]:
    """`days`: contract id → (sub-ledger account, day asked about). Returns the contracts in default."""
    if not days:
        return {}
    values: dict[str, Any] = {
        "client": client_id,
        "contracts": list(days),
        "accounts": [account for account, _ in days.values()],
        "days": [day for _, day in days.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_DEFAULTS, values)
        return {
            contract_id: Default(reference, due_date, Decimal(cents) / 100)
            for contract_id, reference, due_date, cents in cursor.fetchall()
        }
