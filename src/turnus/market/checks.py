"""What `turnus verify` proves about messages."""

from __future__ import annotations

from django.db.models import Count, F, Q

from turnus.market.models import Interchange, Message
from turnus.system.verify import Finding
from turnus.worklist.models import Case


def check_messages(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every message lies inside its original and is processed, sent, dismissed, or waits for an open case."""
    rows = Message.objects.filter(client_id=client_id)
    outside = rows.filter(Q(end__gt=F("interchange__original__size")) | Q(offset__gt=F("end"))).values_list(
        "pk", flat=True
    )
    findings = [
        Finding("check_messages", f"Nachricht {pk}", "Sie liegt außerhalb ihres Originals.") for pk in outside
    ]
    waiting = rows.exclude(case_key="").values_list("pk", "case_key")
    open_keys = set(
        Case.objects.filter(client_id=client_id, key__in={key for _, key in waiting})
        .exclude(state=Case.State.DONE)
        .values_list("key", flat=True)
    )
    findings += [
        Finding("check_messages", f"Nachricht {pk}", "Sie wartet auf einen Fall, den es nicht (mehr) gibt.")
        for pk, key in waiting
        if key not in open_keys
    ]
    forgotten = rows.filter(
        Q(state=Message.State.RECEIVED) | Q(state=Message.State.CASE, case_key="")
    ).values_list("pk", flat=True)
    findings += [
        Finding("check_messages", f"Nachricht {pk}", "Sie ist weder verarbeitet noch in Klärung.")
        for pk in forgotten
    ]
    return rows.count(), findings


def check_interchanges(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every interchange holds as many messages as it says."""
    rows = Interchange.objects.filter(client_id=client_id)
    wrong = rows.annotate(stored=Count("messages")).exclude(stored=F("message_count"))
    findings = [
        Finding(
            "check_interchanges",
            str(row),
            f"Vermerkt sind {row.message_count} Nachrichten, gespeichert {row.messages.count()}.",
        )
        for row in wrong
    ]
    return rows.count(), findings
