"""What `turnus verify` proves about receivables."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from turnus.system.verify import Finding


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def _count(sql: str, client_id: int) -> int:
    (row,) = _rows(sql, [client_id])
    return int(str(row[0]))


def check_open_items(*, client_id: int) -> tuple[int, list[Finding]]:
    """Open items are what their clearings left, and together each sub-ledger account."""
    looked_at = _count("SELECT count(*) FROM receivables_openitem WHERE client_id = %s", client_id)
    crooked = _rows(
        "SELECT i.reference, i.amount_cents, i.open_cents, coalesce(l.total, 0) FROM receivables_openitem i "
        "LEFT JOIN (SELECT open_item_id, sum(amount_cents) AS total FROM receivables_clearingline "
        "WHERE client_id = %s GROUP BY 1) l ON l.open_item_id = i.id "
        "WHERE i.client_id = %s AND i.open_cents <> i.amount_cents - coalesce(l.total, 0) LIMIT 100",
        [client_id, client_id],
    )
    findings = [
        Finding("open_items", str(reference), f"offen {left} statt {amount} − {cleared} Cent.")
        for reference, amount, left, cleared in crooked
    ]
    uneven = _rows(
        "SELECT s.number, coalesce(g.total, 0), coalesce(o.total, 0) FROM ledger_subaccount s "
        "LEFT JOIN (SELECT subaccount_id, sum(amount_cents) AS total FROM ledger_leg "
        "WHERE client_id = %s AND subaccount_id IS NOT NULL GROUP BY 1) g ON g.subaccount_id = s.id "
        "LEFT JOIN (SELECT subaccount_id, sum(side * open_cents) AS total FROM receivables_openitem "
        "WHERE client_id = %s GROUP BY 1) o ON o.subaccount_id = s.id "
        "WHERE s.client_id = %s AND s.kind = 'debtor' "
        "AND coalesce(g.total, 0) <> coalesce(o.total, 0) LIMIT 100",
        [client_id, client_id, client_id],
    )
    findings += [
        Finding("open_items", f"Konto {number}", f"Mitbuchkonto {ledger} Cent, offene Posten {items} Cent.")
        for number, ledger, items in uneven
    ]
    return looked_at, findings


def check_clearings(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every clearing is as it was sealed: its lines counted, one account, sides that cancel."""
    looked_at = _count("SELECT count(*) FROM receivables_clearing WHERE client_id = %s", client_id)
    broken = _rows(
        "SELECT c.id, c.line_count, count(l.id), sum(i.side * l.amount_cents) FROM receivables_clearing c "
        "LEFT JOIN receivables_clearingline l ON l.clearing_id = c.id "
        "LEFT JOIN receivables_openitem i ON i.id = l.open_item_id WHERE c.client_id = %s "
        "GROUP BY c.id, c.line_count, c.subaccount_id HAVING count(l.id) <> c.line_count "
        "OR coalesce(sum(i.side * l.amount_cents), 1) <> 0 "
        "OR bool_or(i.subaccount_id <> c.subaccount_id) LIMIT 100",
        [client_id],
    )
    return looked_at, [
        Finding("clearings", str(pk), f"{found} von {counted} Zeilen, Summe {total} Cent.")
        for pk, counted, found, total in broken
    ]


def check_bank(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every booked bank entry is posted, and suspense holds exactly what is unexplained."""
    looked_at = _count("SELECT count(*) FROM receivables_statemententry WHERE client_id = %s", client_id)
    findings = [
        Finding("bank", f"Umsatz {pk}", "Der Umsatz ist noch nicht gebucht.")
        for (pk,) in _rows(
            "SELECT id FROM receivables_statemententry WHERE client_id = %s AND state = 'new' LIMIT 100",
            [client_id],
        )
    ]
    ((waiting, held),) = _rows(
        "SELECT coalesce((SELECT sum(amount_cents) FROM receivables_statemententry "
        "WHERE client_id = %s AND state = 'suspense'), 0), "
        "coalesce((SELECT -sum(l.amount_cents) FROM ledger_leg l WHERE l.client_id = %s AND l.account_id IN "
        "(SELECT account_id FROM ledger_accountrule WHERE client_id = %s AND item = 'suspense')), 0)",
        [client_id, client_id, client_id],
    )
    if waiting != held:
        text = f"Ungeklärte Umsätze {waiting} Cent, Klärungskonto {held} Cent."
        findings.append(Finding("bank", "Klärungskonto", text))
    findings += _transit(client_id)
    findings += [
        Finding("bank", str(number), "Freigegebener Lauf ohne archivierte Datei oder mit falscher Summe.")
        for (number,) in _rows(
            "SELECT r.number FROM receivables_debitrun r LEFT JOIN receivables_debit d ON d.run_id = r.id "
            "WHERE r.client_id = %s AND r.state = 'released' "
            "GROUP BY r.id, r.number, r.original_id, r.total_cents "
            "HAVING r.original_id IS NULL OR coalesce(sum(d.amount_cents), 0) <> r.total_cents LIMIT 100",
            [client_id],
        )
    ]
    return looked_at, findings


def _transit(client_id: int) -> list[Finding]:
    """Money in transit is exactly the payouts not yet debited; a file holds what it announces."""
    ((waiting, held),) = _rows(
        "SELECT coalesce((SELECT sum(amount_cents) FROM receivables_payout "
        "WHERE client_id = %s AND state IN ('approved', 'in_file')), 0), "
        "coalesce((SELECT -sum(l.amount_cents) FROM ledger_leg l WHERE l.client_id = %s AND l.account_id "
        "IN (SELECT account_id FROM ledger_accountrule "
        "WHERE client_id = %s AND item = 'payout_in_transit')), 0)",
        [client_id, client_id, client_id],
    )
    findings = []
    if waiting != held:
        text = f"Auszahlungen unterwegs {waiting} Cent, Transitkonto {held} Cent."
        findings.append(Finding("bank", "Transitkonto", text))
    uneven = _rows(
        "SELECT f.number FROM receivables_payoutfile f LEFT JOIN receivables_payout p ON p.file_id = f.id "
        "WHERE f.client_id = %s GROUP BY f.id, f.number, f.count, f.total_cents "
        "HAVING count(p.id) <> f.count OR coalesce(sum(p.amount_cents), 0) <> f.total_cents LIMIT 100",
        [client_id],
    )
    text = "Die Überweisungsdatei hat andere Auszahlungen, als sie ankündigt."
    return findings + [Finding("bank", str(number), text) for (number,) in uneven]
