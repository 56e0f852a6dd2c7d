"""Reads about messages: what is silent past its time, and how the day stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet, Sum

from turnus.lib.market_time import day_end, day_start
from turnus.market.models import Acknowledgement, Interchange, Message


@dataclass(frozen=True, slots=True)
class DayState:
    """Incoming messages of a day by state, values found and taken over, and answers that are overdue."""

    received: int
    processed: int
    in_case: int
    rejected: int
    values_found: int
    values_stored: int
    overdue: int


def overdue(*, client_ids: Sequence[int], at: datetime) -> QuerySet[Acknowledgement]:
    """Acknowledgements past their time, ours and the partners', oldest first."""
    return (
        Acknowledgement.objects.filter(client_id__in=client_ids, answered_at__isnull=True, due_at__lt=at)
        .select_related("interchange", "message")
        .order_by("due_at")
    )


def day_state(*, client_ids: Sequence[int], day: date, at: datetime) -> DayState:
    """How the messages that came in on a (Berlin) day stand at `at`."""
    rows = Message.objects.filter(
        client_id__in=client_ids,
        interchange__direction=Interchange.Direction.IN,
        received_at__gte=day_start(day),
        received_at__lt=day_end(day),
    )
    by_state = dict(rows.values_list("state").annotate(count=Count("id")))
    sums = rows.aggregate(found=Sum("values_found"), stored=Sum("values_stored"))
    return DayState(
        received=sum(by_state.values()),
        processed=by_state.get(Message.State.PROCESSED, 0),
        in_case=by_state.get(Message.State.CASE, 0),
        rejected=by_state.get(Message.State.REJECTED, 0),
        values_found=sums["found"] or 0,
        values_stored=sums["stored"] or 0,
        overdue=overdue(client_ids=client_ids, at=at).count(),
    )
