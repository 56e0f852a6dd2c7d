"""Take back days of load profiles as a document brought them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from turnus.metering.calc.copy_format import DayRow
from turnus.metering.calc.intervals import put_together
from turnus.metering.models import IntervalDay, IntervalSeries
from turnus.metering.records import NewIntervalDay
from turnus.metering.services.intervals import delivery_of, versions_of, write_days


@dataclass(frozen=True, slots=True)
class WithdrawnDays:
    """What became of withdrawn days; gaps: (market location, day) where values are missing now."""

    withdrawn: int
    already: int
    kept: int
    missing: tuple[str, ...]
    gaps: tuple[tuple[int, date], ...]


@transaction.atomic
def withdraw_days(
    *, client_id: int, days: Sequence[NewIntervalDay], document_at: datetime | None, at: datetime
) -> WithdrawnDays:
    """Take back days as a document brought them; what other deliveries know of a day goes on counting.

    Where nothing is left, a version without values becomes the current one, so that the gap shows.
    """
    if not days:
        return WithdrawnDays(0, 0, 0, (), ())
    series = IntervalSeries.objects.filter(client_id=client_id, pk__in={d.series_id for d in days})
    locked = series.select_for_update(of=("self",), no_key=True).select_related("market_location")
    places = {row.pk: row for row in locked.order_by("pk")}
    counts = {"withdrawn": 0, "already": 0, "kept": 0}
    missing: list[str] = []
    gaps: list[tuple[int, date]] = []
    for one in days:
        key = (one.series_id, one.day)
        known = versions_of([key]).get(key, [])
        place = places[one.series_id]
        row, outcome = _find(one, known, document_at)
        if outcome == "missing":
            name = place.market_location.market_location_id
            missing.append(f"Lastgang {place.obis_code} für {name}, {one.day:%d.%m.%Y}")
            continue
        counts[outcome] += 1
        if outcome == "withdrawn" and row is not None and _withdraw_day(row, known, one, at):
            gaps.append((place.market_location_id, one.day))
    return WithdrawnDays(**counts, missing=tuple(missing), gaps=tuple(gaps))


def _find(
    one: NewIntervalDay, known: Sequence[IntervalDay], document_at: datetime | None
) -> tuple[IntervalDay | None, str]:
    """The version a document brought, and what has to be done with it."""
    content = (one.values, one.status, one.scale)
    same = [
        v for v in known
        if not v.is_put_together and (bytes(v.values), bytes(v.status), v.scale) == content
    ]  # fmt: skip
    mine = [v for v in same if v.original_id == one.original_id]
    if not mine:
        return None, "kept" if same else "missing"
    row = next((v for v in mine if v.withdrawn_at is None), None)
    if row is None:
        return None, "already"
    # Taking a repetition in moves the date of the delivery: a later document confirmed it.
    is_confirmed = document_at is not None and row.document_at > document_at
    return row, "kept" if is_confirmed else "withdrawn"


def _withdraw_day(row: IntervalDay, known: Sequence[IntervalDay], one: NewIntervalDay, at: datetime) -> bool:
    """Withdraw one version and lay out what is left; True if values are missing now that were there."""
    current = next(v for v in known if v.is_current)
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    left = [delivery_of(v) for v in known if not v.is_put_together and v.withdrawn_at is None]
    if left:
        whole = put_together(left)
        values, status, scale = whole.values, whole.status, whole.scale
        document_at = whole.document_at
    else:
        values, status, scale = bytes(len(one.values)), bytes(len(one.status)), one.scale
        document_at = row.document_at
    if (values, status, scale) == (bytes(current.values), bytes(current.status), current.scale):
        return False
    current.is_current, current.superseded_at = False, at
    current.save(update_fields=["is_current", "superseded_at"])
    version = max(v.version for v in known) + 1
    new = NewIntervalDay(one.series_id, one.day, values, status, scale, document_at, row.original_id)
    day = DayRow(new, version, is_current=True, is_put_together=True)
    assert write_days(row.client_id, [(-1, day)], at) == [], "the series is locked"
    return status.count(0) > bytes(current.status).count(0)
