"""Read measured values: set-wise for billing, in lists and series for the workbench, gaps, the day's figures.

Row-level security already hides other principals; `client_id` in a filter is there for the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from turnus.lib.market_time import day_end, day_start
from turnus.masterdata.models import Commodity
from turnus.metering.calc.consumption import Month, RegisterPoint, advances, by_month
from turnus.metering.calc.gas_quality import join_kinds
from turnus.metering.calc.intervals import Gap, find_gaps
from turnus.metering.calc.requests import Requested, bill_limit
from turnus.metering.models import GasQuality, IntervalDay, MeterReading, Quality, ValueRequest
from turnus.partners.models import MarketPartner

ESTIMATED = frozenset({Quality.ESTIMATE, Quality.SUBSTITUTE, Quality.PROVISIONAL})


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """A valid reading with everything a bill needs of its register. `digits`: places before the point."""

    reading_id: int
    market_location_id: int
    register_id: int
    meter_number: str
    obis_code: str
    digits: int
    factor: Decimal
    date: date
    value: Decimal
    origin: str
    quality: str
    version: int


@dataclass(frozen=True, slots=True)
class GasQualityRecord:
    """Both figures that turn m³ into kWh, for [start, end)."""

    market_location_id: int
    start: date
    end: date
    conversion_factor: Decimal
    calorific_value: Decimal


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A line of the reading list. Consumption since the former valid reading, factor included."""

    reading: ReadingRecord
    is_current: bool
    is_blocked: bool
    blocked_reason: str
    since: date | None = None
    consumption: Decimal | None = None
    per_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MonthlyConsumption:
    """Per (year, month): from readings by days (kWh or m³), and measured by load profiles (kWh)."""

    from_readings: dict[Month, Decimal]
    from_intervals: dict[Month, Decimal]


@dataclass(frozen=True, slots=True)
class SeriesGaps:
    """What a load profile misses."""

    series_id: int
    market_location_id: int
    market_location: str
    obis_code: str
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class LocationWithoutReading:
    """A market location whose meter hangs, without a valid reading in the time asked for."""

    market_location_id: int
    market_location: str
    meter_number: str
    last_reading_on: date | None


@dataclass(frozen=True, slots=True)
class Superseded:
    """A version that stopped counting. `new_value` is None where nothing took its place.

    kind: "reading" | "gas_quality" | "interval_day"; [start, end) is what it was for (a reading: its date).
    """

    kind: str
    row_id: int
    version: int
    market_location_id: int
    start: date
    end: date
    old_value: Decimal
    new_value: Decimal | None
    superseded_at: datetime

    @property
    def is_different(self) -> bool:
        """Whether another number counts now (not only a better quality of the same)."""
        return self.old_value != self.new_value


@dataclass(frozen=True, slots=True)
class DayStatistics:
    """What came in on one day and what is still open (service M45)."""

    day: date
    readings: int
    readings_blocked: int
    interval_days: int
    interval_values: int
    interval_missing: int
    interval_substitutes: int
    gas_qualities: int
    energy_amounts: int
    blocked_open: int
    requests_new: int
    requests_open: int
    requests_overdue: int


_READING_COLUMNS = """
    r.id, ml.market_location_id, r.register_id, m.number, g.obis_code, g.digits, g.transformer_factor,
    r.date, r.value, r.origin, r.quality, r.version
"""
_READING_TABLES = """
    masterdata_meteringlocation ml
    JOIN masterdata_meter m ON m.metering_location_id = ml.id
    JOIN masterdata_register g ON g.meter_id = m.id
    JOIN metering_meterreading r ON r.register_id = g.id
"""


@dataclass(frozen=True, slots=True)
class InstalledRegister:
    """A register and the days [first, end) its meter hung at the location; `end` None: it still does."""

    meter_number: str
    obis_code: str
    first: date
    end: date | None


def registers_for(
    *, client_id: int, market_location_ids: Sequence[int], start: date, end: date
) -> dict[int, list[InstalledRegister]]:
    """All registers that hung there on a day of [start, end], per location by meter and code; one query."""
    found: dict[int, list[InstalledRegister]] = {i: [] for i in market_location_ids}
    rows = _rows(
        "SELECT ml.market_location_id, m.number, g.obis_code, lower(m.installed), upper(m.installed) "
        "FROM masterdata_meteringlocation ml "
        "JOIN masterdata_meter m ON m.metering_location_id = ml.id "
        "JOIN masterdata_register g ON g.meter_id = m.id "
        "WHERE ml.client_id = %s AND ml.market_location_id = ANY(%s) "
        "AND m.installed && daterange(%s, %s, '[]') "
        "ORDER BY m.number, g.obis_code",
        [client_id, list(market_location_ids), start, end],
    )
    for location_id, *register in rows:
        found[location_id].append(InstalledRegister(*register))
    return found


def readings_for(
    *, client_id: int, market_location_ids: Sequence[int], start: date, end: date
) -> dict[int, list[ReadingRecord]]:
    """Current, not blocked readings with a date in [start, end], per location by date and meter; one query.

    Locations without readings are in the answer too, with an empty list.
    """
    found: dict[int, list[ReadingRecord]] = {i: [] for i in market_location_ids}
    rows = _rows(
        f"SELECT {_READING_COLUMNS} FROM {_READING_TABLES} "
        "WHERE ml.client_id = %s AND ml.market_location_id = ANY(%s) "
        "AND r.is_current AND NOT r.is_withdrawal AND NOT r.is_blocked AND r.date BETWEEN %s AND %s "
        "ORDER BY r.date, m.number, g.obis_code",
        [client_id, list(market_location_ids), start, end],
    )
    for row in rows:
        found[row[1]].append(ReadingRecord(*row))
    return found


def gas_quality_for(
    *, client_id: int, market_location_ids: Sequence[int], start: date, end: date
) -> dict[int, list[GasQualityRecord]]:
    """Both figures together where both are known, cut to [start, end), per location by date; one query."""
    rows = _rows(
        "SELECT market_location_id, kind, greatest(lower(valid), %s), least(upper(valid), %s), value "
        "FROM metering_gasquality WHERE client_id = %s AND market_location_id = ANY(%s) "
        "AND is_current AND NOT is_withdrawal AND valid && daterange(%s, %s)",
        [start, end, client_id, list(market_location_ids), start, end],
    )
    kinds: defaultdict[tuple[int, str], list[tuple[date, date, Decimal]]] = defaultdict(list)
    for location, kind, from_, to, value in rows:
        kinds[location, kind].append((from_, to, value))
    return {
        location: [
            GasQualityRecord(location, b.start, b.end, b.conversion_factor, b.calorific_value)
            for b in join_kinds(
                kinds.get((location, GasQuality.Kind.CONVERSION_FACTOR), ()),
                kinds.get((location, GasQuality.Kind.CALORIFIC_VALUE), ()),
            )
        ]
        for location in market_location_ids
    }


def reading_list(*, market_location_ids: Sequence[int]) -> list[ReadingRow]:
    """Every version of every reading of some locations, the newest first, with consumption where valid."""
    rows = _rows(
        f"SELECT r.is_current, r.is_blocked, r.blocked_reason, {_READING_COLUMNS} FROM {_READING_TABLES} "
        "WHERE ml.market_location_id = ANY(%s) AND NOT r.is_withdrawal "
        "ORDER BY r.date DESC, m.number, g.obis_code, r.version DESC",
        [list(market_location_ids)],
    )
    listed = [ReadingRow(ReadingRecord(*row[3:]), row[0], row[1], row[2]) for row in rows]
    before = {
        (a.register_id, a.period.end): a for a in advances(_point(r.reading) for r in listed if r.is_current)
    }
    return [_with_consumption(row, before.get((row.reading.register_id, row.reading.date))) for row in listed]


def _with_consumption(row: ReadingRow, advance: Any) -> ReadingRow:
    if advance is None or not row.is_current:
        return row
    per_day = advance.amount / advance.period.days
    return replace(row, since=advance.period.start, consumption=advance.amount, per_day=per_day)


def _point(one: ReadingRecord) -> RegisterPoint:
    return RegisterPoint(
        one.register_id, one.date, one.value, one.digits, one.factor, one.quality in ESTIMATED
    )


def monthly_consumption(*, market_location_id: int, first: date, end: date) -> MonthlyConsumption:
    """Consumption per calendar month in [first, end); months that readings only touch hold that part."""
    known = [r.reading for r in reading_list(market_location_ids=[market_location_id]) if r.is_current]
    from_readings = by_month(advances(map(_point, known)))
    inside = {m: v for m, v in from_readings.items() if _in(m, first, end)}
    measured = (
        IntervalDay.objects.filter(
            series__market_location_id=market_location_id, series__unit="kWh", is_current=True,
            day__gte=first, day__lt=end,
        )
        .annotate(month=TruncMonth("day")).values_list("month").annotate(total=Sum("total")).order_by("month")
    )  # fmt: skip
    return MonthlyConsumption(inside, {(m.year, m.month): total for m, total in measured})


def _in(month: Month, first: date, end: date) -> bool:
    return (first.year, first.month) <= month and date(*month, 1) < end


def interval_gaps(
    *, client_id: int, first: date, end: date, market_location_id: int | None = None
) -> list[SeriesGaps]:
    """Load profiles that miss days or values in [first, end), each from the first day it ever had."""
    suspects = _rows(
        "SELECT s.id, s.market_location_id, l.market_location_id, s.obis_code, greatest(f.day, %s) "
        "FROM metering_intervalseries s JOIN masterdata_marketlocation l ON l.id = s.market_location_id "
        "CROSS JOIN LATERAL (SELECT min(day) AS day FROM metering_intervalday d WHERE d.series_id = s.id) f "
        "CROSS JOIN LATERAL (SELECT count(*) AS days, coalesce(sum(d.missing), 0) AS missing "
        "  FROM metering_intervalday d WHERE d.series_id = s.id AND d.is_current "
        "  AND d.day >= greatest(f.day, %s) AND d.day < %s) c "
        "WHERE s.client_id = %s AND f.day < %s AND (%s::bigint IS NULL OR s.market_location_id = %s) "
        "AND (c.days < %s - greatest(f.day, %s) OR c.missing > 0) ORDER BY s.id",
        [first, first, end, client_id, end, market_location_id, market_location_id, end, first],
    )
    listed = list(suspects)
    days: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    known = IntervalDay.objects.filter(
        series_id__in=[row[0] for row in listed], is_current=True, day__gte=first, day__lt=end
    )
    for series_id, day, missing in known.values_list("series_id", "day", "missing"):
        days[series_id].append((day, missing))
    return [
        SeriesGaps(series, location, name, obis, tuple(find_gaps(days[series], since, end)))
        for series, location, name, obis, since in listed
    ]


def locations_without_reading(
    *, client_id: int, since: date, until: date, limit: int = 1000
) -> list[LocationWithoutReading]:
    """Locations whose meter hung at `until` and has no valid reading dated in [since, until]; oldest first.

    Locations measured by load profile alone have no register and are not listed.
    """
    rows = _rows(
        "SELECT l.id, l.market_location_id, min(m.number), max(last.date) "
        "FROM masterdata_marketlocation l "
        "JOIN masterdata_meteringlocation ml ON ml.market_location_id = l.id "
        "JOIN masterdata_meter m ON m.metering_location_id = ml.id AND m.installed @> %s "
        "JOIN masterdata_register g ON g.meter_id = m.id "
        "LEFT JOIN LATERAL (SELECT r.date FROM metering_meterreading r WHERE r.register_id = g.id "
        "  AND r.is_current AND NOT r.is_withdrawal AND r.date <= %s "
        "  ORDER BY r.date DESC LIMIT 1) last ON true "
        "WHERE l.client_id = %s GROUP BY l.id HAVING min(coalesce(last.date, '-infinity')) < %s "
        "ORDER BY 4 NULLS FIRST, 2 LIMIT %s",
        [until - timedelta(days=1), until, client_id, since, limit],
    )
    return [LocationWithoutReading(*row) for row in rows]


def superseded_since(
    *, client_id: int, since: datetime, market_location_ids: Sequence[int] | None = None
) -> list[Superseded]:
    """Versions that stopped counting at or after `since`, oldest first. Billing compares them with its bills.

    Only what was current and valid before is here, so each entry may have been billed.
    """
    wanted = None if market_location_ids is None else list(market_location_ids)
    rows = _rows(
        """
        SELECT 'reading', r.id, r.version, ml.market_location_id, r.date, r.date + 1, r.value, n.value,
               r.superseded_at
        FROM metering_meterreading r
        JOIN masterdata_register g ON g.id = r.register_id JOIN masterdata_meter m ON m.id = g.meter_id
        JOIN masterdata_meteringlocation ml ON ml.id = m.metering_location_id
        LEFT JOIN metering_meterreading n
          ON n.register_id = r.register_id AND n.date = r.date AND n.is_current AND NOT n.is_withdrawal
        WHERE r.client_id = %(client)s AND NOT r.is_withdrawal AND r.superseded_at >= %(since)s
          AND (%(wanted)s::bigint[] IS NULL OR ml.market_location_id = ANY(%(wanted)s::bigint[]))
        UNION ALL
        SELECT 'gas_quality', q.id, q.version, q.market_location_id, lower(q.valid), upper(q.valid), q.value,
               (SELECT n.value FROM metering_gasquality n WHERE n.market_location_id = q.market_location_id
                AND n.kind = q.kind AND n.is_current AND NOT n.is_withdrawal AND n.valid && q.valid
                ORDER BY n.value = q.value, n.valid LIMIT 1),
               q.superseded_at
        FROM metering_gasquality q
        WHERE q.client_id = %(client)s AND NOT q.is_withdrawal AND q.superseded_at >= %(since)s
          AND (%(wanted)s::bigint[] IS NULL OR q.market_location_id = ANY(%(wanted)s::bigint[]))
        UNION ALL
        SELECT 'interval_day', d.id, d.version, s.market_location_id, d.day, d.day + 1, d.total, n.total,
               d.superseded_at
        FROM metering_intervalday d JOIN metering_intervalseries s ON s.id = d.series_id
        LEFT JOIN metering_intervalday n ON n.series_id = d.series_id AND n.day = d.day AND n.is_current
        WHERE d.client_id = %(client)s AND d.superseded_at >= %(since)s
          AND (%(wanted)s::bigint[] IS NULL OR s.market_location_id = ANY(%(wanted)s::bigint[]))
        ORDER BY 9, 1, 2
        """,
        {"client": client_id, "since": since, "wanted": wanted},
    )
    return [Superseded(*row) for row in rows]


def day_statistics(*, client_id: int, day: date) -> DayStatistics:
    """Figures of the market day `day` for the daily monitor; "open" and "overdue" as of the end of it."""
    row = next(
        _rows(
            """
            SELECT r.n, r.blocked, d.n, d.vals, d.missing, d.substitutes,
              (SELECT count(*) FROM metering_gasquality WHERE client_id = %(client)s AND NOT is_withdrawal
               AND taken_at >= %(from)s AND taken_at < %(to)s AND cut_from_id IS NULL),
              (SELECT count(*) FROM metering_energyamount WHERE client_id = %(client)s AND NOT is_withdrawal
               AND taken_at >= %(from)s AND taken_at < %(to)s),
              (SELECT count(*) FROM metering_meterreading WHERE client_id = %(client)s
               AND is_blocked AND decision = '' AND taken_at < %(to)s),
              (SELECT count(*) FROM metering_valuerequest WHERE client_id = %(client)s
               AND requested_at >= %(from)s AND requested_at < %(to)s),
              q.n, q.overdue
            FROM
              (SELECT count(*) AS n, count(*) FILTER (WHERE is_blocked) AS blocked FROM metering_meterreading
               WHERE client_id = %(client)s AND NOT is_withdrawal
               AND taken_at >= %(from)s AND taken_at < %(to)s) r,
              (SELECT count(*) AS n, coalesce(sum(length(status)), 0) AS vals,
                      coalesce(sum(missing), 0) AS missing, coalesce(sum(substitutes), 0) AS substitutes
               FROM metering_intervalday WHERE client_id = %(client)s AND NOT is_put_together
               AND taken_at >= %(from)s AND taken_at < %(to)s) d,
              (SELECT count(*) AS n, count(*) FILTER (WHERE due_on < %(day)s) AS overdue
               FROM metering_valuerequest WHERE client_id = %(client)s AND requested_at < %(to)s
               AND (answered_at IS NULL OR answered_at >= %(to)s)) q
            """,
            {"client": client_id, "from": day_start(day), "to": day_end(day), "day": day},
        )
    )
    return DayStatistics(day, *map(int, row))


def blocked_readings(*, client_ids: Sequence[int]) -> list[MeterReading]:
    """Blocked readings nobody has decided on yet, the oldest first."""
    return list(
        MeterReading.objects.filter(client_id__in=client_ids, is_blocked=True, decision="")
        .select_related("register__meter__metering_location__market_location", "original")
        .order_by("taken_at", "id")
    )


def responsible_party(request: ValueRequest) -> MarketPartner | None:
    """Who owes the values: the grid operator in gas, for electricity whoever operates the meters."""
    place = request.market_location
    if request.kind == ValueRequest.Kind.GAS_QUALITY or place.commodity == Commodity.GAS:
        return place.grid_operator
    return place.metering_operator or place.grid_operator


def course_of(request: ValueRequest) -> Requested:
    """What the rules need to know of a request."""
    return Requested(
        request.sent_at is not None, request.due_on, request.reminder_due_on,
        request.escalated_at is not None, request.answered_at is not None,
    )  # fmt: skip


def bill_by(request: ValueRequest) -> date:
    """Last day for the bill that waits for a request (§ 40c (2) EnWG)."""
    is_reading = request.kind == ValueRequest.Kind.READING
    return bill_limit(is_reading=is_reading, start=request.period.lower, end=request.period.upper)


def _rows(query: str, parameters: Any) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        yield from cursor.fetchall()
