"""CONTRL and APERAK that partners send us: they settle what we wait for, or say that our message failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from turnus.catalogue.rules import codes
from turnus.documents.models import Original
from turnus.edifact import Segment, read
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.records import Handled, Incoming
from turnus.market.services.transport import note_answer
from turnus.market.text import short
from turnus.system.models import User
from turnus.worklist.services import NewCase

# Segments of a CONTRL that can name a fault, and the element that holds its code (0085).
_SYNTAX_CODE = {"UCI": 5, "UCM": 4, "UCS": 2, "UCD": 1}


def take_contrl(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Mark the acknowledged files; a rejection (action 4) becomes a case."""
    return [_contrl(client_id, item, at) for item in messages]


def take_aperak(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Mark the acknowledged files; a processing error (BGM 313) becomes a case."""
    return [_aperak(client_id, item, at) for item in messages]


def _read(item: Incoming) -> tuple[str, tuple[Segment, ...]]:
    """Who sent the file, and the segments of the answer."""
    content = Original.objects.only("packing", "stored").get(pk=item.original_id).content
    for interchange in read(content):
        for message in interchange.messages:
            if message.offset(1) == item.checked.offset:
                return interchange.head.sender, message.segments
    return "", ()


def _contrl(client_id: int, item: Incoming, at: datetime) -> Handled:
    sender, segments = _read(item)
    uci = next((segment for segment in segments if segment.tag == "UCI"), Segment("UCI"))
    out = _sent(client_id, uci.get(1), sender)
    if out is None:
        return _stray(item, f"Eine CONTRL bestätigt die Datei {uci.get(1)}, die wir nicht gesendet haben.")
    is_refusal = uci.get(4) == "4"
    note_answer(out=out, kind=Acknowledgement.Kind.CONTRL, messages=(), is_refusal=is_refusal, at=at)
    if not is_refusal:
        return Handled(f"Unsere Datei {out.reference} ist bestätigt.")
    faults = [_syntax_error(segment) for segment in segments if segment.tag in _SYNTAX_CODE]
    text = f"{out.receiver} weist unsere Datei {out.reference} ab (Syntaxfehler): "
    return _rejected(item, out, text + (_listed(faults) or "ohne Angabe des Fehlers") + ".")


def _syntax_error(segment: Segment) -> str:
    """What a segment of a CONTRL says is wrong, in words; empty if it names no fault."""
    code = segment.get(_SYNTAX_CODE[segment.tag])
    if not code:
        return ""
    place = {"UCM": f"Nachricht {segment.get(1)}", "UCS": f"Segment {segment.get(1)}"}.get(segment.tag, "")
    return f"{place} {_meaning('syntax_errors', code)}".strip()


def _aperak(client_id: int, item: Incoming, at: datetime) -> Handled:
    sender, segments = _read(item)
    references = {s.get(1, 1): s.get(1, 2) for s in segments if s.tag == "RFF"}
    out = _sent(client_id, references.get("ACE", ""), sender)
    if out is None:
        named = references.get("ACE", "–")
        return _stray(item, f"Eine APERAK bezieht sich auf {named}, das wir nicht gesendet haben.")
    is_refusal = next((s.get(1) for s in segments if s.tag == "BGM"), "") == "313"
    sent = list(out.messages.order_by("position"))
    about = [m for m in sent if m.reference in {references.get("ACW"), references.get("AGO")}] or sent
    note_answer(out=out, kind=Acknowledgement.Kind.APERAK, messages=about, is_refusal=is_refusal, at=at)
    if not is_refusal:
        return Handled(f"Unsere Nachricht {out.reference} ist anerkannt.")
    errors = [_meaning("processing_errors", s.get(1)) for s in segments if s.tag == "ERC"]
    texts = [s.get(4) for s in segments if s.tag == "FTX" and s.get(4)]
    text = f"{out.receiver} kann unsere Nachricht {out.reference} nicht verarbeiten: {_listed(errors)}. "
    return _rejected(item, out, text + " ".join(dict.fromkeys(texts)))


def _meaning(table: str, code: str) -> str:
    """An error code with what it means."""
    known = codes()[table].get(code)
    return f"{known} ({code})" if known else f"Fehler {code}"


def _listed(texts: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _sent(client_id: int, reference: str, partner: str) -> Interchange | None:
    """Our file of this reference, if it went to the one who answers now."""
    return Interchange.objects.filter(
        client_id=client_id, direction=Interchange.Direction.OUT, reference=reference, receiver=partner
    ).first()


def _stray(item: Incoming, reason: str) -> Handled:
    return Handled(reason, case=_case("answer_stray", item, "Antwort auf eine unbekannte Datei", reason))


def _rejected(item: Incoming, out: Interchange, reason: str) -> Handled:
    Message.objects.filter(interchange=out).update(outcome=short(reason, 4000))
    return Handled(reason, case=_case("answer_rejected", item, f"{out.receiver} weist {out.name} ab", reason))


def _case(kind: str, item: Incoming, title: str, reason: str) -> NewCase:
    return NewCase(
        kind=kind,
        service="M44",
        key=short(f"{kind}:{item.message_id}", 200),
        title=title,
        reason=short(reason, 4000),
        object_kind="market.message",
        object_id=item.message_id,
        object_label=short(f"{item.checked.type} {item.checked.reference}", 120),
    )
