"""What we answer, judged by an independent validator, and what answers do to us."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path

import makotest
import pytest

import factories as make
from turnus.edifact import read
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.services import NotReprocessable, acknowledge, reject_message, take_in
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
NUMBERS = ["1,5"] * 96
# The validator's code lists lack what the printed description has: 500 in UCI, MSCONS in UCM; and it wants
# UCM error codes where the description asks for them only if UNH or UNT is at fault.
VALIDATOR_GAPS = ("UCI-0007-CODE", "UCM-0065-CODE", "UCM-0085-MISSING", "UCM-0013-MISSING")


@pytest.fixture
def client() -> Principal:
    make.grid_operator(text.SENDER, "Netz Nord")
    client = make.principal(market_partner_id=text.RECEIVER)
    make.market_location(client, market_location_id=text.LOCATION)
    return client


def took(client: Principal, content: bytes) -> list[Interchange]:
    take_in(client_id=client.pk, content=content, name="datei.edi", at=AT, user=None)
    return list(Interchange.objects.filter(direction="out").order_by("id"))


def wire(out: Interchange) -> bytes:
    content = out.original.content
    (interchange,) = read(content)
    assert interchange.findings == ()
    report = makotest.validate_edifact(content.removeprefix(b"UNA:+.? '"), AT.date().isoformat())
    assert [f.message for f in report.errors if not (f.rule_id or "").endswith(VALIDATOR_GAPS)] == []
    return content


def test_a_good_file_is_confirmed(client: Principal) -> None:
    (out,) = took(client, text.interchange([text.profile(DAY, NUMBERS)]))
    assert f"UCI+REF0001+{text.SENDER}:500+{text.RECEIVER}:500+7'".encode() in wire(out)
    assert (out.sender, out.receiver) == (text.RECEIVER, text.SENDER)
    due = Acknowledgement.objects.get()
    assert (due.kind, due.answered_by, due.answered_at) == ("CONTRL", out, AT)


def test_a_message_that_breaks_its_format_is_refused_by_aperak(client: Principal) -> None:
    bad = (
        text.profile(DAY, NUMBERS)
        .replace("QTY+220:1,5", "QTY+220:viel", 1)
        .replace(text.LOCATION, "51192233983")
    )
    confirmation, refusal = took(client, text.interchange([bad]))
    assert b"+7'" in wire(confirmation)
    content = wire(refusal)
    assert b"BGM+313" in content
    assert b"RFF+ACW:1'" in content
    assert b"ERC+Z35'" in content
    assert Acknowledgement.objects.filter(kind="APERAK", answered_by=refusal).count() == 1
    assert refusal.transport == "waiting"  # the partner owes nothing before it has gone out
    assert not Acknowledgement.objects.filter(interchange=refusal).exists()
    row = Message.objects.get(interchange=refusal)
    assert (row.state, row.type, row.version) == ("sent", "APERAK", "2.2")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("UNT+302", "UNT+300", b"UCM+1+MSCONS:D:04B:UN:2.5+4+29+UNT'"),
        ("BGM", "bgm", b"UCS+2+15'"),
        ("UNZ+1+REF0001", "UNZ+2+REF0001", b"+4+29+UNZ'"),
        ("UNZ+1+REF0001'", "", b"+4+13+UNZ'"),
    ],
)
def test_syntax_faults_are_answered_by_contrl(client: Principal, old: str, new: str, expected: bytes) -> None:
    content = text.interchange([text.profile(DAY, NUMBERS)])
    out = took(client, content.replace(old.encode(), new.encode()))
    assert expected in wire(out[0])


def test_answers_are_written_once(client: Principal) -> None:
    (out,) = took(client, text.interchange([text.profile(DAY, NUMBERS)]))
    incoming = Interchange.objects.get(direction="in")
    head = read(incoming.original.content)[0].head
    assert acknowledge(interchange=incoming, head=head, file_faults=[], faulty=[], at=AT) == [out]
    assert Interchange.objects.filter(direction="out").count() == 1


def test_a_clerk_sends_values_of_a_foreign_location_back(client: Principal) -> None:
    took(client, text.interchange([text.profile(DAY, NUMBERS, location="51238696781")]))
    case = Case.objects.get(kind="location_unknown")
    user = make.user("anna", client)
    with pytest.raises(ValueError, match="Begründung"):
        run_action(case=case, name="reject", user=user, at=AT, form={})
    run_action(case=case, name="reject", user=user, at=AT, form={"reason": "Wir beliefern dort nicht."})
    refusal = Interchange.objects.filter(direction="out").order_by("-id")[0]
    content = wire(refusal)
    assert b"ERC+Z10'" in content
    assert b"Wir beliefern dort nicht." in content
    row = Message.objects.get(type="MSCONS")
    assert (row.state, row.case_key) == ("rejected", "")
    assert Acknowledgement.objects.filter(kind="APERAK", message=row, answered_by=refusal).exists()
    with pytest.raises(NotReprocessable):
        reject_message(message_id=row.pk, cause=case.kind, reason="noch einmal", user=None, at=AT)


def answer(segments: str, kind: str, version: str, reference: str = "A1") -> bytes:
    count = segments.count("'") + 2
    return (
        f"UNB+UNOC:3+{text.SENDER}:500+{text.RECEIVER}:500+261101:0700+{reference}'UNH+1+{kind}:UN:{version}'"
        f"{segments}UNT+{count}+1'UNZ+1+{reference}'"
    ).encode()


def test_a_partners_contrl_settles_what_we_wait_for(client: Principal) -> None:
    bad = text.profile(DAY, NUMBERS).replace(text.LOCATION, "51192233983")
    _, refusal = took(client, text.interchange([bad]))
    parties = f"{text.RECEIVER}:500+{text.SENDER}:500"
    took(client, answer(f"UCI+{refusal.reference}+{parties}+7'", "CONTRL:D:3", "2.0b"))
    assert Acknowledgement.objects.get(kind="CONTRL", interchange=refusal).answered_at == AT
    took(client, answer(f"UCI+{refusal.reference}+{parties}+4+29+UNZ'", "CONTRL:D:3", "2.0b", "A2"))
    assert "29" in Case.objects.get(kind="answer_rejected").reason
    took(client, answer(f"UCI+FREMD+{parties}+7'", "CONTRL:D:3", "2.0b", "A3"))
    assert Case.objects.filter(kind="answer_stray").count() == 1
    assert Interchange.objects.filter(direction="out").count() == 2  # a CONTRL is not answered


def test_a_partners_aperak_becomes_a_case(client: Principal) -> None:
    bad = text.profile(DAY, NUMBERS).replace(text.LOCATION, "51192233983")
    _, refusal = took(client, text.interchange([bad]))
    segments = (
        f"BGM+313+X'DTM+137:202611010700?+00:303'RFF+ACE:{refusal.reference}'NAD+MS+{text.SENDER}::293'"
        f"NAD+MR+{text.RECEIVER}::293'ERC+Z29'FTX+ABO+++Angabe fehlt'"
    )
    took(client, answer(segments, "APERAK:D:07B", "2.2"))
    case = Case.objects.get(kind="answer_rejected")
    assert "Z29" in case.reason
    assert "Angabe fehlt" in case.reason
