"""Ask market partners for values: recorded here once per cause, sent by the market room."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from turnus.lib.market_time import market_day
from turnus.masterdata.models import Register
from turnus.metering.models import MeterReading, Quality, ValueRequest
from turnus.metering.queries import interval_gaps
from turnus.worklist.models import Case
from turnus.worklist.services import close_case

# What partners may answer with; a value we doubt is settled by a true one only.
_ANSWERS = frozenset({Quality.TRUE, Quality.SUBSTITUTE})


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What to ask for, for [start, end). `key` names the cause: while one is open, no second is made."""

    kind: str
    key: str
    market_location_id: int
    start: date
    end: date
    reason: str
    due_on: date
    register_id: int | None = None
    series_id: int | None = None
    doubted_value: Decimal | None = None


@transaction.atomic
def request_values(*, client_id: int, requests: Sequence[NewRequest], at: datetime) -> int:
    """Record requests whose cause has no open one yet; returns how many are new."""
    rows = [
        ValueRequest(
            client_id=client_id, kind=r.kind, key=r.key, market_location_id=r.market_location_id,
            register_id=r.register_id, series_id=r.series_id, period=(r.start, r.end), reason=r.reason[:240],
            doubted_value=r.doubted_value, due_on=r.due_on, requested_at=at,
        )
        for r in requests
    ]  # fmt: skip
    keys = [r.key for r in requests]
    open_before = ValueRequest.objects.filter(client_id=client_id, key__in=keys, answered_at__isnull=True)
    known = open_before.count()
    ValueRequest.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    return open_before.count() - known


@transaction.atomic
def mark_sent(*, client_id: int, sent: Mapping[int, str], due_on: date, at: datetime) -> int:
    """Note that requests (id → document number) have gone out and by when we want the answer.

    Ones that were sent or answered before stay as they are.
    """
    waiting = ValueRequest.objects.select_for_update(of=("self",)).filter(
        client_id=client_id, pk__in=sent, sent_at__isnull=True, answered_at__isnull=True
    )
    rows = list(waiting)
    for row in rows:
        row.sent_at, row.due_on, row.reference = at, due_on, sent[row.pk]
    ValueRequest.objects.bulk_update(rows, ["sent_at", "due_on", "reference"])
    return len(rows)


@transaction.atomic
def mark_reminded(*, client_id: int, reminded: Mapping[int, str], due_on: date, at: datetime) -> int:
    """Note that reminders (request id → document number) have gone out, with their own deadline.

    A person may remind again; the last reminder counts, and the request is no longer escalated.
    """
    rows = list(
        ValueRequest.objects.select_for_update(of=("self",)).filter(
            client_id=client_id, pk__in=reminded, sent_at__isnull=False, answered_at__isnull=True
        )
    )
    for row in rows:
        row.reminded_at, row.reminder_due_on, row.escalated_at = at, due_on, None
        row.reminder_reference = reminded[row.pk]
    fields = ["reminded_at", "reminder_due_on", "escalated_at", "reminder_reference"]
    ValueRequest.objects.bulk_update(rows, fields)
    return len(rows)


@transaction.atomic
def mark_escalated(*, client_id: int, request_ids: Collection[int], at: datetime) -> int:
    """Note that a person has to follow up requests nobody answered."""
    return ValueRequest.objects.filter(
        client_id=client_id, pk__in=request_ids, escalated_at__isnull=True, answered_at__isnull=True
    ).update(escalated_at=at)


def case_keys(request_id: int) -> tuple[str, str]:
    """Causes of the cases a request can have: it cannot be asked, nobody answers."""
    return f"request_impossible:{request_id}", f"request_unanswered:{request_id}"


@transaction.atomic
def mark_answered(*, client_id: int, request_ids: Collection[int], at: datetime) -> int:
    """The values are in: nothing more is asked, and the cases about the requests are closed."""
    if not request_ids:
        return 0
    answered = ValueRequest.objects.filter(
        client_id=client_id, pk__in=request_ids, answered_at__isnull=True
    ).update(answered_at=at)
    keys = [key for pk in request_ids for key in case_keys(pk)]
    for case in Case.objects.filter(client_id=client_id, key__in=keys).exclude(state=Case.State.DONE):
        close_case(case=case, user=None, at=at, outcome="Die angeforderten Werte sind eingetroffen.")
    return answered


@transaction.atomic
def answer_readings(*, client_id: int, arrived: Mapping[tuple[int, date], str], at: datetime) -> int:
    """Close requests that readings which count now answer. arrived: (register, date) → quality.

    A request about a register is answered by a reading of it; one about a location by readings of all
    registers that hung there. A doubted value wants a true one, a missing value also takes a substitute.
    """
    registers = {register_id for register_id, _ in arrived}
    rows = Register.objects.filter(pk__in=registers).values_list(
        "pk", "meter__metering_location__market_location_id"
    )
    places = {pk: int(place) for pk, place in rows}
    waiting = ValueRequest.objects.filter(
        Q(register__in=registers)
        | Q(register__isnull=True, market_location__in=set(places.values())),
        client_id=client_id, kind=ValueRequest.Kind.READING, answered_at__isnull=True,
    )  # fmt: skip
    answered = [
        request.pk
        for request in waiting
        if any(
            _fits(request, register_id, places.get(register_id), day, quality)
            for (register_id, day), quality in arrived.items()
        )
        and (request.register_id is not None or _is_complete(request))
    ]
    return mark_answered(client_id=client_id, request_ids=answered, at=at)


def _fits(request: ValueRequest, register_id: int, place: int | None, day: date, quality: str) -> bool:
    if not request.period.lower <= day < request.period.upper:
        return False
    if quality not in ({Quality.TRUE} if request.doubted_value is not None else _ANSWERS):
        return False
    return request.register_id == register_id or (
        request.register_id is None and request.market_location_id == place
    )


def _is_complete(request: ValueRequest) -> bool:
    """Whether every register that hung at the location in the time asked about has a reading in it."""
    hanging = Register.objects.filter(
        meter__metering_location__market_location=request.market_location_id,
        meter__installed__overlap=request.period,
    )
    read = MeterReading.objects.filter(
        register__in=hanging, is_current=True, quality__in=_ANSWERS,
        date__gte=request.period.lower, date__lt=request.period.upper,
    ).values("register")  # fmt: skip
    return not hanging.exclude(pk__in=read).exists()


@transaction.atomic
def request_gaps(
    *, client_id: int, first: date, end: date, at: datetime, market_location_id: int | None = None
) -> int:
    """Ask the same day for what load profiles miss in [first, end); returns how many requests are new.

    A series is expected from the first day on which it ever had values. Without a location: all of them.
    A gap that goes on is one cause: while a request touches it, no second is made for the days since.
    """
    due = market_day(at)
    asked: defaultdict[int | None, list[tuple[date, date]]] = defaultdict(list)
    waiting = ValueRequest.objects.filter(
        client_id=client_id, kind=ValueRequest.Kind.INTERVALS, answered_at__isnull=True
    )
    for series_id, period in waiting.values_list("series_id", "period"):
        asked[series_id].append((period.lower, period.upper))
    requests = [
        NewRequest(
            kind=ValueRequest.Kind.INTERVALS, key=f"intervals:{series.series_id}:{gap.start}",
            market_location_id=series.market_location_id, series_id=series.series_id, start=gap.start,
            end=gap.end, due_on=due, reason=f"{gap.missing} fehlende Werte" if gap.missing else "keine Werte",
        )
        for series in interval_gaps(
            client_id=client_id, first=first, end=end, market_location_id=market_location_id
        )
        for gap in series.gaps
        if not any(start <= gap.end and gap.start <= to for start, to in asked[series.series_id])
    ]  # fmt: skip
    return request_values(client_id=client_id, requests=requests, at=at)
