"""CONTRL and APERAK: what we answer to a file, as messages ready to be written.

CONTRL speaks about syntax (can it be read), APERAK about processing (does it keep the format). Sources: BDEW
CONTRL 2.0b and APERAK 2.1i / 2.2 descriptions; error codes by their numbers, texts are our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from turnus.edifact import Message, Segment, new_message, segment

# Finding code → (0085 syntax error, service segment it concerns).
_FILE_FAULTS: Mapping[str, tuple[str, str]] = {
    "unz_count": ("29", "UNZ"),
    "unz_reference": ("28", "UNZ"),
    "missing_unz": ("13", "UNZ"),
    "missing_unb": ("13", "UNB"),
    "unb_incomplete": ("13", "UNB"),
    "una_unusable": ("20", "UNA"),
}
_MESSAGE_FAULTS: Mapping[str, tuple[str, str]] = {
    "unt_count": ("29", "UNT"),
    "unt_reference": ("28", "UNT"),
    "missing_unt": ("13", "UNT"),
    "unterminated_segment": ("13", "UNT"),
    "unh_incomplete": ("13", "UNH"),
}
# Fault of one segment → 0085 in UCS.
_SEGMENT_FAULTS: Mapping[str, str] = {"bad_tag": "15", "misplaced_segment": "15"}
SYNTAX_CODES = frozenset((*_FILE_FAULTS, *_MESSAGE_FAULTS, *_SEGMENT_FAULTS))

# Finding code → ERC of APERAK.
_PROCESSING_ERRORS: Mapping[str, str] = {
    "segment_missing": "Z29",
    "location_missing": "Z29",
    "pid_missing": "Z29",
    "wrong_order": "Z29",
    "code_not_allowed": "Z39",
    "pid_unknown": "Z39",
    "unit_not_allowed": "Z39",
    "unknown_segment": "Z39",
    "segment_repeated": "Z40",
    "interval_twice": "Z40",
    "period_inverted": "Z34",
    "values_missing": "Z30",
    "period_not_whole_days": "Z41",
    "interval_length": "Z41",
    "interval_not_on_grid": "Z41",
    "value_outside_period": "Z41",
    "value_too_large": "Z27",
    "location_unknown": "Z10",
    "register_unknown": "Z19",
}
# Errors of form name the place; errors about what we know (an unknown location, say) do not.
_WITH_PLACE = frozenset(("Z29", "Z35", "Z38", "Z39", "Z40", "Z41"))
_OTHER_ERROR = "Z35"  # the form is not kept
_TEXT_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Party:
    """A market partner id with its code in UNB (500, 502, 14)."""

    number: str
    qualifier: str

    @property
    def agency(self) -> str:
        """The code of the same authority in NAD."""
        return {"500": "293", "502": "332", "14": "9"}.get(self.qualifier, "293")


@dataclass(frozen=True, slots=True)
class Received:
    """The interchange we answer to."""

    reference: str
    sender: Party
    receiver: Party
    created: datetime


@dataclass(frozen=True, slots=True)
class FaultyMessage:
    """A message with errors; faults as (code, number of the segment, text)."""

    reference: str
    kind: tuple[str, ...]
    document_number: str
    faults: tuple[tuple[str, int, str], ...]

    @property
    def is_unreadable(self) -> bool:
        return any(code in SYNTAX_CODES for code, _, _ in self.faults)


def contrl(
    reference: str, received: Received, file_faults: Sequence[str], messages: Sequence[FaultyMessage]
) -> Message:
    """Confirm a file, or say what is wrong with its envelope or with the syntax of its messages."""
    unreadable = [message for message in messages if message.is_unreadable]
    fault = next((_FILE_FAULTS[code] for code in file_faults if code in _FILE_FAULTS), None)
    action = "4" if fault or unreadable else "7"
    parties = (
        (received.sender.number, received.sender.qualifier),
        (received.receiver.number, received.receiver.qualifier),
    )
    body = [segment("UCI", received.reference, *parties, action, *(fault or ()))]
    if not fault:
        for message in unreadable:
            body += _ucm(message)
    return new_message(reference, ("CONTRL", "D", "3", "UN", "2.0b"), body)


def _ucm(message: FaultyMessage) -> list[Segment]:
    codes = [code for code, _, _ in message.faults]
    fault = next((_MESSAGE_FAULTS[code] for code in codes if code in _MESSAGE_FAULTS), ())
    result = [segment("UCM", message.reference, message.kind, "4", *fault)]
    if not fault:
        result += [
            segment("UCS", str(number), _SEGMENT_FAULTS[code])
            for code, number, _ in message.faults
            if code in _SEGMENT_FAULTS
        ]
    return result


def aperak(reference: str, received: Received, message: FaultyMessage, at: datetime, version: str) -> Message:
    """Refuse a message that can be read but does not follow its format. `at` in UTC.

    Every different error code is named once, with the text of its first finding.
    """
    errors: dict[str, tuple[int, str]] = {}
    for code, number, text in message.faults:
        errors.setdefault(_PROCESSING_ERRORS.get(code, _OTHER_ERROR), (number, text))
    body = [
        segment("BGM", "313", reference),
        segment("DTM", ("137", _stamp(at), "303")),
        segment("RFF", ("ACE", received.reference)),
        segment("DTM", ("171", _stamp(received.created), "303")),
        segment("NAD", "MS", (received.receiver.number, "", received.receiver.agency)),
        segment("NAD", "MR", (received.sender.number, "", received.sender.agency)),
    ]
    for error, (number, text) in errors.items():
        body += [
            segment("ERC", error),
            segment("FTX", "ABO", "", "", text[:_TEXT_LENGTH]),
            segment("RFF", ("ACW", message.reference)),
            segment("RFF", ("AGO", message.document_number or message.reference)),
        ]
        if error in _WITH_PLACE:
            body.append(segment("FTX", "Z02", "", "", f"Segment {number}"))
    return new_message(reference, ("APERAK", "D", "07B", "UN", version), body)


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y%m%d%H%M") + "+00"
