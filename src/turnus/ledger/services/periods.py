"""Lock a month when its figures are final; reopen it only with a reason and a second person (GoBD)."""

import re
from datetime import date, datetime

from django.db import transaction

from turnus.clients.models import Role
from turnus.clients.services import role_of
from turnus.ledger.models import PostingPeriod
from turnus.ledger.queries import month_ends, period_figures
from turnus.ledger.services.posting import open_periods
from turnus.system import audit
from turnus.system.models import User
from turnus.worklist.models import Approval
from turnus.worklist.services import propose

KIND = "period_unlock"
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_CLOSERS = (Role.LEAD, Role.PRINCIPAL)


@transaction.atomic
def lock_period(
    *, client_id: int, month: str, today: date, user: User | None, at: datetime, reason: str = ""
) -> PostingPeriod:
    """Lock a month (`2026-11`) that is over: the database refuses every posting into it from now on.

    Its figures are kept, so that `turnus verify` notices if they should ever differ. Without a user the
    machine locks.
    Raises: `ValueError` for a month that does not exist, is not over or is locked; `PermissionError`.
    """
    _check_month(month)
    _check_role(client_id, user)
    if month_ends(month) > today:
        raise ValueError(f"Der Monat {month} ist noch nicht vorbei; gesperrt wird erst danach.")
    open_periods(client_id=client_id, months=[month])
    period = PostingPeriod.objects.select_for_update().get(client_id=client_id, month=month)
    if period.is_locked:
        raise ValueError(f"Der Monat {month} ist schon gesperrt.")
    # The row lock has waited for postings in flight: what is summed here is final.
    period.figures = period_figures(client_id=client_id, months=[month])[month].as_json()
    period.is_locked, period.locked_at, period.locked_by = True, at, user
    period.save(update_fields=["is_locked", "locked_at", "locked_by", "figures"])
    _audit(period, user, at, "period_locked", reason)
    return period


@transaction.atomic
def propose_unlock(*, client_id: int, month: str, user: User, at: datetime, reason: str) -> Approval:
    """Ask for a locked month to be reopened; a second person decides (`approve_unlock`).

    Raises: `ValueError` when the month is not locked, the reason is missing, or it was asked already;
    `PermissionError`.
    """
    _check_month(month)
    _check_role(client_id, user)
    period = PostingPeriod.objects.select_for_update().filter(client_id=client_id, month=month).first()
    if period is None or not period.is_locked:
        raise ValueError(f"Der Monat {month} ist nicht gesperrt.")
    if not reason.strip():
        raise ValueError("Das Wiederöffnen braucht eine Begründung.")
    if open_unlock(period) is not None:
        raise ValueError(f"Das Wiederöffnen von {month} ist schon vorgeschlagen.")
    return propose(
        client_id=client_id,
        kind=KIND,
        object_kind="ledger.postingperiod",
        object_id=period.pk,
        title=f"Buchungsperiode {month} wieder öffnen",
        amount=None,
        user=user,
        at=at,
        details={"Monat": month, "Begründung": reason},
    )


def open_unlock(period: PostingPeriod) -> Approval | None:
    """The undecided proposal to reopen a month."""
    return Approval.objects.filter(
        client_id=period.client_id, kind=KIND, object_id=period.pk, state=Approval.State.OPEN
    ).first()


@transaction.atomic
def approve_unlock(*, approval: Approval, user: User, at: datetime) -> PostingPeriod:
    """Reopen a month after a second person's approval (called by `worklist.services.decide`).

    Raises: `PermissionError` unless the approver is a team lead or the principal; `ValueError` when the month
    is open.
    """
    _check_role(approval.client_id, user)
    period = PostingPeriod.objects.select_for_update().get(
        client_id=approval.client_id, pk=approval.object_id
    )
    if not period.is_locked:
        raise ValueError(f"Der Monat {period.month} ist nicht gesperrt.")
    period.is_locked, period.figures = False, None
    period.unlock_proposed_by, period.unlocked_by, period.unlocked_at = approval.proposed_by, user, at
    period.save(update_fields=["is_locked", "figures", "unlock_proposed_by", "unlocked_by", "unlocked_at"])
    _audit(period, user, at, "period_reopened", str(approval.details.get("Begründung", "")))
    return period


def _check_month(month: str) -> None:
    if not _MONTH.fullmatch(month):
        raise ValueError(f"„{month}“ ist kein Monat; gebraucht wird die Form 2026-11.")


def _check_role(client_id: int, user: User | None) -> None:
    if user is not None and role_of(client_id=client_id, user=user) not in _CLOSERS:
        raise PermissionError("Buchungsperioden sperrt und öffnet die Teamleitung oder der Auftraggeber.")


def _audit(period: PostingPeriod, user: User | None, at: datetime, action: str, reason: str) -> None:
    audit.record(
        client_id=period.client_id,
        at=at,
        user=user,
        action=action,
        object_kind="ledger.postingperiod",
        object_id=period.pk,
        text=reason,
        details={"month": period.month, "locked": period.is_locked},
    )
