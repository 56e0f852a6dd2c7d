"""Cancelled values (13006): the sender takes a whole earlier MSCONS back, named by its document number.

The message names the document (RFF+ACW) and one place (LOC); the values are those of the earlier message,
read again from its bytes. They are withdrawn in metering as new versions; what cannot be found waits with a
case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from turnus.market.meter_values.delivered import delivered
from turnus.market.meter_values.directory import SERVICE, locations_of, names_of
from turnus.market.models import Interchange, Message
from turnus.market.records import Handled, Incoming
from turnus.market.services.reprocess import reread
from turnus.market.text import short
from turnus.metering.records import Withdrawn
from turnus.metering.services import withdraw_values
from turnus.system.models import User
from turnus.worklist.services import NewCase, close_cause

CANCELLATION = "13006"


def take_cancellation(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Withdraw the values of the messages that are taken back.

    A message that still waits is not processed any more. Cancelled twice, the second one changes nothing.
    """
    places = locations_of(client_id, names_of(messages))
    handled = []
    for item in messages:
        known = [places[name].market_location_id for name in item.checked.locations if name in places]
        handled.append(_cancel(client_id, item, known[0] if known else None, at))
    return handled


def _cancel(client_id: int, item: Incoming, location_id: int | None, at: datetime) -> Handled:
    checked = item.checked
    number = checked.content.cancels if checked.content else ""
    earlier = _earlier(client_id, item, number)
    if len(earlier) != 1:
        why = (
            f"Es gibt {len(earlier)} Nachrichten mit dieser Nummer; welche gemeint ist, ist nicht eindeutig."
            if earlier
            else "Eine solche Nachricht liegt uns von diesem Absender nicht vor."
        )
        return _unmatched(item, number, why, location_id)
    message = earlier[0]
    if message.state == Message.State.REJECTED:
        outcome = f"Die stornierte Nachricht {number} war nicht verarbeitet; es gibt nichts zurückzunehmen."
        return Handled(outcome, market_location_id=location_id)
    original, _, _ = reread(message)
    was_processed = message.state == Message.State.PROCESSED
    source = Incoming(message.pk, original, message.interchange.original_id, _named(message))
    values, unknown = delivered(client_id=client_id, item=source, at=at)
    result = withdraw_values(client_id=client_id, values=values, document_at=original.document_at, at=at)
    _note(message, checked.document_number, at)
    missing = (*result.missing, *unknown) if was_processed else ()
    if missing:
        listed = "; ".join(missing)
        why = f"{_in_words(result)} Nicht gefunden wurde: {listed}."
        return _unmatched(item, number, why, location_id)
    return Handled(f"Storno von {number}: {_in_words(result)}", market_location_id=location_id)


def _earlier(client_id: int, item: Incoming, number: str) -> list[Message]:
    """Messages of this sender under this document number, at the place the cancellation names."""
    rows = Message.objects.filter(
        client_id=client_id, document_number=short(number, 70), type="MSCONS",
        interchange__direction=Interchange.Direction.IN, interchange__sender=item.checked.sender,
    ).exclude(pid=CANCELLATION).select_related("interchange__original", "market_location")  # fmt: skip
    found = list(rows.order_by("id")) if number else []
    places = set(item.checked.locations)
    return [row for row in found if not places or not row.location_text or places & _places(row)]


def _places(row: Message) -> set[str]:
    return {name.strip() for name in row.location_text.split(",")}


def _named(message: Message) -> str:
    """The location a clerk named for a message that names none itself."""
    if message.location_text or message.market_location is None:
        return ""
    return message.market_location.market_location_id


def _note(message: Message, cancelled_by: str, at: datetime) -> None:
    """Say on the message that it was taken back; one that waits is done with."""
    text = f"Storniert durch {cancelled_by}."
    if text not in message.outcome:
        message.outcome = short(f"{message.outcome} {text}".strip(), 4000)
    before = message.case_key
    if message.state in (Message.State.CASE, Message.State.RECEIVED):
        message.state, message.case_key, message.processed_at = Message.State.REJECTED, "", at
    message.save(update_fields=["outcome", "state", "case_key", "processed_at"])
    waiting = Message.objects.filter(client_id=message.client_id, case_key=before)
    if before and not message.case_key and not waiting.exists():
        close_cause(client_id=message.client_id, key=before, at=at, outcome=text)


def _in_words(result: Withdrawn) -> str:
    parts = [
        (result.withdrawn, "Werte oder Tage zurückgezogen"),
        (result.already, "waren es schon"),
        (result.kept, "gelten weiter, weil eine andere Nachricht sie ebenso liefert"),
        (result.requested, "neu angefordert"),
    ]
    said = [f"{count} {words}" for count, words in parts if count]
    return ", ".join(said) + "." if said else "Es waren keine Werte gespeichert."


def _unmatched(item: Incoming, number: str, why: str, location_id: int | None) -> Handled:
    """A person has to look: names what was looked for, and what was found."""
    checked = item.checked
    places = ", ".join(checked.locations)
    case = NewCase(
        kind="values_cancelled",
        service=SERVICE,
        key=short(f"values_cancelled:{checked.sender}:{number}:{places}", 200),
        title=short(f"{checked.sender} storniert Werte aus {number or 'einer Nachricht ohne Nummer'}", 200),
        reason=short(
            f"Gesucht: Dokument {number or 'ohne Nummer'} von {checked.sender}"
            f"{f' für {places}' if places else ''}. {why}",
            4000,
        ),
        object_kind="market.message",
        object_id=item.message_id,
        object_label=short(places, 120),
        details={"Dokument": number, "Absender": checked.sender, "Lokation": places},
    )
    return Handled(case.reason, market_location_id=location_id, case=case)
