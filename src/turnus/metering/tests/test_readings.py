"""Readings on the database: versions, blocks with cases, decisions, what billing reads.

Numbers in names are services of the trade: M01 readings in time, M45 same-day values.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

import factories as make
from turnus.masterdata.models import Register
from turnus.metering import queries, services
from turnus.metering.actions import REJECT, RELEASE
from turnus.metering.checks import check_versions
from turnus.metering.models import MeterReading, ValueRequest
from turnus.metering.records import NewReading, Outcome, StoreResult
from turnus.system.isolation import allow
from turnus.system.models import AuditEntry
from turnus.worklist.models import Case
from turnus.worklist.services import actions_of, run_action

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
YEAR_AGO, NEW_YEAR = date(2025, 1, 1), date(2026, 1, 1)


@pytest.fixture
def register() -> Register:
    return make.meter(make.market_location(make.principal()), digits=5)


def store(register: Register, *rows: tuple[date, str] | NewReading, at: datetime = AT) -> StoreResult:
    readings = [
        row
        if isinstance(row, NewReading)
        else NewReading(register.pk, row[0], Decimal(row[1]), "grid", "true")
        for row in rows
    ]
    return services.store_readings(client_id=register.client_id, readings=readings, user=None, at=at)


def outcomes(result: StoreResult) -> list[Outcome]:
    return [item.outcome for item in result.items]


def valid(register: Register) -> list[tuple[date, Decimal, str, int]]:
    location = register.meter.metering_location.market_location_id
    found = queries.readings_for(
        client_id=register.client_id, market_location_ids=[location], start=date(2000, 1, 1),
        end=date(2100, 1, 1),
    )[location]  # fmt: skip
    return [(r.date, r.value, r.quality, r.version) for r in found]


def test_taking_in_twice_changes_nothing(register: Register) -> None:
    rows = ((YEAR_AGO, "12345"), (NEW_YEAR, "15845"))
    assert outcomes(store(register, *rows)) == [Outcome.STORED, Outcome.STORED]
    again = store(register, *rows, at=AT + timedelta(days=1))
    assert outcomes(again) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert again.items[0].row_id == MeterReading.objects.get(date=YEAR_AGO).pk
    assert MeterReading.objects.count() == 2
    assert queries.superseded_since(client_id=register.client_id, since=AT) == []


def test_a_reading_twice_in_one_batch_is_stored_once(register: Register) -> None:
    assert outcomes(store(register, (NEW_YEAR, "15845"), (NEW_YEAR, "15845"))) == [
        Outcome.STORED,
        Outcome.UNCHANGED,
    ]
    assert valid(register) == [(NEW_YEAR, Decimal(15845), "true", 1)]


def test_m45_true_value_after_a_substitute_is_a_new_version_that_billing_can_see(register: Register) -> None:
    substitute = NewReading(register.pk, NEW_YEAR, Decimal(15800), "grid", "substitute")
    store(register, (YEAR_AGO, "12345"), substitute)
    later = AT + timedelta(days=3)
    assert outcomes(store(register, (NEW_YEAR, "15845"), at=later)) == [Outcome.STORED]
    assert valid(register)[1:] == [(NEW_YEAR, Decimal(15845), "true", 2)]
    (found,) = queries.superseded_since(client_id=register.client_id, since=later)
    former = MeterReading.objects.get(date=NEW_YEAR, version=1)
    assert (found.kind, found.row_id, found.old_value, found.new_value) == (
        "reading", former.pk, Decimal(15800), Decimal(15845),
    )  # fmt: skip
    assert found.is_different
    assert found.market_location_id == register.meter.metering_location.market_location_id
    assert queries.superseded_since(client_id=register.client_id, since=later + timedelta(seconds=1)) == []
    assert check_versions(client_id=register.client_id)[1] == []


def test_a_substitute_after_a_true_value_is_kept_but_does_not_count(register: Register) -> None:
    store(register, (NEW_YEAR, "15845"))
    substitute = NewReading(register.pk, NEW_YEAR, Decimal(15800), "grid", "substitute")
    assert outcomes(store(register, substitute, at=AT + timedelta(days=1))) == [Outcome.KEPT]
    assert valid(register) == [(NEW_YEAR, Decimal(15845), "true", 1)]
    assert MeterReading.objects.filter(date=NEW_YEAR).count() == 2


def test_m01_reading_below_the_last_is_kept_blocked_with_case_and_request(register: Register) -> None:
    store(register, (YEAR_AGO, "12345"))
    result = store(register, (NEW_YEAR, "11900"))
    assert outcomes(result) == [Outcome.BLOCKED]
    assert "unter dem letzten Stand 12.345" in result.items[0].reason
    row = MeterReading.objects.get(pk=result.items[0].row_id)
    assert (row.value, row.is_blocked, row.is_current) == (Decimal(11900), True, False)
    assert [r[0] for r in valid(register)] == [YEAR_AGO]
    case = Case.objects.get(pk=result.case_ids[0])
    assert (case.service, case.kind, case.object_id) == ("M01", "reading_blocked", row.pk)
    assert case.details["Gründe"] == ["below_last"]
    request = ValueRequest.objects.get()
    assert (request.doubted_value, request.due_on) == (Decimal(11900), date(2026, 1, 5))
    assert "11.900" in request.reason
    # The same message again: no second version, case or request.
    assert outcomes(store(register, (NEW_YEAR, "11900"), at=AT + timedelta(hours=1))) == [Outcome.UNCHANGED]
    assert (MeterReading.objects.count(), Case.objects.count(), ValueRequest.objects.count()) == (2, 1, 1)


def test_m01_more_than_twice_the_expected_is_blocked(register: Register) -> None:
    result = store(register, (YEAR_AGO, "12345"), (NEW_YEAR, "19500"))
    assert outcomes(result) == [Outcome.STORED, Outcome.BLOCKED]
    assert "2-Fache der erwarteten" in result.items[1].reason


def test_a_good_value_settles_what_was_blocked(register: Register) -> None:
    store(register, (YEAR_AGO, "12345"), (NEW_YEAR, "11900"))
    later = AT + timedelta(days=2)
    assert outcomes(store(register, (NEW_YEAR, "15845"), at=later)) == [Outcome.STORED]
    case = Case.objects.get()
    assert (case.state, case.closed_at) == (Case.State.DONE, later)
    assert ValueRequest.objects.get().answered_at == later
    assert queries.blocked_readings(client_ids=[register.client_id]) == []
    assert valid(register)[-1] == (NEW_YEAR, Decimal(15845), "true", 2)


def test_a_clerk_lets_a_blocked_reading_count(register: Register) -> None:
    result = store(register, (YEAR_AGO, "12345"), (NEW_YEAR, "19500"))
    lead = make.user("lea")
    case = Case.objects.get()
    assert [a.name for a in actions_of(case)] == [RELEASE.name, REJECT.name]
    with pytest.raises(ValueError, match="begründen"):
        run_action(case=case, name="release", user=lead, at=AT, form={"reason": " "})
    outcome = run_action(case=case, name="release", user=lead, at=AT, form={"reason": "Wärmepumpe"})
    assert "Wärmepumpe" in outcome
    assert valid(register)[-1] == (NEW_YEAR, Decimal(19500), "true", 1)
    case.refresh_from_db()
    assert (case.state, case.closed_by) == (Case.State.DONE, lead)
    assert AuditEntry.objects.filter(action="reading_released", user=lead).count() == 1
    with pytest.raises(services.ReadingDecided):
        services.reject_reading(
            client_id=register.client_id, reading_id=result.items[1].row_id or 0, user=lead, at=AT, reason=""
        )


def test_a_clerk_discards_a_blocked_reading(register: Register) -> None:
    store(register, (YEAR_AGO, "12345"), (NEW_YEAR, "19500"))
    run_action(case=Case.objects.get(), name="reject", user=make.user("lea"), at=AT, form={})
    row = MeterReading.objects.get(date=NEW_YEAR)
    assert (row.is_blocked, row.is_current, row.decision) == (True, False, "rejected")
    # The sender insists in a later document: a new version, looked at anew.
    again = NewReading(register.pk, NEW_YEAR, Decimal(19500), "grid", "true", confirmed=True)
    assert outcomes(store(register, again, at=AT + timedelta(days=1))) == [Outcome.STORED]
    assert check_versions(client_id=register.client_id)[1] == []


def test_a_better_value_that_counts_stops_a_release(register: Register) -> None:
    provisional = NewReading(register.pk, NEW_YEAR, Decimal(19500), "grid", "provisional")
    result = store(register, (YEAR_AGO, "12345"), provisional)
    store(register, NewReading(register.pk, NEW_YEAR, Decimal(15845), "grid", "substitute"))
    with pytest.raises(services.ReadingDecided, match="besserer"):
        services.release_reading(
            client_id=register.client_id, reading_id=result.items[1].row_id or 0, user=make.user("lea"),
            at=AT, reason="x",
        )  # fmt: skip
    assert valid(register)[-1] == (NEW_YEAR, Decimal(15845), "substitute", 2)


def test_overflow_is_recognised(register: Register) -> None:
    assert outcomes(store(register, (YEAR_AGO, "97000"), (NEW_YEAR, "700"))) == [
        Outcome.STORED,
        Outcome.STORED,
    ]
    (row,) = [r for r in queries.reading_list(market_location_ids=[_place(register)]) if r.consumption]
    assert (row.consumption, row.since) == (Decimal(3700), YEAR_AGO)


def _place(register: Register) -> int:
    return register.meter.metering_location.market_location_id


def test_dates_outside_the_life_of_the_meter_and_in_the_future_are_blocked() -> None:
    place = make.market_location(make.principal())
    old = make.meter(place, number="ALT", since=date(2020, 1, 1), until=date(2025, 6, 1))
    new = make.meter(place, number="NEU", since=date(2025, 6, 1))
    result = services.store_readings(
        client_id=place.client_id, user=None, at=AT,
        readings=[
            NewReading(old.pk, date(2025, 6, 1), Decimal(900), "grid", "true"),
            NewReading(new.pk, date(2025, 6, 1), Decimal(3), "grid", "true"),
            NewReading(old.pk, date(2025, 6, 2), Decimal(901), "grid", "true"),
            NewReading(new.pk, date(2025, 5, 31), Decimal(0), "grid", "true"),
            NewReading(new.pk, date(2026, 1, 6), Decimal(9), "grid", "true"),
        ],
    )  # fmt: skip
    assert outcomes(result) == [Outcome.STORED, Outcome.STORED] + [Outcome.BLOCKED] * 3
    assert [item.reason.split(" wurde ")[0] for item in result.items[2:4]] == [
        "Der Zähler ALT",
        "Der Zähler NEU",
    ]
    assert "Zukunft" in result.items[4].reason


def test_today_is_the_market_day_of_berlin(register: Register) -> None:
    just_after_midnight = datetime(2026, 1, 4, 23, 30, tzinfo=UTC)  # 5 January, 00:30 in Berlin
    result = store(register, (date(2026, 1, 5), "100"), at=just_after_midnight)
    assert outcomes(result) == [Outcome.STORED]


def test_a_register_of_another_principal_is_refused(register: Register) -> None:
    other = make.principal("stadtwerk-b")
    reading = NewReading(register.pk, NEW_YEAR, Decimal(1), "grid", "true")
    result = services.store_readings(client_id=other.pk, readings=[reading], user=None, at=AT)
    assert outcomes(result) == [Outcome.REFUSED]
    assert MeterReading.objects.count() == 0
    allow([other.pk])
    assert queries.readings_for(
        client_id=register.client_id, market_location_ids=[1], start=YEAR_AGO, end=NEW_YEAR
    ) == {1: []}


def test_a_clerk_is_asked_before_an_unusual_value_is_stored(register: Register) -> None:
    store(register, (YEAR_AGO, "12345"))
    clerk = make.user("karl")
    new = NewReading(register.pk, NEW_YEAR, Decimal(19500), "customer", "true")
    asked = services.enter_reading(client_id=register.client_id, reading=new, user=clerk, at=AT)
    assert asked.must_confirm
    assert [f.code for f in asked.findings] == ["twice_expected"]
    assert (asked.advance, MeterReading.objects.count()) == (Decimal(7155), 1)
    done = services.enter_reading(
        client_id=register.client_id, reading=new, user=clerk, at=AT, confirmed=True
    )
    assert done.stored is not None
    assert done.stored.outcome is Outcome.STORED
    assert MeterReading.objects.get(date=NEW_YEAR).taken_by == clerk
    assert AuditEntry.objects.filter(action="reading_entered", user=clerk).count() == 1


def test_a_clerk_cannot_confirm_the_impossible(register: Register) -> None:
    store(register, (YEAR_AGO, "12345"))
    new = NewReading(register.pk, NEW_YEAR, Decimal(11000), "customer", "true")
    done = services.enter_reading(
        client_id=register.client_id, reading=new, user=make.user("karl"), at=AT, confirmed=True
    )
    assert done.stored is not None
    assert done.stored.outcome is Outcome.BLOCKED
    # A customer's reading is clarified with the customer, nobody else is asked for it.
    assert ValueRequest.objects.count() == 0


def test_a_plausible_entry_is_stored_at_once(register: Register) -> None:
    new = NewReading(register.pk, NEW_YEAR, Decimal(11000), "customer", "true")
    done = services.enter_reading(client_id=register.client_id, reading=new, user=make.user("k"), at=AT)
    assert not done.must_confirm
    repeated = services.enter_reading(client_id=register.client_id, reading=new, user=make.user("m"), at=AT)
    assert repeated.stored is not None
    assert repeated.stored.outcome is Outcome.UNCHANGED


def test_the_principal_sets_the_limits(register: Register) -> None:
    from turnus.clients.models import Setting

    Setting.objects.create(client=register.client, name="reading_limit_factor", value=3)
    assert outcomes(store(register, (YEAR_AGO, "12345"), (NEW_YEAR, "19500"))) == [Outcome.STORED] * 2


def test_readings_for_has_every_location_in_one_query(register: Register, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    empty = make.market_location(register.client)
    store(register, (YEAR_AGO, "12345"), (NEW_YEAR, "15845"))
    with django_assert_num_queries(1):
        found = queries.readings_for(
            client_id=register.client_id, market_location_ids=[empty.pk, _place(register)], start=NEW_YEAR,
            end=NEW_YEAR,
        )  # fmt: skip
    assert found[empty.pk] == []
    (record,) = found[_place(register)]
    assert (record.meter_number, record.digits, record.factor) == (register.meter.number, 5, Decimal(1))
    assert (record.date, record.value, record.origin) == (NEW_YEAR, Decimal(15845), "grid")


def test_months_share_the_consumption_by_days(register: Register) -> None:
    store(register, (date(2025, 12, 1), "100"), (NEW_YEAR, "410"))
    found = queries.monthly_consumption(market_location_id=_place(register), first=YEAR_AGO, end=NEW_YEAR)
    assert found.from_readings == {(2025, 12): Decimal(310)}
    assert found.from_intervals == {}


def test_locations_without_a_reading_are_listed_the_oldest_first(register: Register) -> None:
    never = make.meter(make.market_location(register.client))
    done = make.meter(make.market_location(register.client))
    store(register, (date(2024, 1, 1), "1"))
    store(done, (NEW_YEAR, "1"))
    found = queries.locations_without_reading(
        client_id=register.client_id, since=date(2025, 12, 1), until=NEW_YEAR
    )
    assert [(f.meter_number, f.last_reading_on) for f in found] == [
        (never.meter.number, None),
        (register.meter.number, date(2024, 1, 1)),
    ]


def test_requests_are_made_once_and_marked_sent(register: Register) -> None:
    one = services.NewRequest(
        ValueRequest.Kind.READING, "k", _place(register), NEW_YEAR, date(2026, 1, 2), "fehlt", NEW_YEAR
    )
    client = register.client_id
    assert services.request_values(client_id=client, requests=[one], at=AT) == 1
    assert services.request_values(client_id=client, requests=[one], at=AT) == 0
    (row,) = ValueRequest.objects.all()
    assert services.mark_sent(client_id=client, sent={row.pk: "TU1"}, due_on=NEW_YEAR, at=AT) == 1
    assert services.mark_sent(client_id=client, sent={row.pk: "TU1"}, due_on=NEW_YEAR, at=AT) == 0
