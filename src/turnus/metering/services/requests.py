"""Ask market partners for values: recorded here once per cause, sent by the market room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from turnus.lib.market_time import market_day
from turnus.metering.models import ValueRequest
from turnus.metering.queries import interval_gaps


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
def mark_sent(*, client_id: int, request_ids: Sequence[int], at: datetime) -> int:
    """Note that requests have gone out; ones that were sent or answered before stay as they are."""
    waiting = ValueRequest.objects.filter(
        client_id=client_id, pk__in=request_ids, sent_at__isnull=True, answered_at__isnull=True
    )
    return waiting.update(sent_at=at)


@transaction.atomic
def request_gaps(*, client_id: int, first: date, end: date, at: datetime) -> int:
    """Ask the same day for what load profiles miss in [first, end); returns how many requests are new.

    A series is expected from the first day on which it ever had values.
    """
    due = market_day(at)
    requests = [
        NewRequest(
            kind=ValueRequest.Kind.INTERVALS, key=f"intervals:{series.series_id}:{gap.start}",
            market_location_id=series.market_location_id, series_id=series.series_id, start=gap.start,
            end=gap.end, due_on=due, reason=f"{gap.missing} fehlende Werte" if gap.missing else "keine Werte",
        )
        for series in interval_gaps(client_id=client_id, first=first, end=end)
        for gap in series.gaps
    ]  # fmt: skip
    return request_values(client_id=client_id, requests=requests, at=at)
