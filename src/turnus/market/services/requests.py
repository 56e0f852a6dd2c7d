"""Ask market partners for what metering misses: an ORDERS, a reminder, then a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from turnus.catalogue import deadlines
from turnus.lib.market_time import market_day
from turnus.market.services.orders import impossible, write_order
from turnus.metering.calc.requests import Step, next_step
from turnus.metering.models import ValueRequest
from turnus.metering.queries import bill_by, course_of, responsible_party
from turnus.metering.services import case_keys, mark_escalated, mark_reminded, mark_sent
from turnus.system import audit
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import NewCase, close_cause, open_cases

_URGENT_DAYS = 14


class RequestSettled(ValueError):
    """The request is answered, or has not been asked yet."""


@dataclass(frozen=True, slots=True)
class SentRequests:
    """How many requests went out, and why others could not (a case each)."""

    sent: int
    impossible: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How many partners were reminded, and how many requests became a case because nobody answered."""

    reminded: int
    escalated: int


@transaction.atomic
def send_requests(*, client_id: int, at: datetime) -> SentRequests:
    """Write an ORDERS for every open request that has not gone out; a repeat sends nothing twice.

    The deadline for the answer begins now (`catalogue` rule value_request). A request that cannot be asked
    (no partner, no metering location, no own code) becomes a case; the case closes once it could be asked.
    """
    today = market_day(at)
    sent: dict[int, str] = {}
    cases: list[NewCase] = []
    for request in _open(client_id).filter(sent_at__isnull=True):
        written = write_order(request=request, at=at)
        if written.obstacle:
            cases.append(impossible(request, written.obstacle))
        else:
            sent[request.pk] = written.reference
    if sent:
        due_on = deadlines.due_on("value_request", today)
        mark_sent(client_id=client_id, sent=sent, due_on=due_on, at=at)
        _close_impossible(client_id, sent, at)
    _open_once(client_id, cases, at)
    return SentRequests(len(sent), tuple(case.reason for case in cases))


@transaction.atomic
def follow_up_requests(*, client_id: int, at: datetime) -> FollowUp:
    """Remind of what was not answered in time; open a case where the reminder was not answered either (M01).

    However often it runs: one reminder and one case per request. The reminder has its own deadline (rule
    value_reminder), in BDEW working days.
    """
    today = market_day(at)
    reminded: dict[int, str] = {}
    cases: dict[int, NewCase] = {}
    blocked: list[NewCase] = []
    for request in _open(client_id).filter(sent_at__isnull=False, escalated_at__isnull=True):
        step = next_step(course_of(request), today)
        if step is Step.REMIND:
            written = write_order(request=request, at=at, reminds_of=request.reference)
            if written.obstacle:
                blocked.append(impossible(request, written.obstacle))
            else:
                reminded[request.pk] = written.reference
        elif step is Step.ESCALATE:
            cases[request.pk] = _unanswered(request, today)
    if reminded:
        due_on = deadlines.due_on("value_reminder", today)
        mark_reminded(client_id=client_id, reminded=reminded, due_on=due_on, at=at)
        _close_impossible(client_id, reminded, at)
    open_cases(client_id=client_id, new=list(cases.values()), at=at)
    _open_once(client_id, blocked, at)
    mark_escalated(client_id=client_id, request_ids=cases, at=at)
    return FollowUp(len(reminded), len(cases))


@transaction.atomic
def remind_again(*, client_id: int, request_id: int, user: User | None, at: datetime) -> date:
    """Remind once more because a person wants it; returns the new deadline.

    Raises:
        RequestSettled: it is answered, or was never asked.
        ValueError: it cannot be asked; the text says why.
    """
    request = _open(client_id).filter(pk=request_id, sent_at__isnull=False).first()
    if request is None:
        raise RequestSettled("Diese Anforderung ist beantwortet oder noch gar nicht gesendet.")
    written = write_order(request=request, at=at, reminds_of=request.reference)
    if written.obstacle:
        raise ValueError(written.obstacle)
    due_on = deadlines.due_on("value_reminder", market_day(at))
    mark_reminded(client_id=client_id, reminded={request.pk: written.reference}, due_on=due_on, at=at)
    audit.record(
        client_id=client_id, at=at, user=user, action="request_reminded",
        object_kind="metering.valuerequest", object_id=request.pk, text=f"Erinnerung {written.reference}",
    )  # fmt: skip
    return due_on


def _open(client_id: int) -> QuerySet[ValueRequest]:
    """Unanswered requests, locked, oldest first."""
    return (
        ValueRequest.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, answered_at__isnull=True)
        .select_related(
            "market_location__grid_operator", "market_location__metering_operator",
            "register__meter__metering_location",
        )
        .order_by("id")
    )  # fmt: skip


def _close_impossible(client_id: int, request_ids: Collection[int], at: datetime) -> None:
    """Close the cases of requests that could be written after all."""
    known = Case.objects.filter(
        client_id=client_id, key__in=[case_keys(pk)[0] for pk in request_ids]
    ).exclude(state=Case.State.DONE)
    for key in list(known.values_list("key", flat=True)):
        close_cause(client_id=client_id, key=key, at=at, outcome="Die Anforderung ist geschrieben.")


def _open_once(client_id: int, new: list[NewCase], at: datetime) -> None:
    """Open cases that are not open yet: the same obstacle the next day is no further occurrence."""
    known = set(
        Case.objects.filter(client_id=client_id, key__in=[case.key for case in new])
        .exclude(state=Case.State.DONE)
        .values_list("key", flat=True)
    )
    open_cases(client_id=client_id, new=[case for case in new if case.key not in known], at=at)


def _unanswered(request: ValueRequest, today: date) -> NewCase:
    partner = responsible_party(request)
    limit = bill_by(request)
    left = (limit - today).days
    assert request.sent_at and request.reminded_at and request.reminder_due_on, "reminded before escalated"
    asked, reminded = market_day(request.sent_at), market_day(request.reminded_at)
    who = str(partner) if partner else "Der Marktpartner"
    time_left = f"noch {left} Tage" if left > 0 else "heute" if left == 0 else f"{-left} Tage überschritten"
    return NewCase(
        kind="request_unanswered",
        service="M45" if request.kind == ValueRequest.Kind.INTERVALS else "M01",
        key=case_keys(request.pk)[1],
        title=f"{request.get_kind_display()} für {request.market_location}: keine Antwort",
        reason=(
            f"{who} hat weder auf die Anforderung {request.reference} vom {asked:%d.%m.%Y} "
            f"(Antwort bis {request.due_on:%d.%m.%Y}) noch auf die Erinnerung {request.reminder_reference} "
            f"vom {reminded:%d.%m.%Y} (Antwort bis {request.reminder_due_on:%d.%m.%Y}) geantwortet. "
            f"Die Rechnung muss nach § 40c Abs. 2 EnWG bis {limit:%d.%m.%Y} gestellt sein: "
            f"am {today:%d.%m.%Y} {time_left}."
        ),
        object_kind="metering.valuerequest",
        object_id=request.pk,
        object_label=str(request.market_location),
        due_on=limit,
        priority=Case.Priority.HIGH if left <= _URGENT_DAYS else Case.Priority.NORMAL,
        details={
            "Zuständig": who,
            "Angefordert am": asked.isoformat(),
            "Antwort bis": request.due_on.isoformat(),
            "Erinnert am": reminded.isoformat(),
            "Antwort auf die Erinnerung bis": request.reminder_due_on.isoformat(),
            "Rechnung bis (§ 40c EnWG)": limit.isoformat(),
        },
    )
