"""Money that nobody claims: after ten days it gets an owner and a case (service M17)."""

from datetime import date, datetime, timedelta

from django.db import transaction

from turnus.lib.money import format_eur, from_cents
from turnus.receivables.models import StatementEntry
from turnus.receivables.queries import suspense_overdue
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import NewCase, open_cases

DAYS = 10


@transaction.atomic
def escalate_suspense(*, client_id: int, on: date, at: datetime, days: int = DAYS) -> int:
    """Open a case for every entry unexplained for more than `days`; one per entry, however often it runs."""
    entries = list(suspense_overdue(client_id=client_id, on=on, days=days))
    known = set(
        Case.objects.filter(client_id=client_id, key__in=[_key(entry) for entry in entries])
        .exclude(state=Case.State.DONE)
        .values_list("key", flat=True)
    )
    fresh = [entry for entry in entries if _key(entry) not in known]
    open_cases(client_id=client_id, new=[_case(entry, on) for entry in fresh], at=at)
    return len(fresh)


def _key(entry: StatementEntry) -> str:
    return f"suspense:{entry.pk}"


def _case(entry: StatementEntry, on: date) -> NewCase:
    amount = format_eur(from_cents(entry.amount_cents))
    age = (on - entry.booking_date).days
    return NewCase(
        kind="suspense_overdue",
        service="M17",
        key=_key(entry),
        title=f"{amount} von {entry.name or 'unbekannt'} seit {age} Tagen ungeklärt",
        reason=f"{entry.reason} Verwendungszweck: {entry.remittance or '(leer)'}",
        object_kind="receivables.statemententry",
        object_id=entry.pk,
        object_label=f"{entry.booking_date:%d.%m.%Y} {amount}",
        due_on=on + timedelta(days=2),
        details={"amount_cents": entry.amount_cents},
    )


@transaction.atomic
def take_over(*, entry_id: int, owner: User | None, note: str | None = None) -> StatementEntry:
    """Give an unexplained entry an owner and a note."""
    entry = StatementEntry.objects.select_for_update().get(pk=entry_id)
    entry.owner = owner
    if note is not None:
        entry.note = note
    entry.save(update_fields=["owner", "note"])
    return entry
