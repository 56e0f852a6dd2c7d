"""Answer an interchange: CONTRL for the file, APERAK for each message that cannot be processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from turnus.catalogue import message_types
from turnus.catalogue.values import parse_instant
from turnus.documents.services import store_original
from turnus.edifact import InterchangeHead
from turnus.edifact import Message as WireMessage
from turnus.edifact.syntax import ENCODINGS
from turnus.edifact.writer import new_interchange
from turnus.lib import market_time
from turnus.market.calc.answers import FaultyMessage, Party, Received, aperak, contrl
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.system import numbers

CONTRL_WITHIN = timedelta(hours=6)
MEDIA_TYPE = "application/edifact"
NUMBER_RANGE = "interchange"


@transaction.atomic
def acknowledge(
    *, interchange: Interchange, head: InterchangeHead, file_faults: Sequence[str],
    faulty: Sequence[tuple[Message | None, FaultyMessage]], at: datetime,
) -> list[Interchange]:  # fmt: skip
    """Write the answers we owe to an incoming interchange and keep them as outgoing ones.

    file_faults: finding codes of the envelope. faulty: rejected messages. Returns CONTRL, then one
    interchange with an APERAK per message that can be read but breaks its format. Asked again, it returns
    what was written.
    """
    before = list(interchange.answers_to.order_by("id"))
    if before:
        return before
    received = _received(head, at)
    messages = [message for _, message in faulty]
    reference = _reference(interchange.client_id)
    sent = [_send(interchange, received, [contrl(reference, received, file_faults, messages)], reference, at)]
    _answered(interchange, None, Acknowledgement.Kind.CONTRL, sent[0], at)
    refused = [(row, message) for row, message in faulty if not message.is_unreadable]
    if refused:
        reference = _reference(interchange.client_id)
        version = message_types()["APERAK"].version_on(market_time.market_day(at)) or "2.2"
        answers = [
            aperak(f"{reference}{number:03d}"[-14:], received, message, at, version)
            for number, (_, message) in enumerate(refused, 1)
        ]
        sent.append(_send(interchange, received, answers, reference, at))
        for row, _ in refused:
            _answered(interchange, row, Acknowledgement.Kind.APERAK, sent[1], at)
    return sent


def _reference(client_id: int) -> str:
    return numbers.draw(client_id=client_id, name=NUMBER_RANGE)[0]


def _received(head: InterchangeHead, at: datetime) -> Received:
    created = head.created if len(head.created) == 12 else "20" + head.created
    return Received(
        head.reference,
        Party(head.sender, head.sender_qualifier or "500"),
        Party(head.receiver, head.receiver_qualifier or "500"),
        parse_instant(created, "203") or at,
    )


def _send(
    answered: Interchange, received: Received, messages: list[WireMessage], reference: str, at: datetime
) -> Interchange:
    """Keep an outgoing interchange with its messages; the partner owes a CONTRL unless it is one itself."""
    local = market_time.to_local(at)
    us, them = received.receiver, received.sender
    content = new_interchange(
        sender=(us.number, us.qualifier),
        receiver=(them.number, them.qualifier),
        reference=reference,
        created=local,
        messages=[_printable(message) for message in messages],
    )
    kind = messages[0].type
    name = f"{kind}_{us.number}_{them.number}_{local:%Y%m%d}_{reference}.edi"
    original, _ = store_original(
        client_id=answered.client_id, content=content, name=name, media_type=MEDIA_TYPE, at=at
    )
    out = Interchange.objects.create(
        client_id=answered.client_id, direction=Interchange.Direction.OUT, original=original, name=name,
        sender=us.number, receiver=them.number, reference=reference, charset="UNOC", end=len(content),
        message_count=len(messages), created_at=at, received_at=at, answers=answered,
    )  # fmt: skip
    Message.objects.bulk_create(
        Message(
            client_id=answered.client_id, interchange=out, position=position, reference=message.reference,
            type=message.type, version=message.version, state=Message.State.SENT, received_at=at,
            processed_at=at, end=len(content), outcome=f"Antwort auf {answered.reference}",
            process=message_types()[message.type].title,
        )
        for position, message in enumerate(messages, 1)
    )  # fmt: skip
    if kind != "CONTRL":
        Acknowledgement.objects.create(
            client_id=answered.client_id, kind=Acknowledgement.Kind.CONTRL, interchange=out,
            due_at=at + CONTRL_WITHIN,
        )  # fmt: skip
    return out


def _printable(message: WireMessage) -> WireMessage:
    """Replace what the character set of our answers does not have (texts quote what partners wrote)."""
    codec = ENCODINGS["UNOC"]

    def clean(text: str) -> str:
        return text.translate(_PLAIN).encode(codec, "replace").decode(codec)

    return replace(
        message,
        segments=tuple(
            replace(item, elements=tuple(tuple(map(clean, element)) for element in item.elements))
            for item in message.segments
        ),
    )


_PLAIN = str.maketrans({"„": '"', "“": '"', "–": "-", "\n": " ", "\r": " "})


def _answered(
    interchange: Interchange, message: Message | None, kind: str, by: Interchange, at: datetime
) -> None:
    Acknowledgement.objects.update_or_create(
        client_id=interchange.client_id,
        kind=kind,
        interchange=interchange,
        message=message,
        defaults={"answered_by": by, "answered_at": at},
        create_defaults={"answered_by": by, "answered_at": at, "due_at": at + CONTRL_WITHIN},
    )
