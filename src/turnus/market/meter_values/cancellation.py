"""Cancelled values (13006): a person decides what follows, because bills may have used them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from turnus.market.meter_values.directory import LocationRef, locations_of, names_of
from turnus.market.models import Message
from turnus.market.records import Handled, Incoming
from turnus.market.text import short
from turnus.system.models import User
from turnus.worklist.services import NewCase


def take_cancellation(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Open a case for each cancellation and name the message whose values it takes back."""
    places = locations_of(client_id, names_of(messages))
    wanted = {item.checked.content.cancels for item in messages if item.checked.content} - {""}
    earlier = dict(
        Message.objects.filter(client_id=client_id, document_number__in=wanted).values_list(
            "document_number", "pk"
        )
    )
    return [_cancellation(item, places, earlier) for item in messages]


def _cancellation(item: Incoming, places: dict[str, LocationRef], earlier: dict[str, int]) -> Handled:
    checked = item.checked
    cancels = checked.content.cancels if checked.content else ""
    known = earlier.get(cancels)
    where = (
        f"Betroffen ist Nachricht {known}." if known else "Die ursprüngliche Nachricht liegt uns nicht vor."
    )
    case = NewCase(
        kind="values_cancelled",
        service="M45",
        key=short(f"values_cancelled:{checked.sender}:{cancels}", 200),
        title=f"{checked.sender} storniert die Werte aus {cancels or 'einer Nachricht ohne Nummer'}",
        reason=f"{where} Bitte prüfen, ob sie abgerechnet sind, und neue Werte abwarten oder anfordern.",
        object_kind="market.message",
        object_id=known or item.message_id,
        object_label=short(", ".join(checked.locations), 120),
    )
    known_ids = [places[name].market_location_id for name in checked.locations if name in places]
    return Handled(case.title, market_location_id=known_ids[0] if known_ids else None, case=case)
