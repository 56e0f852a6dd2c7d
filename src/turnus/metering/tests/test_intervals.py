"""Load profiles, gas quality and energy amounts on the database. M45: same-day values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

import factories as make
from turnus.masterdata.models import MarketLocation
from turnus.metering import queries, services
from turnus.metering.calc.intervals import Gap
from turnus.metering.checks import check_interval_days, check_versions
from turnus.metering.models import EnergyAmount, GasQuality, IntervalDay, ValueRequest
from turnus.metering.records import (
    NewEnergyAmount,
    NewGasQuality,
    NewIntervalDay,
    Outcome,
    SeriesKey,
    Status,
    StoreResult,
)
from turnus.system.isolation import allow

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 6, 9, 0, tzinfo=UTC)
DAY = date(2026, 1, 5)
T, S, M = Status.TRUE, Status.SUBSTITUTE, Status.MISSING


@pytest.fixture
def place() -> MarketLocation:
    return make.market_location(make.principal())


def series(place: MarketLocation, **fields: object) -> int:
    key = SeriesKey(place.pk, None, "1-1:1.29.0", **fields)  # type: ignore[arg-type]
    return services.ensure_series(client_id=place.client_id, keys=[key])[key]


def day(series_id: int, value: int = 250, status: list[int] | None = None, on: date = DAY, count: int = 96,
        hours: int = 0) -> NewIntervalDay:  # fmt: skip
    marks = status or [T] * count
    values = np.where(np.array(marks) == M, 0, value).astype("<i4").tobytes()
    return NewIntervalDay(series_id, on, values, bytes(marks), 3, AT + timedelta(hours=hours))


def store(place: MarketLocation, *days: NewIntervalDay, at: datetime = AT) -> list[Outcome]:
    result = services.store_interval_days(client_id=place.client_id, days=days, at=at)
    return [item.outcome for item in result.items]


def current(on: date = DAY) -> IntervalDay:
    return IntervalDay.objects.get(day=on, is_current=True)


def numbers(row: IntervalDay) -> list[int]:
    return np.frombuffer(bytes(row.values), dtype="<i4").tolist()  # type: ignore[no-any-return]


def clean(place: MarketLocation) -> bool:
    return (
        not check_interval_days(client_id=place.client_id)[1] + check_versions(client_id=place.client_id)[1]
    )


def test_series_are_found_again_and_made_once(place: MarketLocation) -> None:
    first = SeriesKey(place.pk, None, "1-1:1.29.0")
    second = SeriesKey(place.pk, None, "1-1:2.29.0")
    made = services.ensure_series(client_id=place.client_id, keys=[first, second, first])
    assert made[first] != made[second]
    assert services.ensure_series(client_id=place.client_id, keys=[second]) == {second: made[second]}


def test_a_day_is_stored_with_its_sums(place: MarketLocation) -> None:
    marks = [T] * 90 + [S] * 4 + [M, M]
    assert store(place, day(series(place), 250, marks)) == [Outcome.STORED]
    row = current()
    assert (row.total, row.missing, row.substitutes) == (Decimal("23.500"), 2, 4)
    assert (row.version, row.scale, bytes(row.status)) == (1, 3, bytes(marks))
    assert (row.document_at, row.taken_at, row.original_id) == (AT, AT, None)
    assert clean(place)


def test_m45_days_of_92_and_100_are_taken_and_96_refused_on_them(place: MarketLocation) -> None:
    id_ = series(place)
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    days = [
        day(id_, on=spring, count=92),
        day(id_, on=autumn, count=100),
        day(id_, on=DAY),
        day(id_, on=spring, count=96),
        day(id_, on=autumn, count=96),
    ]
    result = services.store_interval_days(client_id=place.client_id, days=days, at=AT)
    assert [i.outcome for i in result.items] == [Outcome.STORED] * 3 + [Outcome.REFUSED] * 2
    assert "92 Intervalle" in result.items[3].reason
    assert "100 Intervalle" in result.items[4].reason
    assert (result.stored, IntervalDay.objects.count()) == (3, 3)
    assert current(autumn).total == Decimal("25.000")


def test_gas_days_lose_and_gain_their_hour_on_saturday(place: MarketLocation) -> None:
    id_ = series(place, minutes=60, is_gas_day=True)
    outcomes = store(
        place,
        day(id_, on=date(2026, 3, 28), count=23),
        day(id_, on=date(2026, 10, 24), count=25),
        day(id_, on=date(2026, 10, 25), count=25),
    )
    assert outcomes == [Outcome.STORED, Outcome.STORED, Outcome.REFUSED]


def test_taking_in_twice_changes_nothing(place: MarketLocation) -> None:
    one = day(series(place))
    assert store(place, one) == [Outcome.STORED]
    assert store(place, one, at=AT + timedelta(days=1)) == [Outcome.UNCHANGED]
    assert store(place, one, one) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert IntervalDay.objects.count() == 1


def test_a_correction_is_a_new_version(place: MarketLocation) -> None:
    id_ = series(place)
    store(place, day(id_, 250, [S] * 96))
    later = AT + timedelta(days=2)
    assert store(place, day(id_, 300, hours=30), at=later) == [Outcome.STORED]
    assert (current().version, current().total) == (2, Decimal("28.800"))
    (found,) = queries.superseded_since(client_id=place.client_id, since=later)
    assert (found.kind, found.old_value, found.new_value) == ("interval_day", Decimal(24), Decimal("28.8"))
    assert store(place, day(id_, 999, [S] * 96, hours=60), at=later) == [Outcome.KEPT]
    assert current().version == 2
    assert clean(place)


def test_parts_of_a_day_are_put_together(place: MarketLocation) -> None:
    id_ = series(place)
    morning, evening = day(id_, 100, [T] * 48 + [M] * 48), day(id_, 200, [M] * 48 + [T] * 48, hours=1)
    assert store(place, morning) == [Outcome.STORED]
    assert store(place, evening) == [Outcome.STORED]
    row = current()
    assert numbers(row) == [100] * 48 + [200] * 48
    assert (row.missing, row.is_put_together, row.version) == (0, True, 3)
    assert store(place, morning, evening) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert clean(place)


def test_parts_in_one_batch_are_put_together_too(place: MarketLocation) -> None:
    id_ = series(place)
    outcomes = store(place, day(id_, 100, [T] * 48 + [M] * 48), day(id_, 200, [M] * 48 + [T] * 48))
    assert outcomes == [Outcome.STORED, Outcome.STORED]
    assert numbers(current()) == [100] * 48 + [200] * 48
    assert clean(place)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_deliveries_in_any_order_end_in_the_same_day(place: MarketLocation, order: tuple[int, ...]) -> None:
    id_ = series(place)
    deliveries = [
        day(id_, 100, [T] * 48 + [M] * 48),
        day(id_, 200, [S] * 96, hours=1),
        day(id_, 300, [M] * 90 + [T] * 6, hours=2),
    ]
    for index in order:
        store(place, deliveries[index])
    assert numbers(current()) == [100] * 48 + [200] * 42 + [300] * 6
    assert clean(place)


def test_unknown_series_are_refused(place: MarketLocation) -> None:
    other = make.principal("stadtwerk-b")
    one = day(series(place))
    result = services.store_interval_days(client_id=other.pk, days=[one], at=AT)
    assert result.items[0].outcome is Outcome.REFUSED
    assert "gibt es bei diesem Auftraggeber nicht" in result.items[0].reason
    allow([other.pk])
    assert IntervalDay.objects.count() == 0


def test_m45_a_gap_is_requested_the_same_day_and_closed_when_filled(place: MarketLocation) -> None:
    id_ = series(place)
    store(place, day(id_), day(id_, on=date(2026, 1, 8)))
    client, end = place.client_id, date(2026, 1, 9)
    (found,) = queries.interval_gaps(client_id=client, first=date(2026, 1, 1), end=end)
    assert found.gaps == (Gap(date(2026, 1, 6), date(2026, 1, 8), 0),)
    assert services.request_gaps(client_id=client, first=date(2026, 1, 1), end=end, at=AT) == 1
    assert services.request_gaps(client_id=client, first=date(2026, 1, 1), end=end, at=AT) == 0
    request = ValueRequest.objects.get()
    assert (request.due_on, request.reason) == (date(2026, 1, 6), "keine Werte")
    store(place, day(id_, on=date(2026, 1, 6)))
    request.refresh_from_db()
    assert request.answered_at is None
    store(place, day(id_, on=date(2026, 1, 7)))
    request.refresh_from_db()
    assert request.answered_at == AT
    assert queries.interval_gaps(client_id=client, first=date(2026, 1, 1), end=end) == []


def test_missing_values_of_a_day_are_a_gap(place: MarketLocation) -> None:
    store(place, day(series(place), status=[T] * 95 + [M]))
    (found,) = queries.interval_gaps(
        client_id=place.client_id, first=DAY, end=date(2026, 1, 6), market_location_id=place.pk
    )
    assert found.gaps == (Gap(DAY, date(2026, 1, 6), 1),)


def test_months_are_summed_from_load_profiles(place: MarketLocation) -> None:
    id_ = series(place)
    store(place, day(id_), day(id_, on=date(2026, 1, 31)), day(id_, on=date(2026, 2, 1)))
    found = queries.monthly_consumption(
        market_location_id=place.pk, first=date(2026, 1, 1), end=date(2026, 3, 1)
    )
    assert found.from_intervals == {(2026, 1): Decimal(48), (2026, 2): Decimal(24)}


def test_m45_figures_of_the_day(place: MarketLocation) -> None:
    id_ = series(place)
    store(place, day(id_, status=[T] * 90 + [S] * 4 + [M] * 2), day(id_, on=date(2026, 1, 8)))
    gas_quality(place, (date(2026, 1, 1), date(2026, 2, 1), "11.4"))
    services.request_gaps(client_id=place.client_id, first=DAY, end=date(2026, 1, 9), at=AT)
    found = queries.day_statistics(client_id=place.client_id, day=date(2026, 1, 6))
    assert (found.interval_days, found.interval_values) == (2, 192)
    assert (found.interval_missing, found.interval_substitutes) == (2, 4)
    assert (found.gas_qualities, found.requests_new, found.requests_open) == (1, 2, 2)
    next_day = queries.day_statistics(client_id=place.client_id, day=date(2026, 1, 7))
    assert (next_day.interval_days, next_day.requests_open, next_day.requests_overdue) == (0, 2, 2)


def test_verify_finds_rows_that_do_not_agree_with_themselves(place: MarketLocation) -> None:
    id_ = series(place)
    store(place, day(id_))
    assert check_interval_days(client_id=place.client_id) == (1, [])
    good = current()
    values = {
        "client": place.client, "series_id": id_, "scale": 3, "status": good.status, "is_current": False,
        "document_at": AT, "taken_at": AT, "day": DAY, "values": good.values, "total": good.total,
    }  # fmt: skip
    IntervalDay.objects.create(**{**values, "version": 2, "total": Decimal(25)})
    IntervalDay.objects.create(**{**values, "version": 3, "missing": 1})
    IntervalDay.objects.create(**{**values, "version": 5, "values": bytes(good.values)[:-4]})
    texts = [finding.text for finding in check_interval_days(client_id=place.client_id)[1]]
    assert "nicht die der Werte" in texts[0]
    assert "falsch gezählt" in texts[1]
    assert "95 Werte" in texts[2]
    assert "nicht genau eine Version" in check_versions(client_id=place.client_id)[1][0].text


@pytest.mark.parametrize(
    ("model", "column"),
    [(IntervalDay, "values"), (IntervalDay, "total"), (GasQuality, "value"), (EnergyAmount, "value")],
)
def test_measured_values_cannot_be_changed_or_deleted(
    place: MarketLocation, model: type[IntervalDay | GasQuality | EnergyAmount], column: str
) -> None:
    store(place, day(series(place)))
    gas_quality(place, (JAN, APRIL, "11.4"))
    services.store_energy_amounts(client_id=place.client_id, amounts=[amount(place, "1")], at=AT)
    value = b"" if column == "values" else 1
    with pytest.raises(DatabaseError, match="unveränderlich"), transaction.atomic():
        model.objects.update(**{column: value})
    with pytest.raises(DatabaseError, match="unveränderlich"), transaction.atomic():
        model.objects.all().delete()
    assert model.objects.count() == 1


def test_days_belong_to_a_series_of_their_principal(place: MarketLocation) -> None:
    id_ = series(place)
    other = make.principal("stadtwerk-b")
    values = {"day": DAY, "values": b"", "status": b"", "total": 0, "document_at": AT, "taken_at": AT}
    wrong = [(other.pk, id_, None), (place.client_id, 0, None), (place.client_id, id_, 999)]
    for client_id, series_id, original_id in wrong:
        names = {"client_id": client_id, "series_id": series_id, "original_id": original_id}
        with pytest.raises(IntegrityError, match="gehört zu keinem Lastgang"), transaction.atomic():
            IntervalDay.objects.create(**names, **values)
    store(place, day(id_))
    with pytest.raises(IntegrityError, match="hat Werte"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM metering_intervalseries")


# Gas quality


def gas_quality(
    place: MarketLocation, *rows: tuple[date, date, str], kind: str = "calorific_value",
    quality: str = "true", at: datetime = AT,
) -> list[Outcome]:  # fmt: skip
    values = [
        NewGasQuality(place.pk, kind, start, end, Decimal(value), quality) for start, end, value in rows
    ]
    result: StoreResult = services.store_gas_quality(
        client_id=place.client_id, values=values, user=None, at=at
    )
    return [item.outcome for item in result.items]


def calorific(place: MarketLocation) -> list[tuple[int, int, Decimal]]:
    rows = GasQuality.objects.filter(market_location=place, kind="calorific_value", is_current=True)
    return sorted((r.valid.lower.month, r.valid.upper.month, r.value) for r in rows)


JAN, FEB, MARCH, APRIL = (date(2026, m, 1) for m in (1, 2, 3, 4))


def test_a_later_gas_quality_cuts_the_former(place: MarketLocation) -> None:
    assert gas_quality(place, (JAN, APRIL, "11.4")) == [Outcome.STORED]
    later = AT + timedelta(days=1)
    assert gas_quality(place, (FEB, MARCH, "11.2"), at=later) == [Outcome.STORED]
    assert calorific(place) == [(1, 2, Decimal("11.4")), (2, 3, Decimal("11.2")), (3, 4, Decimal("11.4"))]
    (found,) = queries.superseded_since(client_id=place.client_id, since=later)
    assert (found.kind, found.start, found.end, found.old_value, found.new_value) == (
        "gas_quality", JAN, APRIL, Decimal("11.4"), Decimal("11.2"),
    )  # fmt: skip
    again = gas_quality(place, (JAN, APRIL, "11.4"), (FEB, MARCH, "11.2"), at=AT)
    assert again == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert GasQuality.objects.count() == 4


def test_substitute_gas_quality_fills_only_what_is_unknown(place: MarketLocation) -> None:
    gas_quality(place, (FEB, MARCH, "11.2"))
    outcomes = gas_quality(place, (JAN, MARCH, "11.5"), (FEB, MARCH, "11.6"), quality="substitute")
    assert outcomes == [Outcome.STORED, Outcome.KEPT]
    assert calorific(place) == [(1, 2, Decimal("11.5")), (2, 3, Decimal("11.2"))]


def test_impossible_gas_quality_is_refused(place: MarketLocation) -> None:
    outcomes = gas_quality(
        place, (JAN, JAN, "11.2"), (JAN, FEB, "0"), (JAN, FEB, "99999"), (JAN, FEB, "11.2")
    )
    assert outcomes == [Outcome.REFUSED] * 3 + [Outcome.STORED]
    assert gas_quality(place, (JAN, FEB, "1"), kind="wobbe") == [Outcome.REFUSED]


def test_gas_quality_for_joins_both_kinds_in_one_query(
    place: MarketLocation, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    other = make.market_location(place.client)
    gas_quality(place, (JAN, FEB, "11.412"), (FEB, APRIL, "11.3"))
    gas_quality(place, (JAN, MARCH, "0.9543"), kind="conversion_factor")
    with django_assert_num_queries(1):
        found = queries.gas_quality_for(
            client_id=place.client_id, market_location_ids=[place.pk, other.pk], start=date(2026, 1, 15),
            end=APRIL,
        )  # fmt: skip
    assert found[other.pk] == []
    assert [(r.start, r.end, r.conversion_factor, r.calorific_value) for r in found[place.pk]] == [
        (date(2026, 1, 15), FEB, Decimal("0.9543"), Decimal("11.412")),
        (FEB, MARCH, Decimal("0.9543"), Decimal("11.3")),
    ]


def test_gas_quality_answers_its_request(place: MarketLocation) -> None:
    wanted = services.NewRequest(
        ValueRequest.Kind.GAS_QUALITY, "g", place.pk, JAN, MARCH, "fehlt", date(2026, 1, 9)
    )
    services.request_values(client_id=place.client_id, requests=[wanted], at=AT)
    gas_quality(place, (JAN, APRIL, "11.4"))
    gas_quality(place, (JAN, FEB, "0.95"), kind="conversion_factor")
    assert ValueRequest.objects.get().answered_at is None
    gas_quality(place, (FEB, MARCH, "0.96"), kind="conversion_factor")
    assert ValueRequest.objects.get().answered_at == AT


# Energy amounts


def amount(place: MarketLocation, value: str, quality: str = "true", hours: int = 0) -> NewEnergyAmount:
    return NewEnergyAmount(
        place.pk, None, "delivery_note", "1-1:1.9.1", datetime(2025, 12, 31, 23, tzinfo=UTC),
        datetime(2026, 1, 31, 23, tzinfo=UTC), Decimal(value), "kWh", quality,
        document_at=AT + timedelta(hours=hours),
    )  # fmt: skip


def test_amounts_are_versioned_by_the_rule_of_readings(place: MarketLocation) -> None:
    def outcomes(*rows: NewEnergyAmount) -> list[Outcome]:
        result = services.store_energy_amounts(client_id=place.client_id, amounts=rows, at=AT)
        return [item.outcome for item in result.items]

    assert outcomes(amount(place, "310.5", "substitute")) == [Outcome.STORED]
    assert outcomes(amount(place, "310.5", "substitute")) == [Outcome.UNCHANGED]
    assert outcomes(amount(place, "320", hours=1), amount(place, "321", hours=2)) == [Outcome.STORED] * 2
    assert outcomes(amount(place, "300", "substitute", hours=9)) == [Outcome.KEPT]
    row = EnergyAmount.objects.get(is_current=True)
    assert (row.value, row.version, EnergyAmount.objects.count()) == (Decimal(321), 3, 4)
    assert clean(place)


def test_impossible_amounts_are_refused(place: MarketLocation) -> None:
    good = amount(place, "1")
    backwards = NewEnergyAmount(
        place.pk, None, "measured", "x", good.ends_at, good.starts_at, Decimal(1), "kWh"
    )
    elsewhere = NewEnergyAmount(0, None, "measured", "x", good.starts_at, good.ends_at, Decimal(1), "kWh")
    strange = NewEnergyAmount(place.pk, None, "gift", "x", good.starts_at, good.ends_at, Decimal(1), "kWh")
    result = services.store_energy_amounts(
        client_id=place.client_id, amounts=[backwards, elsewhere, strange], at=AT
    )
    assert result.count(Outcome.REFUSED) == 3
    assert EnergyAmount.objects.count() == 0
