"""Take in calorific values and conversion factors; where periods overlap, the better one counts there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from psycopg.types.range import DateRange

from turnus.masterdata.models import MarketLocation
from turnus.metering.calc.gas_quality import Delivery, timeline
from turnus.metering.models import GasQuality, Quality, ValueRequest
from turnus.metering.queries import gas_quality_for
from turnus.metering.records import NewGasQuality, Outcome, Stored, StoreResult
from turnus.metering.services.requests import mark_answered
from turnus.system.bulk import reserve_ids
from turnus.system.models import User

Key = tuple[int, str]


@dataclass(slots=True)
class Changes:
    """What is to be written: rows that count no more or again, new document dates, new rows."""

    ended: list[int] = field(default_factory=list)
    revived: list[int] = field(default_factory=list)
    confirmed: dict[int, datetime] = field(default_factory=dict)
    new: dict[int, GasQuality] = field(default_factory=dict)
    _ids: list[int] = field(default_factory=list)

    def add(self, row: GasQuality) -> GasQuality:
        """Give the row its key and keep it for writing."""
        if not self._ids:
            self._ids = reserve_ids(GasQuality, 200)[::-1]
        row.pk = self._ids.pop()
        self.new[row.pk] = row
        return row

    def write(self, at: datetime) -> None:
        """Ended rows first: no two rows may count for the same day, not even for a moment."""
        GasQuality.versions.filter(pk__in=self.ended).update(is_current=False, superseded_at=at)
        for pk, document_at in self.confirmed.items():
            GasQuality.objects.filter(pk=pk).update(document_at=document_at)
        GasQuality.objects.filter(pk__in=self.revived).update(is_current=True, superseded_at=None)
        GasQuality.objects.bulk_create(self.new.values(), batch_size=2000)


@transaction.atomic
def store_gas_quality(
    *, client_id: int, values: Sequence[NewGasQuality], user: User | None, at: datetime
) -> StoreResult:
    """Store gas quality as versions. Of overlapping periods the better or later value counts on common days.

    The former one goes on counting on its other days, as rows `cut_from` it. Taking the same in again changes
    nothing. Refused: unknown location, other kinds, values that are not positive, periods without a day.
    """
    places = _lock_locations(client_id, {v.market_location_id for v in values})
    items: list[Stored | None] = [_refusal(v, places) for v in values]
    by_key: defaultdict[Key, list[int]] = defaultdict(list)
    for position, one in enumerate(values):
        if items[position] is None:
            by_key[one.market_location_id, one.kind].append(position)
    known = known_rows(client_id, by_key)
    changes = Changes()
    for key, positions in by_key.items():
        rows = known.get(key, [])
        for position in positions:
            items[position] = _add(client_id, rows, changes, values[position], user, at)
        lay_out(rows, changes, at)
        for position in positions:
            items[position] = _outcome(items[position], rows)
    changes.write(at)
    _answer_requests(client_id, {key[0] for key in by_key}, at)
    return StoreResult(tuple(item for item in items if item is not None))


def _lock_locations(client_id: int, ids: set[int]) -> set[int]:
    rows = MarketLocation.objects.filter(client_id=client_id, pk__in=ids).select_for_update(no_key=True)
    return set(rows.order_by("pk").values_list("pk", flat=True))


def _refusal(one: NewGasQuality, places: set[int]) -> Stored | None:
    reason = ""
    if one.market_location_id not in places:
        reason = f"Die Marktlokation {one.market_location_id} gibt es bei diesem Auftraggeber nicht."
    elif one.kind not in GasQuality.Kind.values:
        reason = f"„{one.kind}“ ist weder Brennwert noch Zustandszahl."
    elif one.quality not in Quality.values:
        reason = f"Die Güte „{one.quality}“ ist unbekannt."
    elif not one.value.is_finite() or not 0 < one.value < 10_000 or one.value != round(one.value, 6):
        reason = f"{one.value} ist kein Brennwert und keine Zustandszahl."
    elif one.end <= one.start:
        reason = f"Der Zeitraum {one.start:%d.%m.%Y} bis {one.end:%d.%m.%Y} hat keinen Tag."
    return Stored(Outcome.REFUSED, reason=reason) if reason else None


def known_rows(client_id: int, keys: Collection[Key]) -> dict[Key, list[GasQuality]]:
    """Every version of the locations and kinds, oldest first."""
    found: defaultdict[Key, list[GasQuality]] = defaultdict(list)
    rows = GasQuality.versions.filter(client_id=client_id, market_location_id__in={key[0] for key in keys})
    for row in rows.order_by("version", "pk"):
        found[row.market_location_id, row.kind].append(row)
    return found


def _add(
    client_id: int, rows: list[GasQuality], changes: Changes, one: NewGasQuality, user: User | None,
    at: datetime,
) -> Stored:  # fmt: skip
    """Add a delivery to the rows of its location and kind, unless it is known."""
    document_at = one.document_at or at
    for row in rows:
        if row.withdrawn_at is not None and document_at > row.document_at:
            continue  # what was withdrawn and comes in a later document is news
        if is_delivery(row) and _content(row) == (one.start, one.end, one.value, one.quality):
            if document_at > row.document_at:
                row.document_at = changes.confirmed[row.pk] = document_at
            return Stored(Outcome.UNCHANGED, row.pk, row.version)
    row = changes.add(
        GasQuality(
            client_id=client_id,
            market_location_id=one.market_location_id,
            kind=one.kind,
            valid=DateRange(one.start, one.end),
            value=one.value,
            quality=one.quality,
            is_current=False,
            version=max((r.version for r in rows), default=0) + 1,
            document_at=document_at,
            original_id=one.original_id,
            taken_at=at,
            taken_by=user,
        )
    )
    rows.append(row)
    return Stored(Outcome.KEPT, row.pk, row.version)


def _content(row: GasQuality) -> tuple[date, date, Decimal, str]:
    return row.valid.lower, row.valid.upper, row.value, row.quality


def is_delivery(row: GasQuality) -> bool:
    """Whether the row is a value as it came, not a part of one or a withdrawal."""
    return row.cut_from_id is None and not row.is_withdrawal


def lay_out(rows: list[GasQuality], changes: Changes, at: datetime, *, revive: bool = True) -> None:
    """Make exactly the pieces of the timeline current; nothing is touched that stays as it is.

    revive: a former delivery that counts again becomes current itself; else a copy of it does, so that the
    change has its own version and time.
    """
    came = [row for row in rows if is_delivery(row) and row.withdrawn_at is None]
    pieces = timeline([Delivery(*_content(row), row.document_at) for row in came])
    wanted = {(p.start, p.end, came[p.source].pk) for p in pieces}
    current = {(r.valid.lower, r.valid.upper, r.cut_from_id or r.pk): r for r in rows if r.is_current}
    for place, row in current.items():
        if place not in wanted:
            row.is_current = False
            changes.ended.append(row.pk)
    by_id = {row.pk: row for row in came}
    for start, end, source_id in sorted(wanted - set(current)):
        source = by_id[source_id]
        is_part = (source.valid.lower, source.valid.upper) != (start, end)
        if is_part or not (revive or source_id in changes.new):
            rows.append(changes.add(_cut(source, start, end, max(r.version for r in rows) + 1, at)))
            continue
        source.is_current = True
        if source_id not in changes.new:
            changes.revived.append(source_id)


def _cut(source: GasQuality, start: date, end: date, version: int, at: datetime) -> GasQuality:
    return GasQuality(
        client_id=source.client_id, market_location_id=source.market_location_id, kind=source.kind,
        valid=DateRange(start, end), value=source.value, quality=source.quality, version=version,
        cut_from=source, document_at=source.document_at, original_id=source.original_id, taken_at=at,
        taken_by_id=source.taken_by_id,
    )  # fmt: skip


def _outcome(item: Stored | None, rows: list[GasQuality]) -> Stored | None:
    """KEPT becomes STORED where the delivery counts on some day."""
    if item is None or item.outcome is not Outcome.KEPT:
        return item
    counts = any(row.is_current and item.row_id in (row.pk, row.cut_from_id) for row in rows)
    return Stored(Outcome.STORED, item.row_id, item.version) if counts else item


def _answer_requests(client_id: int, location_ids: set[int], at: datetime) -> None:
    """Close open requests whose time is covered by both figures now."""
    waiting = ValueRequest.objects.filter(
        client_id=client_id, answered_at__isnull=True, kind=ValueRequest.Kind.GAS_QUALITY,
        market_location_id__in=location_ids,
    )  # fmt: skip
    answered = []
    for request in waiting:
        first, end = request.period.lower, request.period.upper
        place = request.market_location_id
        known = gas_quality_for(client_id=client_id, market_location_ids=[place], start=first, end=end)[place]
        if sum((k.end - k.start).days for k in known) == (end - first).days:
            answered.append(request.pk)
    mark_answered(client_id=client_id, request_ids=answered, at=at)
