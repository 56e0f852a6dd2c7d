"""Open, work on and close cases; propose and decide approvals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from turnus.system import audit, numbers
from turnus.system.models import User
from turnus.worklist.models import Approval, Case, CaseNote


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a room knows when it opens a case. `key` names the cause: the same key, the same case."""

    kind: str
    service: str
    key: str
    title: str
    reason: str
    object_kind: str = ""
    object_id: int | None = None
    object_label: str = ""
    due_on: date | None = None
    priority: int = Case.Priority.NORMAL
    details: Mapping[str, Any] = field(default_factory=dict)
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseAction:
    """A solution a clerk can run from a case. `run(case=, user=, at=, form=)` returns the outcome in words.

    `fields` are the names of values the form asks for, each with its German label.
    """

    name: str
    label: str
    run: Callable[..., str]
    fields: Mapping[str, str] = field(default_factory=dict)


class FourEyesViolation(PermissionError):
    """The proposer tried to decide on the own proposal."""


class AlreadyDecided(ValueError):
    """The matter was decided before, or the case is already closed."""


class UnknownAction(LookupError):
    """The case has no such action."""


@transaction.atomic
def open_case(*, client_id: int, new: NewCase, at: datetime) -> Case:
    """Open a case, or count one more occurrence of an open one with the same cause."""
    return open_cases(client_id=client_id, new=[new], at=at)[0]


@transaction.atomic
def open_cases(*, client_id: int, new: Sequence[NewCase], at: datetime) -> list[Case]:
    """Set-wise `open_case`; returns the cases in the order of `new` (same cause, same object)."""
    wanted = {n.key: n for n in new}
    known = {c.key: c for c in _open(client_id).select_for_update().filter(key__in=wanted)}
    if known:
        _open(client_id).filter(key__in=known).update(occurrences=F("occurrences") + 1)
    missing = [n for key, n in wanted.items() if key not in known]
    drawn = numbers.draw(client_id=client_id, name="case", count=len(missing))
    rows = [_row(client_id, n, number, at) for n, number in zip(missing, drawn, strict=True)]
    for case in Case.objects.bulk_create(rows, batch_size=1000):
        known[case.key] = case
    return [known[n.key] for n in new]


def _open(client_id: int) -> Any:
    return Case.objects.filter(client_id=client_id).exclude(state=Case.State.DONE)


def _row(client_id: int, new: NewCase, number: str, at: datetime) -> Case:
    return Case(
        client_id=client_id,
        number=number,
        kind=new.kind,
        service=new.service,
        key=new.key,
        title=new.title[:200],
        reason=new.reason,
        object_kind=new.object_kind,
        object_id=new.object_id,
        object_label=new.object_label[:120],
        due_on=new.due_on,
        priority=new.priority,
        details=dict(new.details),
        owner_id=new.owner_id,
        opened_at=at,
    )


@transaction.atomic
def close_case(*, case: Case, user: User | None, at: datetime, outcome: str) -> None:
    """Close a case with its outcome.

    Raises:
        AlreadyDecided: it is closed already.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    if locked.state == Case.State.DONE:
        raise AlreadyDecided(f"Fall {case.number} ist bereits erledigt.")
    locked.state, locked.closed_at, locked.closed_by, locked.outcome = Case.State.DONE, at, user, outcome
    locked.save(update_fields=["state", "closed_at", "closed_by", "outcome"])
    audit.record(
        client_id=case.client_id, at=at, user=user, action="case_closed",
        object_kind="worklist.case", object_id=case.pk, text=outcome,
    )  # fmt: skip
    case.refresh_from_db()


@transaction.atomic
def close_cause(*, client_id: int, key: str, at: datetime, outcome: str) -> bool:
    """Close the open case of a cause that has gone away by itself; False if there is none."""
    case = _open(client_id).filter(key=key).first()
    if case is None:
        return False
    close_case(case=case, user=None, at=at, outcome=outcome)
    return True


@transaction.atomic
def add_note(*, case: Case, user: User | None, at: datetime, text: str) -> CaseNote:
    """Add a remark to a case."""
    return CaseNote.objects.create(client_id=case.client_id, case=case, user=user, at=at, text=text)


@transaction.atomic
def assign_case(
    *, case: Case, owner: User | None, user: User, at: datetime, due_on: date | None = None
) -> None:
    """Give a case to somebody (or, with None, back to the team), optionally with a new due date."""
    Case.objects.filter(pk=case.pk).update(owner=owner, due_on=due_on or case.due_on)
    add_note(case=case, user=user, at=at, text=f"Zuständig: {owner or 'Team'}")
    case.refresh_from_db()


def actions_of(case: Case) -> list[CaseAction]:
    """The solutions registered for this kind of case in `project.handlers.CASE_ACTIONS`."""
    table: Mapping[str, Sequence[str]] = import_string(f"{settings.TURNUS_HANDLERS}.CASE_ACTIONS")
    return [import_string(path) for path in table.get(case.kind, ())]


@transaction.atomic
def run_action(*, case: Case, name: str, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Run one of a case's solutions, close the case with its outcome and return the outcome.

    Raises:
        UnknownAction: no such action is registered for this kind of case.
        ValueError: the action refused; nothing has changed.
    """
    action = next((a for a in actions_of(case) if a.name == name), None)
    if action is None:
        raise UnknownAction(f"„{name}“ ist für {case.kind} nicht möglich.")
    outcome = action.run(case=case, user=user, at=at, form=form)
    case.refresh_from_db()
    if case.state != Case.State.DONE:
        close_case(case=case, user=user, at=at, outcome=outcome)
    return outcome


@transaction.atomic
def propose(
    *, client_id: int, kind: str, object_kind: str, object_id: int, title: str, amount: Decimal | None,
    user: User, at: datetime, details: Mapping[str, Any] | None = None,
) -> Approval:  # fmt: skip
    """Ask for a second person's decision. `amount` in euros."""
    return Approval.objects.create(
        client_id=client_id, kind=kind, object_kind=object_kind, object_id=object_id, title=title,
        amount=amount, proposed_by=user, proposed_at=at, details=dict(details or {}),
    )  # fmt: skip


@transaction.atomic
def decide(*, approval: Approval, approve: bool, user: User, at: datetime, reason: str) -> Approval:
    """Approve or reject; an approved matter is carried out in the same transaction by its registered handler.

    Which role may decide on which amount is checked by that handler (it raises PermissionError).

    Raises:
        FourEyesViolation: the proposer cannot decide.
        AlreadyDecided: it is decided.
    """
    locked = Approval.objects.select_for_update().get(pk=approval.pk)
    if locked.state != Approval.State.OPEN:
        raise AlreadyDecided(f"„{locked.title}“ ist bereits entschieden.")
    if locked.proposed_by_id == user.pk:
        raise FourEyesViolation("Vier-Augen-Prinzip: Wer vorgeschlagen hat, kann nicht selbst entscheiden.")
    locked.state = Approval.State.APPROVED if approve else Approval.State.REJECTED
    locked.decided_by, locked.decided_at, locked.reason = user, at, reason
    locked.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    audit.record(
        client_id=locked.client_id, at=at, user=user, action=f"approval_{locked.state}",
        object_kind=locked.object_kind, object_id=locked.object_id, text=reason,
        details={"kind": locked.kind},
    )  # fmt: skip
    handlers: Mapping[str, str] = import_string(f"{settings.TURNUS_HANDLERS}.APPROVAL_HANDLERS")
    if approve and locked.kind in handlers:
        import_string(handlers[locked.kind])(approval=locked, user=user, at=at)
    return locked
