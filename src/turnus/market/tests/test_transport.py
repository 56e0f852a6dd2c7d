"""Out of the house: each file exactly once, and what partners answer comes home to it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import makotest
import pytest
from django.test import Client
from typer.testing import CliRunner

import factories as make
from turnus.cli.market import app
from turnus.edifact import read
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.outbox import MarketOutbox, OutgoingFile
from turnus.market.queries import overdue
from turnus.market.services import (
    HandedOver,
    escalate_silence,
    note_answer,
    send_requests,
    send_waiting,
    take_in,
)
from turnus.metering.services import NewRequest, request_values
from turnus.partners.models import MarketPartner
from turnus.system import boot
from turnus.system.clock import set_business_date
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

US, US_GAS = "9985046000001", "9870046000001"
GRID, GAS = "9900000000001", "9800000000019"
AT = datetime(2026, 11, 2, 6, tzinfo=UTC)  # a Monday


class PowerCut(BaseException):
    """Nothing catches this."""


@pytest.fixture
def client(db: None) -> Principal:
    return world()


def world() -> Principal:
    client = make.principal(market_partner_id=US, market_partner_id_gas=US_GAS)
    for code in (GRID, GAS):
        make.grid_operator(code, f"Netz {code}")
    MarketPartner.objects.update(email="mako@netz.example")
    return client


@pytest.fixture
def outbox(tmp_path: Path) -> MarketOutbox:
    return MarketOutbox(tmp_path / "market")


def ask(client: Principal, commodity: str = "electricity") -> Interchange:
    """One ORDERS that waits."""
    grid = MarketPartner.objects.get(market_partner_id=GAS if commodity == "gas" else GRID)
    place = make.market_location(client, commodity=commodity, grid_operator=grid)
    register = make.meter(place)
    wanted = NewRequest(
        kind="reading", key=f"r{place.pk}", market_location_id=place.pk, start=date(2026, 11, 1),
        end=date(2026, 11, 2), reason="fehlt", due_on=AT.date(), register_id=register.pk,
    )  # fmt: skip
    request_values(client_id=client.pk, requests=[wanted], at=AT)
    send_requests(client_id=client.pk, at=AT)
    return Interchange.objects.filter(direction="out").latest("id")


def visible(outbox: MarketOutbox) -> list[str]:
    return sorted(
        str(path.relative_to(outbox.folder))
        for path in outbox.folder.rglob("*.edi")
        if not path.name.startswith(".")
    )


def test_a_file_lies_in_the_folder_of_its_partner(client: Principal, outbox: MarketOutbox) -> None:
    out = ask(client)
    assert out.transport == "waiting"
    assert send_waiting(client_id=client.pk, at=AT, outbox=outbox) == HandedOver(1, 0, ())
    out.refresh_from_db()
    assert (out.transport, out.sent_at) == ("sent", AT)
    assert visible(outbox) == [f"{GRID}/{out.name}"]
    content = (outbox.folder / GRID / out.name).read_bytes()
    assert content == out.original.content
    assert read(content)[0].findings == ()
    report = makotest.validate_edifact(content.removeprefix(b"UNA:+.? '"), "2026-11-02")
    assert [finding.message for finding in report.errors] == []
    about = json.loads((outbox.folder / GRID / out.name).with_suffix(".json").read_text())
    assert (about["sender"], about["receiver"], about["address"]) == (US, GRID, "mako@netz.example")
    assert about["sha256"] == hashlib.sha256(content).hexdigest()


def test_nothing_goes_out_twice_even_when_the_gateway_has_taken_it(
    client: Principal, outbox: MarketOutbox
) -> None:
    ask(client)
    send_waiting(client_id=client.pk, at=AT, outbox=outbox)
    (name,) = visible(outbox)
    (outbox.folder / name).unlink()  # the gateway took it
    assert send_waiting(client_id=client.pk, at=AT, outbox=outbox).sent == 0
    assert visible(outbox) == []


@pytest.mark.parametrize("where", ["before staging", "after staging", "before release", "after release"])
def test_a_crash_at_any_place_loses_and_doubles_nothing(
    committed_db: str, outbox: MarketOutbox, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    client = world()
    out = ask(client)
    when, step = where.split()
    method = {"staging": "stage", "release": "release"}[step]
    real = getattr(MarketOutbox, method)

    def cut(self: MarketOutbox, *args: Any) -> None:
        if when == "after":
            real(self, *args)
        raise PowerCut

    with monkeypatch.context() as broken, pytest.raises(PowerCut):
        broken.setattr(MarketOutbox, method, cut)
        send_waiting(client_id=client.pk, at=AT, outbox=outbox)
    out.refresh_from_db()
    assert out.transport == "waiting"
    went_out = visible(outbox)
    assert went_out == ([f"{GRID}/{out.name}"] if where == "after release" else [])
    for name in went_out:
        (outbox.folder / name).unlink()  # the gateway is quick
    later = AT + timedelta(minutes=5)
    assert send_waiting(client_id=client.pk, at=later, outbox=outbox).sent == 1
    out.refresh_from_db()
    assert (out.transport, out.sent_at) == ("sent", later)
    assert visible(outbox) == ([] if went_out else [f"{GRID}/{out.name}"])


def test_a_name_cannot_lead_out_of_the_folder(outbox: MarketOutbox) -> None:
    file = OutgoingFile("../../böse datei.edi", US, "../..", "", "R", "ORDERS", "")
    outbox.stage(file, b"x")
    assert outbox.release(file)
    assert not outbox.release(file)
    assert outbox.place(file).resolve().is_relative_to(outbox.folder.resolve())


@pytest.mark.parametrize("known", [True, False])
def test_a_partner_without_address_is_one_case(client: Principal, outbox: MarketOutbox, known: bool) -> None:
    for _ in range(2):
        ask(client)
    ask(client, "gas")
    if known:
        MarketPartner.objects.filter(market_partner_id=GRID).update(email="")
    else:
        Interchange.objects.filter(receiver=GRID).update(receiver="9900000000002")
    for _ in range(2):
        result = send_waiting(client_id=client.pk, at=AT, outbox=outbox)
        assert (result.held, len(result.obstacles)) == (2, 1)
    case = Case.objects.get()
    assert (case.kind, case.service, case.occurrences) == ("partner_address_missing", "M43", 1)
    assert ("Kommunikationsdatenblatt" in case.reason) is known
    assert [name.split("/")[0] for name in visible(outbox)] == [GAS]
    MarketPartner.objects.update(email="mako@netz.example")
    Interchange.objects.filter(receiver="9900000000002").update(receiver=GRID)
    if known:
        assert send_waiting(client_id=client.pk, at=AT, outbox=outbox).sent == 2
        case.refresh_from_db()
        assert case.state == "done"


def test_a_clerk_hands_over_what_waited(
    client: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TURNUS_HOME", str(tmp_path))
    ask(client)
    MarketPartner.objects.update(email="")
    send_waiting(client_id=client.pk, at=AT)
    case, anna = Case.objects.get(), make.user("anna", client)
    with pytest.raises(ValueError, match="besteht noch"):
        run_action(case=case, name="hand_over", user=anna, at=AT, form={})
    MarketPartner.objects.update(email="mako@netz.example")
    assert "1 Dateien" in run_action(case=case, name="hand_over", user=anna, at=AT, form={})
    assert (boot.home() / "outbox" / "stadtwerk-a" / "market" / GRID).is_dir()


def test_both_clocks_begin_when_the_file_goes_out(client: Principal, outbox: MarketOutbox) -> None:
    strom = ask(client)
    gas = ask(client, "gas")
    assert not Acknowledgement.objects.exists()
    send_waiting(client_id=client.pk, at=AT, outbox=outbox)
    owed = {(a.interchange_id, a.kind): a.due_at - AT for a in Acknowledgement.objects.all()}
    assert owed == {
        (strom.pk, "CONTRL"): timedelta(hours=6),
        (strom.pk, "APERAK"): timedelta(minutes=45),
        (gas.pk, "CONTRL"): timedelta(hours=6),  # gas speaks up only where something is wrong
    }
    late = overdue(client_ids=[client.pk], at=AT + timedelta(hours=1))
    assert [(row.kind, row.interchange_id) for row in late] == [("APERAK", strom.pk)]


def answer(kind: str, body: str, *, sender: str = GRID, reference: str = "A1") -> bytes:
    version = {"CONTRL": "CONTRL:D:3:UN:2.0b", "APERAK": "APERAK:D:07B:UN:2.2"}[kind]
    return (
        f"UNB+UNOC:3+{sender}:500+{US}:500+261102:0700+{reference}'UNH+1+{version}'{body}"
        f"UNT+{body.count(chr(39)) + 2}+1'UNZ+1+{reference}'"
    ).encode()


def came(client: Principal, content: bytes, at: datetime = AT) -> None:
    take_in(client_id=client.pk, content=content, name="antwort.edi", at=at, user=None)


def contrl(out: Interchange, action: str, rest: str = "", **where: str) -> bytes:
    return answer("CONTRL", f"UCI+{out.reference}+{US}:500+{GRID}:500+{action}{rest}'", **where)


def aperak(out: Interchange, document: str, errors: str = "", **where: str) -> bytes:
    body = (
        f"BGM+{document}+X1'DTM+137:202611020700?+00:303'RFF+ACE:{out.reference}'RFF+AGO:{out.reference}'"
        f"NAD+MS+{GRID}::293'NAD+MR+{US}::293'{errors}"
    )
    return answer("APERAK", body, **where)


def sent_file(client: Principal, outbox: MarketOutbox) -> Interchange:
    out = ask(client)
    send_waiting(client_id=client.pk, at=AT, outbox=outbox)
    out.refresh_from_db()
    return out


def test_both_answers_make_a_file_acknowledged(client: Principal, outbox: MarketOutbox) -> None:
    out = sent_file(client, outbox)
    came(client, contrl(out, "7"))
    out.refresh_from_db()
    assert out.transport == "sent"  # the APERAK is still owed
    came(client, aperak(out, "312", "ERC+Z01'", reference="A2"))
    out.refresh_from_db()
    assert out.transport == "acknowledged"
    assert not Case.objects.exists()
    again = (
        Acknowledgement.objects.filter(interchange=out)
        .values_list("kind", "answered_at", "is_refusal")
        .order_by("kind")
    )
    assert list(again) == [("APERAK", AT, False), ("CONTRL", AT, False)]


@pytest.mark.parametrize(
    ("action", "rest", "words"),
    [
        ("4", "+26", "kam schon einmal (26)"),
        ("4", "'UCM+1+ORDERS:D:09B:UN:1.4c+4+29+UNT", "Nachricht 1 Zähler am Ende stimmt nicht (29)"),
        ("4", "'UCM+1+ORDERS:D:09B:UN:1.4c+4'UCS+3+13", "Segment 3 Angabe fehlt (13)"),
        ("4", "+99", "Fehler 99"),
        ("4", "", "ohne Angabe des Fehlers"),
    ],
)
def test_a_refusing_contrl_opens_a_case_in_words(
    client: Principal, outbox: MarketOutbox, action: str, rest: str, words: str
) -> None:
    out = sent_file(client, outbox)
    came(client, contrl(out, action, rest))
    out.refresh_from_db()
    assert out.transport == "refused"
    case = Case.objects.get(kind="answer_rejected")
    assert words in case.reason
    assert out.reference in case.reason


def test_a_refusing_aperak_opens_a_case_in_words_and_stays(client: Principal, outbox: MarketOutbox) -> None:
    out = sent_file(client, outbox)
    came(client, aperak(out, "313", "ERC+Z17'FTX+ABO+++Kein Vertrag'"))
    out.refresh_from_db()
    assert out.transport == "refused"
    case = Case.objects.get(kind="answer_rejected")
    assert "wir sind der Lokation zu dieser Zeit nicht zugeordnet (Z17)" in case.reason
    assert "Kein Vertrag" in case.reason
    came(client, contrl(out, "7", reference="A2"))
    out.refresh_from_db()
    assert out.transport == "refused"


def test_another_partner_cannot_acknowledge_for_the_receiver(client: Principal, outbox: MarketOutbox) -> None:
    out = sent_file(client, outbox)
    make.grid_operator("9900000000003", "Fremdes Netz")
    came(client, contrl(out, "7", sender="9900000000003"))
    assert Case.objects.get().kind == "answer_stray"
    assert Acknowledgement.objects.get(interchange=out, kind="CONTRL").answered_at is None


def test_silence_is_a_row_then_one_case_and_ends_with_the_answer(
    client: Principal, outbox: MarketOutbox
) -> None:
    out = sent_file(client, outbox)
    assert escalate_silence(client_id=client.pk, at=AT + timedelta(minutes=44)) == 0
    late = AT + timedelta(hours=7)
    assert escalate_silence(client_id=client.pk, at=late) == 2
    assert escalate_silence(client_id=client.pk, at=late + timedelta(days=1)) == 0
    cases = Case.objects.filter(kind="acknowledgement_missing")
    assert {case.title.split()[0] for case in cases} == {"CONTRL", "APERAK"}
    came(client, contrl(out, "7"), at=late)
    assert list(cases.exclude(state="done").values_list("title", flat=True)) == [
        f"APERAK fehlt: {GRID} schweigt zu {out.reference}"
    ]
    note_answer(out=out, kind="APERAK", messages=out.messages.all(), is_refusal=False, at=late)
    assert not cases.exclude(state="done").exists()


def test_the_monitor_shows_transport_and_clocks(client: Principal, outbox: MarketOutbox) -> None:
    waiting = ask(client)
    out = sent_file(client, outbox)
    Interchange.objects.filter(pk=waiting.pk).update(transport="waiting", sent_at=None)
    Acknowledgement.objects.filter(interchange=waiting).delete()
    message = Message.objects.get(interchange=out)
    set_business_date(date(2026, 11, 3))
    browser = Client()
    browser.force_login(make.user("anna", client))
    page = browser.get("/nachrichten/ausgang/").content.decode()
    for part in ("wartet auf Versand", "noch nicht gesendet", "gesendet", "überfällig", out.reference):
        assert part in page, part
    assert waiting.reference not in browser.get("/nachrichten/ausgang/?transport=sent").content.decode()
    assert (
        waiting.reference not in browser.get("/nachrichten/ausgang/?silent=on&type=orders").content.decode()
    )
    assert out.reference in browser.get("/nachrichten/ausgang/?silent=on&type=orders").content.decode()
    silent = browser.get("/nachrichten/fehlend/").content.decode()
    assert silent.count(f"/nachrichten/{message.pk}/") >= 2  # both clocks lead to the message
    assert "gesendet" in browser.get(f"/nachrichten/{message.pk}/").content.decode()


def test_the_command(committed_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world()
    out = ask(client)
    monkeypatch.setenv("TURNUS_HOME", str(tmp_path))
    runner = CliRunner()
    done = runner.invoke(app, ["send", "--principal", "stadtwerk-a", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"sent": 1, "held": 0, "obstacles": []}
    assert (tmp_path / "outbox" / "stadtwerk-a" / "market" / GRID / out.name).is_file()
    assert "0 Dateien" in runner.invoke(app, ["send", "--principal", "stadtwerk-a"]).output
    ask(client)
    folder = tmp_path / "outbox" / "stadtwerk-a" / "market" / GRID
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("im Weg")
    broken = runner.invoke(app, ["send", "--principal", "stadtwerk-a"])
    assert broken.exit_code == 1
    assert "Postausgang" in broken.output
