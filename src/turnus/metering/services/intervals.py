"""Take in load profiles day by day, set-wise: whole messages become rows without a loop over values.

Days nobody has seen before (nearly all) go from bytes to rows in one COPY and one INSERT. Days that have a
version already, or come more than once, are put together in memory, interval by interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from turnus.metering.calc.copy_format import COLUMNS, DayRow, binary_rows
from turnus.metering.calc.intervals import Delivery, Together, put_together, why_refused
from turnus.metering.models import IntervalDay, IntervalSeries, ValueRequest
from turnus.metering.queries import interval_gaps
from turnus.metering.records import NewIntervalDay, Outcome, SeriesKey, Stored, StoreResult
from turnus.metering.services.requests import mark_answered

DayKey = tuple[int, date]
Identity = tuple[int, int | None, str, int]
_FRESH = Stored(Outcome.STORED, version=1)
# Inserts and answers with the days it could not insert because they are there already.
_INSERT = """
WITH written AS (
    INSERT INTO metering_intervalday (
        client_id, series_id, day, version, is_current, scale, "values", status, total, missing, substitutes,
        is_put_together, document_at, original_id, taken_at
    )
    SELECT %s, series_id, day, version, is_current, scale, "values", status,
           raw_total * ('{1,0.1,0.01,0.001,0.0001,0.00001,0.000001}'::numeric[])[scale + 1],
           missing, substitutes, is_put_together, document_at, nullif(original_id, 0), %s
    FROM incoming_days
    ON CONFLICT DO NOTHING RETURNING series_id, day, version
)
SELECT i.series_id, i.day FROM incoming_days i LEFT JOIN written w USING (series_id, day, version)
WHERE w.series_id IS NULL
"""


@dataclass(frozen=True, slots=True)
class _KnownDay:
    """What is stored of a day: its deliveries as they came (row id with each), what counts, last version."""

    ids: tuple[int, ...]
    deliveries: tuple[Delivery, ...]
    current_id: int
    current: Delivery
    last_version: int
    withdrawn: tuple[Delivery, ...] = ()


@transaction.atomic
def ensure_series(*, client_id: int, keys: Sequence[SeriesKey]) -> dict[SeriesKey, int]:
    """Ids of load profiles; unknown ones are created.

    Unit and gas day do not tell series apart: those of the first one stay.
    """
    wanted = {_identity(key): key for key in reversed(keys)}
    found = _series_ids(client_id, wanted)
    missing = [key for identity, key in wanted.items() if identity not in found]
    if missing:
        IntervalSeries.objects.bulk_create(
            [
                IntervalSeries(
                    client_id=client_id, market_location_id=k.market_location_id,
                    metering_location_id=k.metering_location_id, obis_code=k.obis_code, unit=k.unit,
                    minutes=k.minutes, is_gas_day=k.is_gas_day,
                )
                for k in missing
            ],
            batch_size=2000, ignore_conflicts=True,
        )  # fmt: skip
        found = _series_ids(client_id, wanted)
    return {key: found[_identity(key)] for key in keys}


def _identity(key: SeriesKey) -> Identity:
    return key.market_location_id, key.metering_location_id, key.obis_code, key.minutes


def _series_ids(client_id: int, wanted: Mapping[Identity, SeriesKey]) -> dict[Identity, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT market_location_id, metering_location_id, obis_code, minutes, id "
            "FROM metering_intervalseries WHERE client_id = %s AND market_location_id = ANY(%s)",
            [client_id, list({identity[0] for identity in wanted})],
        )
        return {row[:4]: row[4] for row in cursor.fetchall() if row[:4] in wanted}


@transaction.atomic
def store_interval_days(*, client_id: int, days: Sequence[NewIntervalDay], at: datetime) -> StoreResult:
    """Store days of load profiles as versions; a day that does not fit the calendar is refused.

    A day of 96 quarter-hours is refused where the clocks change (92, 100). Of several deliveries of a day
    each interval takes the best status, then the later document. Taking the same in again changes nothing.
    """
    series = _load_series(client_id, days)
    items: list[Stored | None] = [_refusal(one, series) for one in days]
    fresh, again = _divide(days, items)
    for position in write_days(client_id, [(p, DayRow(days[p])) for p in fresh], at):
        # another worker was faster with this day
        again[days[position].series_id, days[position].day].insert(0, position)
    if again:
        rows = _put_together(client_id, days, items, again, at)
        assert write_days(client_id, rows, at) == [], "the series are locked"
    _answer_requests(client_id, series.keys(), at)
    return StoreResult(tuple(item for item in items if item is not None))


def _load_series(client_id: int, days: Sequence[NewIntervalDay]) -> dict[int, tuple[int, bool]]:
    """(minutes, gas day) of the series."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, minutes, is_gas_day FROM metering_intervalseries "
            "WHERE client_id = %s AND id = ANY(%s)",
            [client_id, list({d.series_id for d in days})],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _divide(
    days: Sequence[NewIntervalDay], items: list[Stored | None]
) -> tuple[list[int], defaultdict[DayKey, list[int]]]:
    """Positions of days nobody has seen, and by day those of further deliveries. Refused ones are in neither.

    New days are taken without a lock, so that workers with the same series do not wait for each other.
    """
    accepted = [p for p, item in enumerate(items) if item is None]
    seen = _known_keys([(days[p].series_id, days[p].day) for p in accepted])
    fresh: list[int] = []
    again: defaultdict[DayKey, list[int]] = defaultdict(list)
    for position in accepted:
        key = (days[position].series_id, days[position].day)
        if key in seen:
            again[key].append(position)
        else:
            seen.add(key)
            fresh.append(position)
            items[position] = _FRESH
    return fresh, again


def _refusal(one: NewIntervalDay, series: dict[int, tuple[int, bool]]) -> Stored | None:
    kind = series.get(one.series_id)
    if kind is None:
        return Stored(
            Outcome.REFUSED, reason=f"Den Lastgang {one.series_id} gibt es bei diesem Auftraggeber nicht."
        )
    reason = why_refused(one.values, one.status, one.scale, one.day, kind[0], kind[1])
    return Stored(Outcome.REFUSED, reason=reason) if reason else None


def _known_keys(keys: Sequence[DayKey]) -> set[DayKey]:
    """Which of the days have a version."""
    spans: dict[int, tuple[date, date]] = {}
    for series_id, day in keys:
        first, last = spans.get(series_id, (day, day))
        spans[series_id] = min(first, day), max(last, day)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.series_id, d.day "
            "FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS w(id, first, last) "
            # the order keeps the planner at one look into the index per series, however large the table
            "CROSS JOIN LATERAL (SELECT series_id, day FROM metering_intervalday WHERE series_id = w.id "
            "AND day BETWEEN w.first AND w.last AND is_current ORDER BY day) d",
            [list(spans), [s[0] for s in spans.values()], [s[1] for s in spans.values()]],
        )
        return {(series_id, day) for series_id, day in cursor.fetchall()}


def _put_together(
    client_id: int, days: Sequence[NewIntervalDay], items: list[Stored | None],
    again: Mapping[DayKey, list[int]], at: datetime,
) -> list[tuple[int, DayRow]]:  # fmt: skip
    """Rows for days that have a version already; fills in their outcomes. Their series are locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM metering_intervalseries WHERE client_id = %s AND id = ANY(%s) "
            "ORDER BY id FOR NO KEY UPDATE",
            [client_id, list({series_id for series_id, _ in again})],
        )
    stored = _load(list(again))
    rows: list[DayRow] = []
    superseded: list[int] = []
    for key, positions in again.items():
        day_rows, old = _one_day(days, items, positions, stored[key])
        rows += day_rows
        superseded += old
    if superseded:
        IntervalDay.objects.filter(pk__in=superseded).update(is_current=False, superseded_at=at)
    return [(-1, row) for row in rows]


def _one_day(
    days: Sequence[NewIntervalDay], items: list[Stored | None], positions: Sequence[int],
    known: _KnownDay,
) -> tuple[list[DayRow], list[int]]:  # fmt: skip
    """Rows to write for one day, and the row that stops counting."""
    deliveries, last = list(known.deliveries), known.last_version
    new: list[tuple[int, NewIntervalDay, int]] = []  # index of its delivery, day, version
    for position in positions:
        one = days[position]
        if any((d.values, d.status, d.scale) == (one.values, one.status, one.scale) for d in deliveries):
            _confirm(deliveries, known, one)
            items[position] = Stored(Outcome.UNCHANGED)
            continue
        if _was_withdrawn(known, one):
            items[position] = Stored(Outcome.UNCHANGED)
            continue
        new.append((len(deliveries), one, last + len(new) + 1))
        deliveries.append(Delivery(one.values, one.status, one.scale, one.document_at))
        items[position] = Stored(Outcome.KEPT, version=new[-1][2])
    if not deliveries:
        return [], []  # only what was withdrawn before came again
    try:
        whole = put_together(deliveries)
    except ValueError as error:
        for position in positions:
            items[position] = Stored(Outcome.REFUSED, reason=str(error))
        return [], []
    counts = _is_new(whole, known)
    rows = [DayRow(one, version, counts and whole.only == index) for index, one, version in new]
    winners = set(whole.winners)
    for index, _, version in new:
        position = next(p for p in positions if items[p] == Stored(Outcome.KEPT, version=version))
        if index in winners or whole.only == index:
            items[position] = Stored(Outcome.STORED, version=version)
    if counts and not any(row.is_current for row in rows):
        rows.append(_combined(days[positions[-1]], whole, last + len(new) + 1))
    return rows, [known.current_id] if counts else []


def _was_withdrawn(known: _KnownDay, one: NewIntervalDay) -> bool:
    """Whether this very document was withdrawn; the same values in a later document are news."""
    return any(
        (d.values, d.status, d.scale) == (one.values, one.status, one.scale)
        and one.document_at <= d.document_at
        for d in known.withdrawn
    )


def _confirm(deliveries: list[Delivery], known: _KnownDay, one: NewIntervalDay) -> None:
    """A later document repeats a delivery: its date moves forward, so that it outlives ones in between."""
    for index, delivery in enumerate(deliveries):
        if (delivery.values, delivery.status, delivery.scale) != (one.values, one.status, one.scale):
            continue
        if one.document_at <= delivery.document_at:
            return
        deliveries[index] = Delivery(one.values, one.status, one.scale, one.document_at)
        if index < len(known.ids):
            IntervalDay.objects.filter(pk=known.ids[index]).update(document_at=one.document_at)
        return


def _is_new(whole: Together, known: _KnownDay) -> bool:
    now = known.current
    return (whole.values, whole.status, whole.scale) != (now.values, now.status, now.scale)


def _combined(one: NewIntervalDay, whole: Together, version: int) -> DayRow:
    day = NewIntervalDay(
        one.series_id, one.day, whole.values, whole.status, whole.scale, whole.document_at, one.original_id
    )
    return DayRow(day, version, is_current=True, is_put_together=True)


def _load(keys: Sequence[DayKey]) -> dict[DayKey, _KnownDay]:
    return {key: _known_day(versions) for key, versions in versions_of(keys).items()}


def versions_of(keys: Sequence[DayKey]) -> dict[DayKey, list[IntervalDay]]:
    """Every version of some days, oldest first."""
    rows: defaultdict[DayKey, list[IntervalDay]] = defaultdict(list)
    wanted = set(keys)
    found = IntervalDay.objects.filter(series_id__in={k[0] for k in keys}, day__in={k[1] for k in keys})
    for row in found.order_by("version"):
        if (row.series_id, row.day) in wanted:
            rows[row.series_id, row.day].append(row)
    return rows


def _known_day(versions: Sequence[IntervalDay]) -> _KnownDay:
    came = [v for v in versions if not v.is_put_together and v.withdrawn_at is None]
    withdrawn = tuple(delivery_of(v) for v in versions if v.withdrawn_at is not None)
    current = next(v for v in versions if v.is_current)
    return _KnownDay(
        tuple(v.pk for v in came), tuple(delivery_of(v) for v in came), current.pk, delivery_of(current),
        max(v.version for v in versions), withdrawn,
    )  # fmt: skip


def delivery_of(row: IntervalDay) -> Delivery:
    """A stored version as the rules look at it."""
    return Delivery(bytes(row.values), bytes(row.status), row.scale, row.document_at)


def write_days(client_id: int, rows: list[tuple[int, DayRow]], at: datetime) -> list[int]:
    """Write (position, row); returns the positions of rows that another worker wrote in the meantime."""
    if not rows:
        return []
    # In the order of the index: neighbours fall on neighbouring pages, and workers cannot deadlock.
    rows.sort(key=lambda row: (row[1].day.series_id, row[1].day.day, row[1].version))
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    with connection.cursor() as wrapper, connection.wrap_database_errors:
        cursor = wrapper.cursor
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_days ({columns}) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE incoming_days")
        with cursor.copy("COPY incoming_days FROM STDIN (FORMAT BINARY)") as copy:
            for piece in binary_rows([row for _, row in rows]):
                copy.write(piece)
        cursor.execute(_INSERT, [client_id, at])
        lost = set(cursor.fetchall())
    return [p for p, row in rows if (row.day.series_id, row.day.day) in lost] if lost else []


def _answer_requests(client_id: int, series_ids: Collection[int], at: datetime) -> None:
    """Close open requests for load profiles whose time has no gap any more."""
    waiting = ValueRequest.objects.filter(
        client_id=client_id, answered_at__isnull=True, kind=ValueRequest.Kind.INTERVALS
    )
    answered = []
    for request in (r for r in waiting if r.series_id in series_ids):
        gaps = interval_gaps(
            client_id=client_id, first=request.period.lower, end=request.period.upper,
            market_location_id=request.market_location_id,
        )  # fmt: skip
        if not any(found.series_id == request.series_id for found in gaps):
            answered.append(request.pk)
    mark_answered(client_id=client_id, request_ids=answered, at=at)
