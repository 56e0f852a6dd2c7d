"""What `turnus verify` proves about the ledger."""

from django.db import connection

from turnus.ledger.models import PostingPeriod
from turnus.ledger.queries import period_figures
from turnus.system.verify import Finding


def check_journals(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every journal is as it was sealed: legs as counted, sum zero, right month, none orphaned."""
    findings: list[Finding] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_journal WHERE client_id = %s", [client_id])
        looked_at = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT j.idem_key, j.leg_count, count(l.id), coalesce(sum(l.amount_cents), 0) "
            "FROM ledger_journal j LEFT JOIN ledger_leg l ON l.journal_id = j.id WHERE j.client_id = %s "
            "GROUP BY j.id, j.idem_key, j.leg_count "
            "HAVING count(l.id) <> j.leg_count OR count(l.id) < 2 "
            "OR coalesce(sum(l.amount_cents), 0) <> 0 LIMIT 100",
            [client_id],
        )
        for key, counted, found, total in cursor.fetchall():
            text = f"{found} von {counted} Zeilen mit der Summe {total} Cent."
            findings.append(Finding("journals", key, f"Die Buchung geht nicht auf: {text}"))
        cursor.execute(
            "SELECT l.id FROM ledger_leg l LEFT JOIN ledger_journal j ON j.id = l.journal_id "
            "WHERE l.client_id = %s AND j.id IS NULL LIMIT 100",
            [client_id],
        )
        findings.extend(
            Finding("journals", f"Zeile {leg_id}", "Die Zeile gehört zu keiner Buchung.")
            for (leg_id,) in cursor.fetchall()
        )
        cursor.execute(
            "SELECT idem_key, month FROM ledger_journal WHERE client_id = %s "
            "AND month <> to_char(posting_date, 'YYYY-MM') LIMIT 100",
            [client_id],
        )
        findings.extend(
            Finding("journals", key, f"Die Buchung steht in der falschen Periode {month}.")
            for key, month in cursor.fetchall()
        )
    return looked_at, findings


def check_reversals(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every reversal mirrors its original account by account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger_journal WHERE client_id = %s AND reverses_id IS NOT NULL",
            [client_id],
        )
        looked_at = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT DISTINCT j.idem_key FROM ledger_journal j "
            "JOIN ledger_leg l ON l.journal_id IN (j.id, j.reverses_id) "
            "WHERE j.client_id = %s AND j.reverses_id IS NOT NULL "
            "GROUP BY j.id, j.idem_key, l.account_id, l.subaccount_id, l.vat_percent "
            "HAVING sum(l.amount_cents) <> 0 LIMIT 100",
            [client_id],
        )
        keys = [row[0] for row in cursor.fetchall()]
    return looked_at, [Finding("reversals", key, "Das Storno hebt seine Buchung nicht auf.") for key in keys]


def check_locked_periods(*, client_id: int) -> tuple[int, list[Finding]]:
    """A locked month holds exactly what it held when it was locked."""
    locked = PostingPeriod.objects.filter(client_id=client_id, is_locked=True, figures__isnull=False)
    kept = {period.month: period.figures for period in locked}
    now = period_figures(client_id=client_id, months=list(kept))
    return len(kept), [
        Finding("periods", month, "Die gesperrte Periode hat andere Summen als beim Sperren.")
        for month, figures in sorted(kept.items())
        if now[month].as_json() != figures
    ]
