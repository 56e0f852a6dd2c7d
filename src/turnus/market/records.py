"""What the parts of this room, and the rooms that understand messages, hand to each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from turnus.catalogue.mscons.records import Checked
from turnus.worklist.services import NewCase


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that passed the catalogue's check and waits to be understood.

    location: what a clerk named where the message itself names no location.
    """

    message_id: int
    checked: Checked
    original_id: int
    location: str = ""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a message: understood (`case` is None) or waiting for a person.

    outcome: German, for the message page. Values that wait with the case are not counted as stored.
    """

    outcome: str
    process: str = ""
    market_location_id: int | None = None
    values_stored: int = 0
    case: NewCase | None = None


@dataclass(frozen=True, slots=True)
class MessageOutcome:
    """One line of `turnus inbox`."""

    message_id: int
    reference: str
    type: str
    pid: str
    location: str
    state: str
    outcome: str
    values_found: int
    values_stored: int
    case_key: str = ""
    process: str = ""
    partner: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "message": self.message_id,
            "reference": self.reference,
            "type": self.type,
            "pid": self.pid,
            "process": self.process,
            "partner": self.partner,
            "location": self.location,
            "state": self.state,
            "outcome": self.outcome,
            "values": self.values_found,
            "stored": self.values_stored,
        }


@dataclass(frozen=True, slots=True)
class TakeInResult:
    """What became of a file. known_before: these bytes had been taken in already; nothing was done."""

    name: str
    original_id: int
    known_before: bool
    messages: tuple[MessageOutcome, ...] = field(default=())
    error: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.name,
            "known_before": self.known_before,
            "error": self.error,
            "messages": [message.as_json() for message in self.messages],
        }
