"""Send a message back: a person decided that we cannot use it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from turnus.market.calc.answers import FaultyMessage, aperak
from turnus.market.models import Interchange, Message
from turnus.market.services.acknowledge import answered, keep_answer, received_of
from turnus.market.services.outgoing import new_reference, version_of
from turnus.market.services.reprocess import NotReprocessable, reread
from turnus.market.text import short
from turnus.system import audit
from turnus.system.models import User


@transaction.atomic
def reject_message(
    *, message_id: int, cause: str, reason: str, user: User | None, at: datetime
) -> Interchange:
    """Refuse a waiting message with an APERAK; returns the outgoing interchange.

    cause: kind of the case (location_unknown, register_unknown …), which decides the error code.
    reason: what the sender reads. Raises NotReprocessable if the message is not waiting.
    """
    message = Message.objects.select_for_update(of=("self",)).select_related("interchange").get(pk=message_id)
    if message.state not in (Message.State.CASE, Message.State.RECEIVED):
        raise NotReprocessable("Diese Nachricht wartet nicht mehr; sie lässt sich nicht zurückweisen.")
    checked, head, wire = reread(message)
    place = next((number for number, item in enumerate(wire.segments, 1) if item.tag == "LOC"), 1)
    faulty = FaultyMessage(
        checked.reference, wire.segments[0].elements[1], checked.document_number, ((cause, place, reason),)
    )
    reference = new_reference(message.client_id)
    answer = aperak(reference, received_of(head, at), faulty, at, version_of("APERAK", at))
    out = keep_answer(message.interchange, received_of(head, at), [answer], reference, at)
    answered(message.interchange, message, "APERAK", out, at)
    outcome = short(f"Zurückgewiesen: {reason}", 4000)
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.REJECTED, outcome=outcome, case_key="", processed_at=at
    )
    audit.record(
        client_id=message.client_id, at=at, user=user, action="message_rejected",
        object_kind="market.message", object_id=message.pk, text=outcome,
    )  # fmt: skip
    return out
