"""Answer an interchange: CONTRL for the file, APERAK for each message that cannot be processed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from turnus.catalogue.deadlines import due_at
from turnus.catalogue.values import parse_instant
from turnus.edifact import InterchangeHead
from turnus.edifact import Message as WireMessage
from turnus.market.calc.answers import FaultyMessage, Party, Received, aperak, contrl
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.services.outgoing import keep_outgoing, new_reference, version_of


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
    received = received_of(head, at)
    messages = [message for _, message in faulty]
    reference = new_reference(interchange.client_id)
    sent = [
        keep_answer(
            interchange, received, [contrl(reference, received, file_faults, messages)], reference, at
        )
    ]
    answered(interchange, None, Acknowledgement.Kind.CONTRL, sent[0], at)
    refused = [(row, message) for row, message in faulty if not message.is_unreadable]
    if refused:
        reference = new_reference(interchange.client_id)
        version = version_of("APERAK", at)
        answers = [
            aperak(f"{reference}{number:03d}"[-14:], received, message, at, version)
            for number, (_, message) in enumerate(refused, 1)
        ]
        sent.append(keep_answer(interchange, received, answers, reference, at))
        for row, _ in refused:
            answered(interchange, row, Acknowledgement.Kind.APERAK, sent[1], at)
    return sent


def received_of(head: InterchangeHead, at: datetime) -> Received:
    """What an answer says about the interchange it answers. `at` stands in for an unreadable time."""
    created = head.created if len(head.created) == 12 else "20" + head.created
    return Received(
        head.reference,
        Party(head.sender, head.sender_qualifier or "500"),
        Party(head.receiver, head.receiver_qualifier or "500"),
        parse_instant(created, "203") or at,
    )


def keep_answer(
    interchange: Interchange, received: Received, messages: list[WireMessage], reference: str, at: datetime
) -> Interchange:
    """Keep an answer to an incoming interchange as an outgoing one."""
    return keep_outgoing(
        client_id=interchange.client_id, us=received.receiver, them=received.sender, reference=reference,
        messages=messages, at=at, outcome=f"Antwort auf {interchange.reference}", answers=interchange,
    )  # fmt: skip


def answered(
    interchange: Interchange, message: Message | None, kind: str, by: Interchange, at: datetime
) -> None:
    """Note that an acknowledgement we owed has gone out."""
    Acknowledgement.objects.update_or_create(
        client_id=interchange.client_id,
        kind=kind,
        interchange=interchange,
        message=message,
        defaults={"answered_by": by, "answered_at": at},
        create_defaults={"answered_by": by, "answered_at": at, "due_at": due_at("contrl", at)},
    )
