"""CONTRL and APERAK that partners send us: they settle what we wait for, or say that our message failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from turnus.documents.models import Original
from turnus.edifact import Segment, read
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.records import Handled, Incoming
from turnus.market.text import short
from turnus.system.models import User
from turnus.worklist.services import NewCase


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


def _segments(item: Incoming) -> tuple[Segment, ...]:
    content = Original.objects.only("packing", "stored").get(pk=item.original_id).content
    for interchange in read(content):
        for message in interchange.messages:
            if message.offset(1) == item.checked.offset:
                return message.segments
    return ()


def _contrl(client_id: int, item: Incoming, at: datetime) -> Handled:
    uci = next((segment for segment in _segments(item) if segment.tag == "UCI"), Segment("UCI"))
    out = _sent(client_id, uci.get(1))
    if out is None:
        return _stray(item, f"Eine CONTRL bestätigt die Datei {uci.get(1)}, die wir nicht gesendet haben.")
    _settle(out, Acknowledgement.Kind.CONTRL, at)
    if uci.get(4) == "4":
        text = f"{out.receiver} weist unsere Datei {out.reference} ab (Syntaxfehler {uci.get(5)})."
        return _rejected(item, out, text)
    return Handled(f"Unsere Datei {out.reference} ist bestätigt.")


def _aperak(client_id: int, item: Incoming, at: datetime) -> Handled:
    segments = _segments(item)
    reference = next((s.get(1, 2) for s in segments if s.tag == "RFF" and s.get(1) == "ACE"), "")
    code = next((s.get(1) for s in segments if s.tag == "BGM"), "")
    out = _sent(client_id, reference)
    if out is None:
        return _stray(item, f"Eine APERAK bezieht sich auf {reference}, das wir nicht gesendet haben.")
    _settle(out, Acknowledgement.Kind.APERAK, at)
    if code != "313":
        return Handled(f"Unsere Nachricht {out.reference} ist anerkannt.")
    errors = [s.get(1) for s in segments if s.tag == "ERC"]
    texts = [s.get(4) for s in segments if s.tag == "FTX" and s.get(4)]
    text = f"{out.receiver} kann unsere Nachricht {out.reference} nicht verarbeiten: {', '.join(errors)}. "
    return _rejected(item, out, text + " ".join(dict.fromkeys(texts)))


def _sent(client_id: int, reference: str) -> Interchange | None:
    return Interchange.objects.filter(
        client_id=client_id, direction=Interchange.Direction.OUT, reference=reference
    ).first()


def _settle(out: Interchange, kind: str, at: datetime) -> None:
    Acknowledgement.objects.filter(interchange=out, kind=kind, answered_at__isnull=True).update(
        answered_at=at
    )


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
