"""Understand a message once more, after what was missing has been entered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from turnus.catalogue.mscons.read import check_exactly
from turnus.catalogue.mscons.records import Checked
from turnus.edifact import InterchangeHead, read
from turnus.edifact import Message as WireMessage
from turnus.edifact.reader import read_messages
from turnus.market.models import Interchange, Message
from turnus.market.records import Handled, Incoming
from turnus.market.services.obstacles import obstacle_of
from turnus.market.services.outcome import Decided, decide_all
from turnus.market.text import findings_json, short
from turnus.partners.models import MarketPartner
from turnus.system import audit
from turnus.system.models import User
from turnus.worklist.services import close_cause, open_case


class NotReprocessable(ValueError):
    """The message is processed already, or no message can be read from its bytes."""


@transaction.atomic
def reprocess(
    *, message_id: int, user: User | None, at: datetime, force: bool = False, location: str = ""
) -> Message:
    """Process a waiting or rejected message again from its original bytes; returns the message.

    force: process although the interchange has an obstacle (wrong receiver, test file, reused reference).
    location: market or metering location where the message names none.

    Raises NotReprocessable if it is processed or was sent by us.
    """
    message = Message.objects.select_for_update(of=("self",)).select_related("interchange").get(pk=message_id)
    if message.state in (Message.State.PROCESSED, Message.State.SENT):
        raise NotReprocessable("Diese Nachricht ist schon verarbeitet.")
    checked, head, _ = reread(message)
    client_id, before = message.client_id, message.case_key
    item = Incoming(message.pk, checked, message.interchange.original_id, location)
    decided = None if force else _obstacle(message, head)
    if decided is None:
        sender = message.interchange.sender
        decided = decide_all(client_id=client_id, messages=[item], sender=sender, user=user, at=at)[0]
    _record(message, checked, decided, at)
    if decided.handled.case is not None and decided.handled.case.key != before:
        open_case(client_id=client_id, new=decided.handled.case, at=at)
    if before and message.case_key != before and not _still_waiting(client_id, before):
        close_cause(client_id=client_id, key=before, at=at, outcome=decided.handled.outcome)
    audit.record(
        client_id=client_id, at=at, user=user, action="message_reprocessed", object_kind="market.message",
        object_id=message.pk, text=decided.handled.outcome,
    )  # fmt: skip
    return message


def reread(message: Message) -> tuple[Checked, InterchangeHead, WireMessage]:
    """Read one message of a stored file again. Raises NotReprocessable if its bytes hold none."""
    interchange = message.interchange
    content = interchange.original.content
    first = interchange.messages.order_by("position").first()
    limit = first.offset if first else len(content)
    heads = read(content[interchange.offset : limit]) if limit > interchange.offset else ()
    head = heads[0].head if heads else InterchangeHead(read(content)[0].head.unb)
    messages, _ = read_messages(
        content[message.offset : message.end], head=head, references=set(), base=message.offset, number=1
    )
    if not messages:
        raise NotReprocessable("Aus dem Original lässt sich diese Nachricht nicht lesen.")
    return check_exactly(messages[0], head, None), head, messages[0]


def _obstacle(message: Message, head: InterchangeHead) -> Decided | None:
    partner = MarketPartner.objects.filter(market_partner_id=head.sender).first()
    if partner is not None and message.partner_id is None:
        message.partner = partner
    reused = message.interchange.state == Interchange.State.REFERENCE_REUSED
    found, _ = obstacle_of(client_id=message.client_id, head=head, partner=partner, is_new=reused)
    if found is None:
        return None
    return Decided(Message.State.CASE, Handled(found.reason, case=found))


def _record(message: Message, checked: Checked, decided: Decided, at: datetime) -> None:
    handled = decided.handled
    message.state = decided.state
    message.outcome = short(handled.outcome, 4000)
    message.process = handled.process or message.process
    message.case_key = handled.case.key if handled.case else ""
    message.market_location_id = handled.market_location_id or message.market_location_id
    message.values_stored = handled.values_stored
    message.findings = findings_json(checked.findings)
    message.processed_at = at if handled.case is None else None
    message.save()


def _still_waiting(client_id: int, key: str) -> bool:
    return Message.objects.filter(client_id=client_id, case_key=key).exists()
