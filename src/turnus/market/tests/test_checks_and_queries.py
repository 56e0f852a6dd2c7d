"""The day's state, silence, what verify proves, and the command from outside."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import factories as make
from turnus.market.checks import check_interchanges, check_messages
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.outbox import MarketOutbox
from turnus.market.queries import day_state, overdue
from turnus.market.services import send_waiting, take_in
from turnus.market.watch import Inbox
from turnus.partners.models import MarketPartner
from turnus.system.isolation import allowed
from turnus.worklist.models import Case

_path = Path(__file__).parents[2] / "catalogue" / "tests" / "mscons_text.py"
_spec = importlib.util.spec_from_file_location("mscons_text", _path)
assert _spec and _spec.loader
text = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(text)

DAY = date(2026, 10, 30)
AT = datetime(2026, 11, 1, 6, tzinfo=UTC)
MESSAGES = [
    text.profile(DAY, ["1,5"] * 96, reference="1"),
    text.profile(DAY, ["1,5"] * 96, reference="2", location="51238696781"),
    text.profile(DAY, ["1,5"] * 96, reference="3").replace("QTY+220:1,5", "QTY+220:x", 1),
]


def world() -> int:
    make.grid_operator(text.SENDER, "Netz Nord")
    client = make.principal(market_partner_id=text.RECEIVER)
    make.market_location(client, market_location_id=text.LOCATION)
    return client.pk


@pytest.mark.django_db
def test_the_state_of_the_day() -> None:
    client_id = world()
    take_in(client_id=client_id, content=text.interchange(MESSAGES), name="a", at=AT, user=None)
    state = day_state(client_ids=[client_id], day=date(2026, 11, 1), at=AT)
    assert (state.received, state.processed, state.in_case, state.rejected) == (3, 1, 1, 1)
    assert (state.values_found, state.values_stored, state.overdue) == (288, 96, 0)
    assert day_state(client_ids=[client_id], day=DAY, at=AT).received == 0


@pytest.mark.django_db
def test_silence_past_its_time_shows(tmp_path: Path) -> None:
    client_id = world()
    MarketPartner.objects.update(email="mako@netz.example")
    take_in(client_id=client_id, content=text.interchange(MESSAGES), name="a", at=AT, user=None)
    send_waiting(client_id=client_id, at=AT, outbox=MarketOutbox(tmp_path))
    (late,) = overdue(client_ids=[client_id], at=AT + timedelta(hours=6, minutes=1))
    assert (late.kind, late.interchange.direction) == (Acknowledgement.Kind.CONTRL, "out")


@pytest.mark.django_db
def test_verify_finds_what_is_broken() -> None:
    client_id = world()
    take_in(client_id=client_id, content=text.interchange(MESSAGES), name="a", at=AT, user=None)
    assert check_messages(client_id=client_id)[1] == []
    assert check_interchanges(client_id=client_id)[1] == []
    Message.objects.filter(reference="1", type="MSCONS").update(end=10**9)
    Message.objects.filter(reference="2").update(case_key="niemand")
    Message.objects.filter(reference="3").update(state="received")
    Interchange.objects.filter(direction="in").update(message_count=7)
    assert len(check_messages(client_id=client_id)[1]) == 3
    assert "7 Nachrichten" in check_interchanges(client_id=client_id)[1][0].text


@pytest.mark.django_db
def test_a_watched_folder(tmp_path: Path) -> None:
    client_id = world()
    inbox = Inbox(tmp_path)
    (tmp_path / "gut.edi").write_bytes(text.interchange(MESSAGES[:1]))
    (tmp_path / "brief.txt").write_bytes(b"Hallo")
    (tmp_path / "halb.edi.part").write_bytes(b"UNA")
    results = {result.name: result for result in inbox.take_in(client_id=client_id, at=AT)}
    assert [message.state for message in results["gut.edi"].messages] == ["processed"]
    assert (tmp_path / "done" / "gut.edi").exists()
    assert (tmp_path / "failed" / "brief.txt").exists()
    assert [path.name for path in inbox.waiting()] == []
    (tmp_path / "gut.edi").write_bytes(text.interchange(MESSAGES[:1]))
    (again,) = inbox.take_in(client_id=client_id, at=AT)
    assert again.known_before
    assert (tmp_path / "done" / "gut-2.edi").exists()


def test_the_command(committed_db: str, tmp_path: Path) -> None:
    client_id = world()
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "a.edi").write_bytes(text.interchange(MESSAGES))
    (folder / "b.txt").write_bytes(b"Hallo")

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "turnus.cli.main", "inbox", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = call(str(folder), "--principal", "stadtwerk-a", "--json")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["files"]
    assert [message["state"] for message in first["messages"]] == ["processed", "case", "rejected"]
    assert first["messages"][0]["stored"] == 96
    assert "keine EDIFACT-Datei" in second["error"]
    with allowed(client_id):
        assert Case.objects.filter(kind="location_unknown").count() == 1
    assert "war schon da" in call(str(folder / "a.edi"), "--principal", "stadtwerk-a").stdout
    assert call(str(folder / "fehlt"), "--principal", "stadtwerk-a").returncode == 2
    refused = call(str(folder), "--principal", "niemand")
    assert refused.returncode == 2
    assert "stadtwerk-a" in refused.stderr
