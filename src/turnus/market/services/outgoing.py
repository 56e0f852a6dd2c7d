"""Keep an interchange we send: its bytes as an original, and its messages. `transport` hands it over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from turnus.catalogue import message_types, pid_title
from turnus.documents.services import store_original
from turnus.edifact import Message as WireMessage
from turnus.edifact.syntax import ENCODINGS
from turnus.edifact.writer import new_interchange
from turnus.lib import market_time
from turnus.market.calc.answers import Party
from turnus.market.models import Interchange, Message
from turnus.partners.models import MarketPartner
from turnus.system import numbers

MEDIA_TYPE = "application/edifact"
NUMBER_RANGE = "interchange"
_PLAIN = str.maketrans({"„": '"', "“": '"', "–": "-", "\n": " ", "\r": " "})


def new_reference(client_id: int) -> str:
    """The next interchange reference of the principal."""
    return numbers.draw(client_id=client_id, name=NUMBER_RANGE)[0]


def keep_outgoing(
    *, client_id: int, us: Party, them: Party, reference: str, messages: Sequence[WireMessage],
    at: datetime, outcome: str, answers: Interchange | None = None, market_location_id: int | None = None,
    location: str = "",
) -> Interchange:  # fmt: skip
    """Write the interchange. outcome: German, for the message page."""
    local = market_time.to_local(at)
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
        client_id=client_id, content=content, name=name, media_type=MEDIA_TYPE, at=at
    )
    out = Interchange.objects.create(
        client_id=client_id, direction=Interchange.Direction.OUT, original=original, name=name,
        sender=us.number, receiver=them.number, reference=reference, charset="UNOC", end=len(content),
        message_count=len(messages), created_at=at, received_at=at, answers=answers,
        transport=Interchange.Transport.WAITING,
    )  # fmt: skip
    partner = MarketPartner.objects.filter(market_partner_id=them.number).first()
    Message.objects.bulk_create(
        Message(
            client_id=client_id, interchange=out, position=position, reference=message.reference,
            type=message.type, version=message.version, pid=message.pid or "", state=Message.State.SENT,
            received_at=at, processed_at=at, document_at=at, end=len(content), outcome=outcome,
            process=pid_title(message.type, message.pid or ""), market_location_id=market_location_id,
            location_text=location, partner=partner,
        )
        for position, message in enumerate(messages, 1)
    )  # fmt: skip
    return out


def version_of(name: str, at: datetime) -> str:
    """The version of a message type in force now."""
    found = message_types()[name].version_on(market_time.market_day(at))
    if found is None:
        raise ValueError(
            f"Für {market_time.market_day(at):%d.%m.%Y} ist keine Version von {name} hinterlegt."
        )
    return found


def _printable(message: WireMessage) -> WireMessage:
    """Replace what the character set of our messages does not have (texts quote what partners wrote)."""
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
