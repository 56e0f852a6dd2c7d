"""Changes that reach into the past: a reason, a second person, and the bills they make doubtful.

A change of what has been billed already is not made but proposed. The proposal shows what was and what shall
be, and every bill concerned; once approved, each of those bills becomes a case that proposes its correction.
Bills are known by a room above; it is reached through `project.handlers.BILLED_PERIODS`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from turnus.clients.access import DECIDERS
from turnus.clients.services import role_of
from turnus.system.changes import InvalidInput
from turnus.system.models import User
from turnus.worklist.models import Approval
from turnus.worklist.services import NewCase, open_cases, propose

REBILL_CASE = "rebill_check"
MOST_SHOWN = 50


class NeedsApproval(InvalidInput):
    """The change reaches into billed periods and can only be proposed."""


@dataclass(frozen=True, slots=True)
class BilledPeriod:
    """A released bill that has not been cancelled: [start, end)."""

    bill_id: int
    number: str
    contract_number: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed fact in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RetroactiveChange:
    """A change to be approved. `data` is what its handler needs to make it."""

    client_id: int
    kind: str
    object_kind: str
    object_id: int
    title: str
    differences: Sequence[Difference]
    billed: Sequence[BilledPeriod]
    reason: str
    data: Mapping[str, Any]


def billed_periods(
    *,
    client_id: int,
    contract_ids: Collection[int] = (),
    market_location_ids: Collection[int] = (),
    since: date | None = None,
) -> list[BilledPeriod]:
    """Billed periods of contracts, or of all contracts at locations, that end after `since`."""
    read = import_string(import_string(f"{settings.TURNUS_HANDLERS}.BILLED_PERIODS"))
    found: list[BilledPeriod] = read(
        client_id=client_id,
        contract_ids=contract_ids,
        market_location_ids=market_location_ids,
        since=since,
    )
    return found


@transaction.atomic
def propose_change(*, change: RetroactiveChange, user: User, at: datetime) -> Approval:
    """Ask for the second person.

    Raises:
        InvalidInput: no reason, or another change of the same object waits already.
    """
    if not change.reason.strip():
        raise InvalidInput("reason", "Eine rückwirkende Änderung braucht einen Grund.")
    waiting = Approval.objects.filter(
        client_id=change.client_id, kind=change.kind, state=Approval.State.OPEN,
        object_kind=change.object_kind, object_id=change.object_id,
    )  # fmt: skip
    if waiting.exists():
        raise InvalidInput(
            "reason", "Hierzu wartet schon eine Änderung auf Freigabe; sie muss zuerst entschieden werden."
        )
    return propose(
        client_id=change.client_id, kind=change.kind, object_kind=change.object_kind,
        object_id=change.object_id, title=change.title, amount=None, user=user, at=at,
        details={
            "Grund": change.reason,
            **shown(change.differences, change.billed),
            "data": dict(change.data),
        },
    )  # fmt: skip


def shown(differences: Sequence[Difference], billed: Sequence[BilledPeriod]) -> dict[str, Any]:
    """What the page of an approval draws: before and after, and the first of the bills concerned."""
    return {
        "abgerechnete Zeiträume": len(billed),
        "change": [[one.label, one.before, one.after] for one in differences],
        "billed": [
            [one.number, one.contract_number, one.start.isoformat(), one.end.isoformat()]
            for one in billed[:MOST_SHOWN]
        ],
    }


def require_decider(*, approval: Approval, user: User) -> None:
    """Raises:
    PermissionError: neither lead nor principal.
    """
    if role_of(client_id=approval.client_id, user=user) not in DECIDERS:
        raise PermissionError("Rückwirkende Änderungen gibt die Teamleitung oder der Auftraggeber frei.")


@transaction.atomic
def propose_corrections(
    *, client_id: int, periods: Sequence[BilledPeriod], service: str, reason: str, at: datetime
) -> None:
    """Open a case per bill whose past has changed; its solution cancels the bill and bills again."""
    open_cases(
        client_id=client_id,
        new=[
            NewCase(
                kind=REBILL_CASE,
                service=service,
                # The same cause as newer readings of the same bill: one case, one correction.
                key=f"rebill-{one.bill_id}",
                title=f"Rechnung {one.number} prüfen: rückwirkende Änderung",
                reason=f"{reason}. Abgerechnet {one.start:%d.%m.%Y} bis vor {one.end:%d.%m.%Y}.",
                object_kind="billing.bill",
                object_id=one.bill_id,
                object_label=f"{one.number} · Vertrag {one.contract_number}",
                details={"bill": one.bill_id},
            )
            for one in periods
        ],
        at=at,
    )
