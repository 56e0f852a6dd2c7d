"""Segments → bytes; the mirror of `reader`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from turnus.edifact.model import Interchange, Message, Segment, segment
from turnus.edifact.syntax import DEFAULT_CHARS, ENCODINGS, ServiceChars


def write_segment(item: Segment, chars: ServiceChars = DEFAULT_CHARS) -> str:
    """One segment with its terminator, still as text.

    Raises ValueError if data holds a separator and the interchange has no release character.
    """
    separators = chars.component + chars.element + chars.terminator
    table = str.maketrans({char: chars.release + char for char in chars.escaped})

    def component(text: str) -> str:
        if chars.release == " " and any(char in separators for char in text):
            raise ValueError(f"„{text}“ enthält ein Trennzeichen, aber UNA nennt kein Freigabezeichen")
        return text.translate(table)

    parts = [item.tag, *(chars.component.join(map(component, element)) for element in item.elements)]
    return chars.element.join(parts) + chars.terminator


def write_message(message: Iterable[Segment], chars: ServiceChars = DEFAULT_CHARS) -> str:
    """All segments of a message as they are."""
    return "".join(write_segment(item, chars) for item in message)


def write(interchanges: Sequence[Interchange], *, newline: str = "") -> bytes:
    """The interchanges exactly as their segments say: no count is corrected.

    newline: put after each terminator, for people who read the file.
    """
    result = bytearray()
    for interchange in interchanges:
        head = interchange.head
        if head.has_una:
            result += head.chars.una + newline.encode("ascii")
        items: list[Segment] = [head.unb]
        for message in interchange.messages:
            items += message.segments
        if interchange.tail.unz:
            items.append(interchange.tail.unz)
        text = "".join(write_segment(item, head.chars) + newline for item in items)
        result += text.encode(head.encoding)
    return bytes(result)


def new_message(reference: str, kind: Sequence[str], body: Sequence[Segment]) -> Message:
    """A message with UNH and UNT around `body`.

    kind: the components of UNH S009, e.g. ("MSCONS", "D", "04B", "UN", "2.5").
    """
    segments = (
        segment("UNH", reference, kind),
        *body,
        segment("UNT", str(len(body) + 2), reference),
    )
    return Message(segments)


def new_interchange(
    *,
    sender: Sequence[str],
    receiver: Sequence[str],
    reference: str,
    created: datetime,
    messages: Sequence[Message],
    application: str = "",
    charset: str = "UNOC",
    chars: ServiceChars = DEFAULT_CHARS,
) -> bytes:
    """A complete interchange with UNA, UNB and UNZ.

    sender, receiver: market partner id and its qualifier (500 BDEW, 502 DVGW, 14 GS1).
    created: wall time to print into UNB; the time zone is the caller's choice.
    application: UNB 0026 (EM, TL, VL, …), left out when empty.
    """
    unb = segment(
        "UNB",
        (charset, "3"),
        sender,
        receiver,
        (created.strftime("%y%m%d"), created.strftime("%H%M")),
        reference,
        *(("", application) if application else ()),
    )
    unz = segment("UNZ", str(len(messages)), reference)
    text = write_segment(unb, chars)
    text += "".join(write_message(message.segments, chars) for message in messages)
    text += write_segment(unz, chars)
    return chars.una + text.encode(ENCODINGS[charset])
