"""Money that nobody claims (service M17): after ten days it gets an owner and a case.

The owner is whoever took the entry over, else the principal's team lead. A case left lying past its day goes
to the lead with high priority.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from turnus.clients.models import Membership, Role
from turnus.lib.money import format_eur, from_cents
from turnus.receivables.models import StatementEntry
from turnus.receivables.queries import suspense_overdue
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import NewCase, add_note, open_cases

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
    lead = _lead(client_id)
    for entry in fresh:
        entry.owner = entry.owner or lead
    StatementEntry.objects.bulk_update(fresh, ["owner"], batch_size=500)
    open_cases(client_id=client_id, new=[_case(entry, on) for entry in fresh], at=at)
    _hand_to_lead(client_id, known, lead, on, at)
    return len(fresh)


def _lead(client_id: int) -> User | None:
    """The first team lead of the principal; None where it has none (then the case is the team's)."""
    membership = (
        Membership.objects.filter(client_id=client_id, role=Role.LEAD)
        .select_related("user")
        .order_by("id")
        .first()
    )
    return membership.user if membership else None


def _hand_to_lead(client_id: int, keys: Iterable[str], lead: User | None, on: date, at: datetime) -> None:
    """Cases whose day has passed become urgent and the lead's; each once."""
    late = Case.objects.filter(client_id=client_id, key__in=list(keys), due_on__lt=on)
    for case in late.exclude(state=Case.State.DONE).exclude(priority=Case.Priority.HIGH):
        case.priority, case.owner = Case.Priority.HIGH, lead or case.owner
        case.save(update_fields=["priority", "owner"])
        text = f"Frist {case.due_on:%d.%m.%Y} verstrichen: eskaliert an {lead or 'das Team'}."
        add_note(case=case, user=None, at=at, text=text)


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
        owner_id=entry.owner_id,
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
