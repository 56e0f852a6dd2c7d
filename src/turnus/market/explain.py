"""A stored message in plain German: its segments as they were on the wire, in words, errors marked."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Min

from turnus.catalogue import describe
from turnus.edifact import NotEdifact, read, write_segment
from turnus.market.models import Message

MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One segment: number from UNH, wire form, meaning, and what is wrong with it."""

    number: int
    wire: str
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    lines: tuple[Line, ...]
    hidden: int = 0


def explain(message: Message) -> Explained:
    """The first 400 segments of a message in words; nothing where the bytes hold no message.

    Only the envelope's head and the message itself are read from the archive, so that one message of a
    file with thousands costs no more than any other.
    """
    interchange = message.interchange
    first = interchange.messages.aggregate(first=Min("offset"))["first"] or 0
    content = interchange.original.content
    head = content[interchange.offset : max(first, interchange.offset)]
    try:
        found = read(head + content[message.offset : message.end])
    except NotEdifact:
        return Explained(())
    messages = [one for each in found for one in each.messages]
    if not messages:
        return Explained(())
    errors: dict[int, list[str]] = {}
    for finding in message.findings:
        errors.setdefault(int(finding.get("segment") or 0), []).append(str(finding.get("text", "")))
    segments = messages[0].segments
    chars = messages[0].chars
    lines = []
    for number, segment in enumerate(segments[:MOST_LINES], start=1):
        meaning = describe(segment)
        words = f"{meaning.title}: {meaning.text}".strip().removesuffix(":")
        lines.append(Line(number, write_segment(segment, chars), words, " ".join(errors.get(number, []))))
    return Explained(tuple(lines), max(0, len(segments) - MOST_LINES))
