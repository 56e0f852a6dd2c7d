"""MSCONS 13006: a sender takes a whole earlier message back. Nothing is deleted, nothing is guessed."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import makotest
import pytest

import billing_world as world
import factories as make
from turnus.billing.models import Bill
from turnus.billing.services import check_rebills
from turnus.edifact import read
from turnus.ledger.services import seed_accounts
from turnus.market.models import Message
from turnus.market.records import MessageOutcome
from turnus.market.services import take_in
from turnus.masterdata.models import MarketLocation, Register
from turnus.metering import queries
from turnus.metering.checks import check_interval_days, check_versions
from turnus.metering.models import EnergyAmount, GasQuality, IntervalDay, MeterReading, ValueRequest
from turnus.metering.records import NewReading, Withdrawal
from turnus.metering.services import store_readings, withdraw_values
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
AT = datetime(2026, 11, 2, 6, tzinfo=UTC)
LATER = AT + timedelta(days=1)
NUMBERS = ["1,5"] * 96
BOTH = f"NAD+MS+{text.SENDER}::293", f"NAD+MR+{text.RECEIVER}::293"


@pytest.fixture
def client() -> Principal:
    make.grid_operator(text.SENDER, "Netz Nord")
    return make.principal(market_partner_id=text.RECEIVER)


def storno(number: str, location: str, reference: str = "9") -> str:
    parts = [
        f"UNH+{reference}+MSCONS:D:04B:UN:2.5",
        f"BGM+7+STORNO{reference}+1",
        "DTM+137:202611020500?+00:303",
        f"RFF+ACW:{number}",
        "RFF+Z13:13006",
        *BOTH,
        "UNS+D",
        "NAD+DP",
        f"LOC+172+{location}".removesuffix("+"),
    ]
    return "".join(f"{part}'" for part in [*parts, f"UNT+{len(parts) + 1}+{reference}"])


_files = iter(range(1, 1000))


def took(client: Principal, *messages: str, at: datetime = AT) -> MessageOutcome:
    """Take a file of its own in; the result of its last message."""
    content = text.interchange(list(messages)).replace(b"REF0001", f"REF{next(_files):04d}".encode())
    return take_in(client_id=client.pk, content=content, name="datei.edi", at=at, user=None).messages[-1]


def cancel(client: Principal, number: str, location: str, at: datetime = LATER) -> MessageOutcome:
    return took(client, storno(number, location), at=at)


def reading_message(
    place: MarketLocation, value: str, number: str = "DOC", quality: str = "220", **more: str
) -> str:
    built = text.reading(
        f"LOC+172+{place.market_location_id}", "RFF+MG:4711", "LIN+1", "PIA+5+1-1?:1.8.0:SRW",
        f"QTY+{quality}:{value}", "DTM+7:202610312300?+00:303",
        *(["STS+Z32++Z92", "STS+Z40++Z74"] if quality == "67" else []), **more,
    )  # fmt: skip
    return str(built).replace("BGM+7+DOC+9", f"BGM+7+{number}+9")


@pytest.fixture
def place(client: Principal) -> MarketLocation:
    made = make.market_location(client)
    make.meter(made, "4711")
    return made


def clean(client: Principal) -> None:
    assert check_versions(client_id=client.pk)[1] == []
    assert check_interval_days(client_id=client.pk)[1] == []


def test_the_built_message_keeps_the_format(client: Principal, place: MarketLocation) -> None:
    """Of our two sources one wants the place named in LOC, the other forbids it: both are taken."""
    content = text.interchange([storno("DOC", "")])
    assert read(content)[0].findings == ()
    report = makotest.validate_edifact(content.removeprefix(b"UNA:+,? '"), "2026-11-02")
    assert [finding.message for finding in report.errors] == []
    took(client, reading_message(place, "1234"))
    assert cancel(client, "DOC", "").outcome.startswith("Storno von DOC: 1 Werte")


def test_a_withdrawn_reading_counts_no_more_and_is_asked_for_again(
    client: Principal, place: MarketLocation
) -> None:
    took(client, reading_message(place, "1234"))
    result = cancel(client, "DOC", place.market_location_id)
    assert (result.state, Case.objects.count()) == ("processed", 0)
    assert "1 Werte oder Tage zurückgezogen, 1 neu angefordert" in result.outcome
    first, second = MeterReading.versions.order_by("version")
    assert (first.value, first.is_current, first.withdrawn_at, first.superseded_at) == (
        1234,
        False,
        LATER,
        LATER,
    )
    assert (second.is_withdrawal, second.is_current, second.taken_at) == (True, True, LATER)
    span = {"start": date(2026, 10, 1), "end": date(2026, 12, 1)}
    found = queries.readings_for(client_id=client.pk, market_location_ids=[place.pk], **span)
    assert found[place.pk] == []
    assert [row.reading.version for row in queries.reading_list(market_location_ids=[place.pk])] == [1]
    (old,) = queries.superseded_since(client_id=client.pk, since=LATER)
    assert (old.old_value, old.new_value, old.is_different) == (1234, None, True)
    request = ValueRequest.objects.get()
    assert (request.kind, request.answered_at, request.reason) == (
        "reading", None, "Der Marktpartner hat den Wert storniert: 1234",
    )  # fmt: skip
    assert "Storniert durch STORNO9" in Message.objects.get(document_number="DOC").outcome
    clean(client)


def test_the_same_cancellation_again_changes_nothing(client: Principal, place: MarketLocation) -> None:
    took(client, reading_message(place, "1234"))
    content = text.interchange([storno("DOC", place.market_location_id)]).replace(b"REF0001", b"REFX")
    take = {"client_id": client.pk, "content": content, "name": "s.edi", "user": None}
    take_in(at=LATER, **take)
    before = list(MeterReading.versions.order_by("pk").values())
    assert take_in(at=LATER + timedelta(hours=1), **take).known_before
    again = cancel(client, "DOC", place.market_location_id, LATER + timedelta(hours=2))  # in another file
    assert "waren es schon" in again.outcome
    assert list(MeterReading.versions.order_by("pk").values()) == before
    assert ValueRequest.objects.count() == 1


def test_a_new_value_takes_the_place_of_the_withdrawal(client: Principal, place: MarketLocation) -> None:
    took(client, reading_message(place, "1234"))
    cancel(client, "DOC", place.market_location_id)
    took(client, reading_message(place, "1240", "DOC2", on="202611030500"), at=LATER + timedelta(days=1))
    current = MeterReading.versions.get(is_current=True)
    assert (current.value, current.version, current.is_withdrawal) == (1240, 3, False)
    assert ValueRequest.objects.get().answered_at is not None
    clean(client)


@pytest.mark.parametrize(("on", "stored"), [("202611010500", False), ("202611030500", True)])
def test_the_same_value_counts_again_only_in_a_later_document(
    client: Principal, place: MarketLocation, on: str, stored: bool
) -> None:
    took(client, reading_message(place, "1234"))
    cancel(client, "DOC", place.market_location_id)
    took(client, reading_message(place, "1234", "DOC2", on=on), at=LATER + timedelta(days=1))
    assert MeterReading.objects.filter(is_current=True).exists() is stored
    clean(client)


def test_what_counted_before_counts_again_as_a_new_version(client: Principal, place: MarketLocation) -> None:
    took(client, reading_message(place, "1200", "ERSATZ", "67"))
    took(client, reading_message(place, "1234", "WAHR", on="202611020500"))
    result = cancel(client, "WAHR", place.market_location_id)
    assert result.outcome == "Storno von WAHR: 1 Werte oder Tage zurückgezogen."
    versions = MeterReading.versions.order_by("version").values_list("value", "is_current", "is_withdrawal")
    assert list(versions) == [(1200, False, False), (1234, False, False), (1200, True, False)]
    assert not ValueRequest.objects.exists()
    clean(client)


def test_a_value_another_document_confirmed_stays(client: Principal, place: MarketLocation) -> None:
    took(client, reading_message(place, "1234", "ERSTE"))
    took(client, reading_message(place, "1234", "ZWEITE", on="202611020500"))
    for number in ("ERSTE", "ZWEITE"):
        assert "gelten weiter" in cancel(client, number, place.market_location_id).outcome
        assert MeterReading.objects.get().is_current


def test_a_blocked_reading_is_withdrawn_with_its_case(client: Principal, place: MarketLocation) -> None:
    register = Register.objects.get()
    earlier = NewReading(register.pk, date(2026, 10, 1), Decimal(9000), "grid", "true")
    store_readings(client_id=client.pk, readings=[earlier], user=None, at=AT)
    took(client, reading_message(place, "1234"))  # below the last one
    assert Case.objects.get(kind="reading_blocked").state == "open"
    cancel(client, "DOC", place.market_location_id)
    assert Case.objects.get(kind="reading_blocked").state == "done"
    blocked = MeterReading.objects.get(is_blocked=True)
    assert (blocked.decision, blocked.withdrawn_at) == ("rejected", LATER)
    clean(client)


def test_a_load_profile_becomes_a_gap(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    took(client, text.profile(DAY, NUMBERS))
    result = cancel(client, "DOC1", text.LOCATION)
    assert "1 Werte oder Tage zurückgezogen, 1 neu angefordert" in result.outcome
    first, second = IntervalDay.objects.order_by("version")
    assert (first.is_current, first.withdrawn_at, first.missing) == (False, LATER, 0)
    assert (second.is_current, second.total, second.missing) == (True, 0, 96)
    assert ValueRequest.objects.get().kind == "intervals"
    clean(client)
    took(client, text.profile(DAY, NUMBERS), at=LATER)  # the same document once more
    assert IntervalDay.objects.count() == 2
    better = text.profile(DAY, ["2"] * 96).replace("DOC1", "DOC2")
    took(client, better, at=LATER + timedelta(days=1))
    current = IntervalDay.objects.get(is_current=True)
    assert (current.total, current.missing) == (192, 0)
    assert ValueRequest.objects.get().answered_at is not None
    clean(client)


def test_of_two_deliveries_of_a_day_the_other_stays(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    took(client, text.profile(DAY, ["1"] * 96, qualifier="Z18").replace("DOC1", "VORLÄUFIG"))
    took(client, text.profile(DAY, ["2"] * 48).replace("DOC1", "HALB"))
    assert IntervalDay.objects.get(is_current=True).total == 144
    cancel(client, "HALB", text.LOCATION)
    current = IntervalDay.objects.get(is_current=True)
    assert (current.total, current.missing, current.is_put_together) == (96, 0, True)
    assert not ValueRequest.objects.exists()
    clean(client)


def gas_message(place: MarketLocation, value: str, number: str, until: str) -> str:
    built = text.reading(
        f"LOC+172+{place.metering_locations.get().metering_location_id}",
        "DTM+163:202610010400?+00:303", f"DTM+164:{until}?+00:303", "DTM+293:20261102050000?+00:304", "LIN+1",
        "PIA+5+7-0?:54.0.17:SRW", f"QTY+220:{value}", "DTM+163:202610010400?+00:303",
        f"DTM+164:{until}?+00:303", pid="13007", document="Z21",
    )  # fmt: skip
    return str(built).replace("BGM+Z21+DOC+9", f"BGM+Z21+{number}+9")


def test_gas_quality_is_withdrawn_for_the_days_nobody_else_knows(client: Principal) -> None:
    place = make.market_location(client, commodity="gas")
    make.meter(place)
    location = place.metering_locations.get().metering_location_id
    took(client, gas_message(place, "11.3", "KURZ", "202610110400"))
    took(
        client,
        gas_message(place, "11.4", "LANG", "202611010500").replace(
            "202611010500?+00:303'RFF", "202611020500?+00:303'RFF"
        ),
    )
    assert GasQuality.objects.filter(is_current=True).count() == 1
    assert cancel(client, "LANG", location).state == "processed"
    (kept,) = GasQuality.objects.filter(is_current=True)
    assert (kept.value, kept.valid.lower, kept.valid.upper, kept.taken_at) == (
        Decimal("11.3"), date(2026, 10, 1), date(2026, 10, 11), LATER,
    )  # fmt: skip
    (gone,) = GasQuality.versions.filter(is_withdrawal=True)
    assert (gone.valid.lower, gone.valid.upper) == (date(2026, 10, 11), date(2026, 11, 1))
    request = ValueRequest.objects.get()
    assert (request.kind, request.period.lower) == ("gas_quality", date(2026, 10, 11))
    took(
        client,
        gas_message(place, "11.5", "NEU", "202611010500").replace(
            "202611010500?+00:303'RFF", "202611040500?+00:303'RFF"
        ),
        at=LATER,
    )
    assert [row.value for row in GasQuality.versions.filter(is_current=True)] == [Decimal("11.5")]
    clean(client)


def test_an_energy_amount_is_withdrawn(client: Principal) -> None:
    make.market_location(client, market_location_id=text.LOCATION)
    amount = text.reading(
        f"LOC+172+{text.LOCATION}", "LIN+1", "PIA+5+1-1?:1.9.0:SRW", "QTY+220:3500",
        "DTM+163:202509302200?+00:303", "DTM+164:202610012200?+00:303", pid="13019",
    )  # fmt: skip
    took(client, amount)
    assert EnergyAmount.objects.get().is_current
    assert cancel(client, "DOC", text.LOCATION).state == "processed"
    first, second = EnergyAmount.versions.order_by("version")
    assert (first.is_current, first.withdrawn_at, second.is_withdrawal, second.is_current) == (
        False, LATER, True, True,
    )  # fmt: skip
    took(client, amount.replace("+DOC+", "+DOC2+").replace("202611010500", "202611030500"), at=LATER)
    assert EnergyAmount.objects.get(is_current=True).version == 3
    clean(client)


def test_a_waiting_message_is_not_processed_any_more(client: Principal) -> None:
    took(client, text.profile(DAY, NUMBERS))  # the location is unknown
    assert Case.objects.get().kind == "location_unknown"
    assert (
        cancel(client, "DOC1", text.LOCATION).outcome == "Storno von DOC1: Es waren keine Werte gespeichert."
    )
    row = Message.objects.get(document_number="DOC1")
    assert (row.state, row.case_key, Case.objects.get().state) == ("rejected", "", "done")


def test_a_bill_that_used_the_value_is_checked(client: Principal) -> None:
    seed_accounts(client_id=client.pk)
    make.stationery(client)
    make.what_bills_must_show(client)
    supply = world.exchange(client)
    world.bill_all(client)
    bill = Bill.objects.get()
    used = MeterReading.objects.get(value=2106)
    values = Withdrawal(
        readings=(NewReading(used.register_id, used.date, used.value, used.origin, used.quality),)
    )
    at = bill.prepared_at + timedelta(days=1)
    done = withdraw_values(client_id=client.pk, values=values, document_at=None, at=at)
    assert (done.withdrawn, done.requested, done.missing) == (1, 1, ())
    (found,) = check_rebills(client_id=client.pk, since=at, today=at.date(), at=at)
    assert (found.bill.pk, found.gross) == (bill.pk, None)
    case = Case.objects.get(kind="rebill_check")
    assert "nicht mehr abrechenbar" in case.reason
    assert supply.location.market_location_id in case.object_label


@pytest.mark.parametrize("what", ["number", "location", "sender"])
def test_what_cannot_be_matched_names_what_was_looked_for(
    client: Principal, place: MarketLocation, what: str
) -> None:
    took(client, reading_message(place, "1234"))
    number = "ANDERE" if what == "number" else "DOC"
    location = text.LOCATION if what == "location" else place.market_location_id
    if what == "sender":
        Message.objects.get(document_number="DOC").interchange.__class__.objects.filter(
            direction="in"
        ).update(sender="9900000000003")
    result = cancel(client, number, location)
    case = Case.objects.get(kind="values_cancelled")
    assert (result.state, case.service) == ("case", "M45")
    for part in (number, location, text.SENDER):
        assert part in case.reason
    assert MeterReading.objects.get().is_current


def test_a_cancellation_before_its_message_is_tried_again(client: Principal, place: MarketLocation) -> None:
    cancel(client, "DOC", place.market_location_id)
    took(client, reading_message(place, "1234"))
    case, anna = Case.objects.get(kind="values_cancelled"), make.user("anna", client)
    run_action(case=case, name="retry", user=anna, at=LATER, form={})
    assert not MeterReading.objects.filter(is_current=True).exists()


def test_values_that_are_gone_are_named(client: Principal, place: MarketLocation) -> None:
    took(client, reading_message(place, "1234"))
    Register.objects.update(obis_code="1-1:2.8.0")
    result = cancel(client, "DOC", place.market_location_id)
    assert result.state == "case"
    assert "Nicht gefunden wurde: Zähler 4711" in Case.objects.get(kind="values_cancelled").reason
