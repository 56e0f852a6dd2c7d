"""Silence is followed up: one reminder, then one case; an answer closes all of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import makotest
import pytest
from django.test import Client

import factories as make
from turnus.market.models import Interchange, Message
from turnus.market.services import (
    FollowUp,
    RequestSettled,
    follow_up_requests,
    remind_again,
    send_requests,
)
from turnus.masterdata.models import MarketLocation, Register
from turnus.metering.models import ValueRequest
from turnus.metering.records import NewGasQuality, NewIntervalDay, NewReading, SeriesKey
from turnus.metering.services import (
    NewRequest,
    answer_readings,
    case_keys,
    ensure_series,
    mark_answered,
    mark_escalated,
    mark_reminded,
    request_gaps,
    request_values,
    store_gas_quality,
    store_interval_days,
    store_readings,
)
from turnus.system.clock import set_business_date
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

pytestmark = pytest.mark.django_db
NEW_YEAR = date(2026, 11, 1)


def morning(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T06:00:00+00:00").astimezone(UTC)


ASKED = morning("2026-11-02")  # Monday: answer by Monday 9.11., the fifth working day


@pytest.fixture
def client() -> Principal:
    return make.principal(market_partner_id="9985046000001", market_partner_id_gas="9870046000001")


def ask(place: MarketLocation, kind: str = "reading", register: Register | None = None) -> ValueRequest:
    wanted = NewRequest(
        kind=kind, key=f"{kind}:{place.pk}", market_location_id=place.pk, start=NEW_YEAR,
        end=date(2026, 11, 2), reason="Stand fehlt", due_on=date(2026, 11, 2),
        register_id=register.pk if register else None,
    )  # fmt: skip
    request_values(client_id=place.client_id, requests=[wanted], at=ASKED)
    return ValueRequest.objects.get(key=wanted.key)


def day(client: Principal, on: str) -> FollowUp:
    """What the daily run does about requests."""
    send_requests(client_id=client.pk, at=morning(on))
    return follow_up_requests(client_id=client.pk, at=morning(on))


def reading(register: Register, quality: str = "true") -> NewReading:
    return NewReading(register.pk, NEW_YEAR, Decimal(1234), "grid", quality)


def test_the_course_of_silence_day_by_day(client: Principal) -> None:
    place = make.market_location(client)
    request = ask(place, register=make.meter(place))
    course = [
        # day, reminders, cases, messages out, open cases
        ("2026-11-02", 0, 0, 1, 0),
        ("2026-11-09", 0, 0, 1, 0),  # the last day belongs to the partner
        ("2026-11-10", 1, 0, 2, 0),
        ("2026-11-10", 0, 0, 2, 0),  # run again
        ("2026-11-13", 0, 0, 2, 0),  # third working day after the reminder
        ("2026-11-14", 0, 1, 2, 1),
        ("2026-11-14", 0, 0, 2, 1),
        ("2026-12-14", 0, 0, 2, 1),
    ]
    for on, reminders, cases, sent, waiting in course:
        assert day(client, on) == FollowUp(reminders, cases), on
        assert Message.objects.filter(type="ORDERS").count() == sent, on
        assert Case.objects.exclude(state="done").count() == waiting, on
    request.refresh_from_db()
    first, second = Message.objects.filter(type="ORDERS").order_by("id")
    assert (request.reference, request.reminder_reference) == (first.reference, second.reference)
    assert second.outcome.startswith(f"Erinnerung an {first.reference}: ")
    assert (request.due_on, request.reminder_due_on) == (date(2026, 11, 9), date(2026, 11, 13))


def test_a_reminder_is_a_message_partners_must_accept(client: Principal) -> None:
    place = make.market_location(client)
    ask(place, register=make.meter(place))
    day(client, "2026-11-02")
    day(client, "2026-11-10")
    first, second = Interchange.objects.filter(direction="out").order_by("id")
    report = makotest.validate_edifact(second.original.content.removeprefix(b"UNA:+.? '"), "2026-11-10")
    assert [finding.message for finding in report.errors] == []
    # Why the reminder does not name the first message: the description has no place for it.
    named = second.original.content.replace(b"RFF+Z13", f"RFF+ACW:{first.reference}'RFF+Z13".encode())
    report = makotest.validate_edifact(named.removeprefix(b"UNA:+.? '"), "2026-11-10")
    assert any("RFF-NOT-PERMITTED" in (finding.rule_id or "") for finding in report.errors)


def test_the_case_names_who_owes_what_and_until_when(client: Principal) -> None:
    grid = make.grid_operator("9900000000004", "Netz Nord")
    place = make.market_location(client, grid_operator=grid)
    request = ask(place, register=make.meter(place))
    for on in ("2026-11-02", "2026-11-10", "2026-11-14"):
        day(client, on)
    case = Case.objects.get(kind="request_unanswered")
    assert (case.service, case.object_kind, case.object_id) == ("M01", "metering.valuerequest", request.pk)
    assert case.key == case_keys(request.pk)[1]
    # The reading of 1.11. closes a period that ends on 31.10.; six weeks later is 12.12.
    assert case.due_on == date(2026, 12, 12)
    assert "noch 28 Tage" in case.reason
    for part in ("Netz Nord", "02.11.2026", "09.11.2026", "10.11.2026", "13.11.2026", "12.12.2026", "§ 40c"):
        assert part in case.reason
    assert case.details["Zuständig"] == "Netz Nord (9900000000004)"
    assert case.details["Rechnung bis (§ 40c EnWG)"] == "2026-12-12"


@pytest.mark.parametrize("until", [(), ("2026-11-10",), ("2026-11-10", "2026-11-14")])
@pytest.mark.parametrize("quality", ["true", "substitute"])
def test_an_answer_closes_all_of_it(client: Principal, until: tuple[str, ...], quality: str) -> None:
    place = make.market_location(client)
    register = make.meter(place)
    request = ask(place)  # about the location, as billing asks
    for on in ("2026-11-02", *until):
        day(client, on)
    store_readings(
        client_id=client.pk, readings=[reading(register, quality)], user=None, at=morning("2026-11-16")
    )
    request.refresh_from_db()
    assert request.answered_at == morning("2026-11-16")
    assert not Case.objects.exclude(state="done").exists()
    before = Message.objects.count()
    assert day(client, "2026-12-01") == FollowUp(0, 0)
    assert Message.objects.count() == before


def test_a_location_is_answered_when_all_its_meters_are_read(client: Principal) -> None:
    place = make.market_location(client)
    first, second = make.meter(place), make.meter(place)
    request = ask(place)
    store_readings(client_id=client.pk, readings=[reading(first)], user=None, at=ASKED)
    request.refresh_from_db()
    assert request.answered_at is None
    store_readings(client_id=client.pk, readings=[reading(second)], user=None, at=ASKED)
    request.refresh_from_db()
    assert request.answered_at == ASKED


def test_a_doubted_value_wants_a_true_one(client: Principal) -> None:
    place = make.market_location(client)
    register = make.meter(place)
    request = ask(place, register=register)
    ValueRequest.objects.filter(pk=request.pk).update(doubted_value=Decimal(99))
    day_of = (register.pk, NEW_YEAR)
    assert answer_readings(client_id=client.pk, arrived={day_of: "substitute"}, at=ASKED) == 0
    assert answer_readings(client_id=client.pk, arrived={day_of: "true"}, at=ASKED) == 1


def test_gas_quality_is_followed_up_with_the_grid_operator(client: Principal) -> None:
    grid = make.grid_operator("9800000000019", "Gasnetz")
    place = make.market_location(client, commodity="gas", grid_operator=grid)
    make.meter(place)
    request = ask(place, "gas_quality")
    for on in ("2026-11-02", "2026-11-10", "2026-11-14"):
        day(client, on)
    assert Interchange.objects.filter(direction="out", receiver="9800000000019").count() == 2
    assert Case.objects.get().kind == "request_unanswered"
    values = [
        NewGasQuality(place.pk, kind, NEW_YEAR, date(2026, 11, 2), value)
        for kind, value in (("calorific_value", Decimal("11.4")), ("conversion_factor", Decimal("0.95")))
    ]
    store_gas_quality(client_id=client.pk, values=values, user=None, at=morning("2026-11-16"))
    request.refresh_from_db()
    assert request.answered_at is not None
    assert Case.objects.get().state == "done"


def test_a_clerk_reminds_again_and_silence_becomes_a_new_case(client: Principal) -> None:
    place = make.market_location(client)
    request = ask(place, register=make.meter(place))
    for on in ("2026-11-02", "2026-11-10", "2026-11-14"):
        day(client, on)
    case, anna = Case.objects.get(), make.user("anna", client)
    outcome = run_action(case=case, name="remind", user=anna, at=morning("2026-11-16"), form={})
    assert "20.11.2026" in outcome  # 18.11. is a holiday in Saxony
    assert day(client, "2026-11-20") == FollowUp(0, 0)
    assert day(client, "2026-11-21") == FollowUp(0, 1)
    assert Case.objects.exclude(state="done").count() == 1
    mark_answered(client_id=client.pk, request_ids=[request.pk], at=morning("2026-11-22"))
    with pytest.raises(RequestSettled):
        remind_again(client_id=client.pk, request_id=request.pk, user=anna, at=morning("2026-11-23"))


def test_a_reminder_without_addressee_is_one_case_that_closes_by_itself(client: Principal) -> None:
    place = make.market_location(client)
    ask(place, register=make.meter(place))
    day(client, "2026-11-02")
    MarketLocation.objects.filter(pk=place.pk).update(grid_operator=None, metering_operator=None)
    assert day(client, "2026-11-10") == day(client, "2026-11-11") == FollowUp(0, 0)
    case = Case.objects.get()
    assert (case.kind, case.occurrences) == ("request_impossible", 1)
    MarketLocation.objects.filter(pk=place.pk).update(grid_operator=make.grid_operator())
    assert day(client, "2026-11-12") == FollowUp(1, 0)
    assert not Case.objects.exclude(state="done").exists()


def test_what_is_answered_is_neither_reminded_nor_escalated(client: Principal) -> None:
    place = make.market_location(client)
    request = ask(place, register=make.meter(place))
    due = date(2026, 11, 20)
    assert (
        mark_reminded(client_id=client.pk, reminded={request.pk: "X"}, due_on=due, at=ASKED) == 0
    )  # not sent
    day(client, "2026-11-02")
    assert mark_answered(client_id=client.pk, request_ids=[request.pk], at=ASKED) == 1
    assert mark_reminded(client_id=client.pk, reminded={request.pk: "X"}, due_on=due, at=ASKED) == 0
    assert mark_escalated(client_id=client.pk, request_ids=[request.pk], at=ASKED) == 0


def test_the_list_shows_stage_clocks_and_countdown(client: Principal) -> None:
    place = make.market_location(client)
    request = ask(place, register=make.meter(place))
    for on in ("2026-11-02", "2026-11-10"):
        day(client, on)
    request.refresh_from_db()
    set_business_date(date(2026, 11, 14))
    browser = Client()
    browser.force_login(make.user("anna", client))
    listed = browser.get("/messwerte/anforderungen/?stage=reminded&late=on").content.decode()
    for part in ("erinnert", "13.11.2026", "noch 28 Tage", place.market_location_id):
        assert part in listed, part
    assert (
        place.market_location_id
        not in browser.get("/messwerte/anforderungen/?stage=answered").content.decode()
    )
    assert "zu spät" not in listed
    set_business_date(date(2026, 12, 14))
    shown = browser.get(f"/messwerte/anforderungen/{request.pk}/").content.decode()
    for part in ("2 Tage zu spät", request.reference, request.reminder_reference, "12.12.2026"):
        assert part in shown, part


def test_a_load_profile_that_stays_silent_is_one_request(client: Principal) -> None:
    """The daily run looks back some days only: its window moves, the cause stays."""
    place = make.market_location(client)
    key = SeriesKey(place.pk, None, "1-1:1.29.0")
    series = ensure_series(client_id=client.pk, keys=[key])[key]
    first = NewIntervalDay(series, date(2026, 10, 20), bytes(4 * 96), b"\x01" * 96, 3, ASKED)
    store_interval_days(client_id=client.pk, days=[first], at=ASKED)
    new = [
        request_gaps(
            client_id=client.pk, first=today - timedelta(days=7), end=today, at=ASKED + timedelta(days=n)
        )
        for n in range(5)
        for today in [date(2026, 11, 2) + timedelta(days=n)]
    ]
    assert new == [1, 0, 0, 0, 0]
    mark_answered(client_id=client.pk, request_ids=[ValueRequest.objects.get().pk], at=ASKED)
    later = date(2026, 11, 7)
    assert request_gaps(client_id=client.pk, first=date(2026, 10, 31), end=later, at=ASKED) == 1
