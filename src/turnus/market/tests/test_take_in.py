"""Taking files in: every message for itself, nothing lost, nothing twice."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db.models import QuerySet

import factories as make
from turnus.documents.models import Original
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.records import TakeInResult
from turnus.market.services import NotReprocessable, reprocess, take_in
from turnus.masterdata.models import MarketLocation
from turnus.metering.models import IntervalDay, MeterReading
from turnus.partners.models import MarketPartner
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

_path = Path(__file__).parents[2] / "catalogue" / "tests" / "mscons_text.py"
_spec = importlib.util.spec_from_file_location("mscons_text", _path)
assert _spec and _spec.loader
text = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(text)

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 30)
AT = datetime(2026, 11, 1, 6, tzinfo=UTC)
NUMBERS = [f"{number % 13},{number * 37 % 1000:03d}" for number in range(96)]


@pytest.fixture
def client() -> Principal:
    make.grid_operator(text.SENDER, "Netz Nord")
    return make.principal(market_partner_id=text.RECEIVER)


def took(client: Principal, content: bytes, name: str = "datei.edi") -> TakeInResult:
    return take_in(client_id=client.pk, content=content, name=name, at=AT, user=None)


def received() -> QuerySet[Message]:
    return Message.objects.filter(interchange__direction="in")


def files() -> QuerySet[Interchange]:
    return Interchange.objects.filter(direction="in")


def original() -> bytes:
    """The content of the only incoming file."""
    (found,) = Original.objects.exclude(interchanges__direction="out")
    return bytes(found.content)


def states(result: TakeInResult) -> list[str]:
    return [message.state for message in result.messages]


def the_case(kind: str) -> Case:
    return Case.objects.get(kind=kind)


def reading_at(client: Principal, value: str = "1234", meter: str = "4711") -> str:
    location = MarketLocation.objects.get(client=client).market_location_id
    return text.reading(
        f"LOC+172+{location}", f"RFF+MG:{meter}", "LIN+1", "PIA+5+1-1?:1.8.0:SRW", f"QTY+220:{value}",
        "DTM+7:202610312300?+00:303",
    )  # fmt: skip


def test_a_load_profile_is_stored(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    result = took(client, text.interchange([text.profile(DAY, NUMBERS)]))
    (message,) = result.messages
    assert (message.state, message.values_found, message.values_stored) == ("processed", 96, 96)
    day = IntervalDay.objects.get()
    assert (day.day, day.missing, day.version, day.is_current) == (DAY, 0, 1, True)
    row = received().get()
    assert (row.pid, row.type, row.version, row.location_text) == ("13025", "MSCONS", "2.5", text.LOCATION)
    assert row.market_location is not None
    assert row.partner == MarketPartner.objects.get(market_partner_id=text.SENDER)
    assert row.process == "Lastgang Marktlokation oder Tranche"
    assert Acknowledgement.objects.get().kind == "CONTRL"
    assert Message.objects.get(interchange__direction="out").type == "CONTRL"


def test_the_same_file_again_changes_nothing(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    content = text.interchange([text.profile(DAY, NUMBERS)])
    first = took(client, content)
    again = took(client, content, "anderer-name.edi")
    assert again.known_before
    assert again.messages == first.messages
    assert (files().count(), IntervalDay.objects.count()) == (1, 1)
    assert original() == content


def test_a_reused_reference_with_other_content_waits(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    took(client, text.interchange([text.profile(DAY, NUMBERS)]))
    other = took(client, text.interchange([text.profile(DAY, NUMBERS[::-1])]))
    assert states(other) == ["case"]
    assert files().filter(state="reference_reused").count() == 1
    assert IntervalDay.objects.count() == 1
    user = make.user("anna", client)
    run_action(case=the_case("interchange_reference"), name="force", user=user, at=AT, form={})
    assert IntervalDay.objects.count() >= 2
    assert received().filter(state="processed").count() == 2


def test_an_unknown_location_waits_and_is_processed_when_it_is_created(client: Principal) -> None:
    messages = [
        text.profile(DAY, NUMBERS, reference="1"),
        text.profile(date(2026, 10, 31), NUMBERS, reference="2"),
    ]
    result = took(client, text.interchange(messages))
    assert states(result) == ["case", "case"]
    case = the_case("location_unknown")
    assert text.LOCATION in case.title
    user = make.user("anna", client)
    with pytest.raises(ValueError, match="besteht noch"):
        run_action(case=case, name="retry", user=user, at=AT, form={})
    make.market_location(client, market_location_id=text.LOCATION)
    outcome = run_action(case=case, name="retry", user=user, at=AT, form={})
    assert "2 Nachrichten" in outcome
    assert "192 Werte" in outcome
    case.refresh_from_db()
    assert case.state == "done"
    assert IntervalDay.objects.count() == 2


def test_a_damaged_message_does_not_stop_the_others(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    messages = [text.profile(DAY, NUMBERS, reference=str(number)) for number in (1, 2, 3)]
    messages[1] = messages[1].replace("QTY+220:1,037", "QTY+220:viel").replace(text.LOCATION, "51192233983")
    result = took(client, text.interchange(messages))
    assert states(result) == ["processed", "rejected", "processed"]
    row = received().get(reference="2")
    assert {finding["code"] for finding in row.findings} >= {"bad_number", "bad_location"}
    assert "Prüfziffer" in row.outcome
    assert the_case("message_faulty").details["Absender"] == text.SENDER


def test_a_truncated_file_is_reported_and_its_whole_messages_count(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    messages = [text.profile(DAY, NUMBERS, reference=str(number)) for number in (1, 2)]
    content = text.interchange(messages)
    result = took(client, content[: content.index(b"UNT", content.index(b"UNT") + 4) - 200])
    assert states(result) == ["processed", "rejected"]
    assert files().get().state == "damaged"
    assert "UNZ" in the_case("interchange_damaged").reason


def test_no_edifact_is_kept_and_reported(client: Principal) -> None:
    result = took(client, b"Sehr geehrte Damen und Herren", "brief.txt")
    assert "keine EDIFACT-Datei" in result.error
    assert files().get().state == "not_edifact"
    assert original() == b"Sehr geehrte Damen und Herren"
    assert took(client, b"Sehr geehrte Damen und Herren").known_before
    assert the_case("not_edifact").object_label == "brief.txt"


@pytest.mark.parametrize(
    "content", [b"", b"UNB+UNOC:3'", b"UNA:+.? '\x00", b"UNB+UNOC:3+\x00+\x00+1:1+\x00'UNH+\x00'"]
)
def test_junk_never_breaks_the_intake(client: Principal, content: bytes) -> None:
    took(client, content)
    assert original() == content


def test_unknown_partner_wrong_receiver_and_test_files_wait(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    good = text.interchange([text.profile(DAY, NUMBERS)])
    stranger = good.replace(text.SENDER.encode(), b"9900000000999")
    assert states(took(client, stranger)) == ["case"]
    user = make.user("anna", client)
    run_action(
        case=the_case("partner_unknown"),
        name="create_partner",
        user=user,
        at=AT,
        form={"name": "Netz Süd"},
    )
    assert MarketPartner.objects.filter(market_partner_id="9900000000999").exists()
    assert received().get().state == "processed"
    assert states(took(client, good.replace(text.RECEIVER.encode() + b":500", b"9911111111111:500"))) == [
        "case"
    ]
    assert the_case("wrong_receiver")
    assert states(took(client, good.replace(b"REF0001", b"REF0003").replace(b"++TL'", b"++TL++++1'"))) == [
        "case"
    ]
    run_action(
        case=the_case("test_interchange"),
        name="dismiss",
        user=user,
        at=AT,
        form={"reason": "nur ein Test"},
    )
    assert "nur ein Test" in received().order_by("-id")[0].outcome


def test_readings_reach_their_register(client: Principal) -> None:
    place = make.market_location(client)
    register = make.meter(place, number="4711")
    result = took(client, text.interchange([reading_at(client)], una=""))
    assert states(result) == ["processed"]
    reading = MeterReading.objects.get()
    assert (reading.register, reading.date, reading.value) == (register, date(2026, 11, 1), 1234)
    assert (reading.origin, reading.quality, reading.is_blocked) == ("grid", "true", False)


def test_a_reading_of_an_unknown_meter_waits(client: Principal) -> None:
    place = make.market_location(client)
    make.meter(place, number="4711")
    result = took(client, text.interchange([reading_at(client, meter="9999")], una=""))
    assert states(result) == ["case"]
    case = the_case("register_unknown")
    assert "9999" in case.title
    make.meter(place, number="9999")
    run_action(case=case, name="retry", user=make.user("anna", client), at=AT, form={})
    assert MeterReading.objects.get().register.meter.number == "9999"


def test_a_reading_below_the_last_is_kept_but_blocked(client: Principal) -> None:
    place = make.market_location(client)
    register = make.meter(place, number="4711")
    MeterReading.objects.create(
        client=client, register=register, date=date(2026, 1, 1), value=5000, origin="grid", quality="true",
        document_at=AT, taken_at=AT,
    )  # fmt: skip
    result = took(client, text.interchange([reading_at(client)], una=""))
    assert states(result) == ["processed"]
    assert "Gesperrt" in result.messages[0].outcome
    blocked = MeterReading.objects.get(date=date(2026, 11, 1))
    assert blocked.is_blocked
    assert not blocked.is_current
    assert the_case("reading_blocked")


def test_a_value_without_location_is_assigned_by_a_clerk(client: Principal) -> None:
    place = make.market_location(client)
    make.meter(place, number="4711")
    message = text.reading(
        "LOC+172",
        "RFF+AGK:25282",
        "LIN+1",
        "PIA+5+1-1?:1.8.0:SRW",
        "QTY+220:92",
        "DTM+7:202610312300?+00:303",
    )
    assert states(took(client, text.interchange([message], una=""))) == ["case"]
    case = the_case("location_missing")
    assert "25282" in case.reason
    form = {"location": place.market_location_id}
    run_action(case=case, name="assign", user=make.user("anna", client), at=AT, form=form)
    assert MeterReading.objects.get().value == 92


def test_other_message_types_wait_for_a_person(client: Principal) -> None:
    content = (
        f"UNB+UNOC:3+{text.SENDER}:500+{text.RECEIVER}:500+261101:0500+X1'UNH+1+ORDERS:D:09B:UN:1.4c'BGM+Z12+1'"
        "DTM+137:202611010500?+00:303'RFF+Z13:17102'NAD+MS+9905048000007::293'NAD+MR+9985046000001::293'"
        "UNT+7+1'UNZ+1+X1'"
    ).encode()
    assert states(took(client, content)) == ["case"]
    assert the_case("message_unhandled").service == "M44"


def test_a_processed_message_is_not_processed_again(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    result = took(client, text.interchange([text.profile(DAY, NUMBERS)]))
    with pytest.raises(NotReprocessable):
        reprocess(message_id=result.messages[0].message_id, user=None, at=AT)
    assert IntervalDay.objects.count() == 1


def test_a_handler_that_fails_for_one_message_harms_no_other(
    client: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    from turnus.market.meter_values import intervals

    before = intervals.interval_day

    def fragile(item, *rest):  # type: ignore[no-untyped-def]
        if item.checked.reference == "2":
            raise ValueError("unerwartet")
        return before(item, *rest)

    monkeypatch.setattr(intervals, "interval_day", fragile)
    days = [date(2026, 10, day) for day in (28, 29, 30)]
    messages = [text.profile(day, NUMBERS, reference=str(n)) for n, day in enumerate(days, 1)]
    result = took(client, text.interchange(messages))
    assert states(result) == ["processed", "case", "processed"]
    assert "unerwartet" in the_case("message_failed").reason
    monkeypatch.setattr(intervals, "interval_day", before)
    run_action(case=the_case("message_failed"), name="retry", user=make.user("a", client), at=AT, form={})
    assert IntervalDay.objects.count() == 3
