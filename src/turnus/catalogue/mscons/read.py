"""From the bytes of a file to checked messages, choosing the road.

The fast road is taken for a file that holds one regular interchange in the usual service characters, without
line breaks, in ASCII; inside it every unusual message goes the exact road on its own. Anything else goes the
exact road as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from turnus.catalogue.check import check_message, message_day
from turnus.catalogue.mscons.columns import word
from turnus.catalogue.mscons.exact import read_content
from turnus.catalogue.mscons.fast import FastRoad, Refused
from turnus.catalogue.mscons.head import read_head
from turnus.catalogue.mscons.records import Checked
from turnus.catalogue.rules import mscons_rules
from turnus.edifact import Finding, InterchangeHead, InterchangeTail, Message, Segment, read, stream
from turnus.edifact.model import segment
from turnus.edifact.reader import find_start, read_messages
from turnus.edifact.syntax import DEFAULT_CHARS
from turnus.edifact.tokens import Buffer

CHUNK = 4 << 20
_STEP = 16 << 20
_FORBIDDEN = (b"\n", b"\r", b"\x00", b"\x01", b"\x02", b"\x03", b"\x04")

Event = InterchangeHead | Checked | InterchangeTail


def read_file(data: Buffer, *, on: date | None = None, fast: bool = True) -> Iterator[Event]:
    """Yield head, checked messages and tail of every interchange of a file.

    on: the day whose formats apply; by default each message's own date. fast=False forces the exact road.
    Raises NotEdifact if the file holds no interchange.
    """
    start = find_start(data)
    regular = _regular(data, start) if fast else None
    if regular is not None:
        yield from _fast(data, regular, on)
        return
    head: InterchangeHead | None = None
    for event in stream(data):
        if isinstance(event, InterchangeHead):
            head = event
        yield check_exactly(event, head, on) if isinstance(event, Message) else event


def check_exactly(message: Message, head: InterchangeHead | None, on: date | None) -> Checked:
    """Check one message and read what it delivers, on the exact road."""
    facts = read_head(message.segments)
    findings = list(message.findings)
    day = on or message_day(head, message.segments)
    if day is None:
        text = "Weder Nachricht noch Datei nennen ein lesbares Datum; die gültige Version ist unbekannt."
        findings.append(Finding("date_unknown", "error", 1, message.offset(1), text))
    else:
        findings += check_message(message, day)
    rule = mscons_rules().get(facts.pid) if message.type == "MSCONS" else None
    content = None
    if rule is not None:
        content, faults = read_content(message, facts, rule)
        findings += faults
    return Checked(
        message.reference, message.type, message.version, facts.pid, facts.document_number, facts.document_at,
        facts.sender, facts.receiver, facts.locations, message.offset(1), message.end, tuple(findings),
        content,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Regular:
    """A file the fast road can take: its head, where the messages begin and end, and UNZ."""

    head: InterchangeHead
    start: int
    end: int
    unz: Segment


def _regular(data: Buffer, start: int) -> _Regular | None:
    """Whether the file is one plain interchange; all that could tell is looked at."""
    if data[start : start + 3] == b"UNA":
        if data[start : start + 9] not in (DEFAULT_CHARS.una, b"UNA:+,? '"):
            return None
        first = start + 9
    else:
        first = start
    if data[first : first + 4] != b"UNB+":
        return None
    begin = data.find(b"'", first) + 1
    end = data.rfind(b"'UNZ") + 1
    if data[begin : begin + 4] != b"UNH+" or end <= begin:
        return None
    tail = data[end:].rstrip(b"\r\n").split(b"+")  # a last line break is no reason to be slow
    if (
        len(tail) != 3
        or tail[0] != b"UNZ"
        or not tail[2].endswith(b"'")
        or not tail[1].isdigit()
        or any(mark in tail[2][:-1] for mark in (b"'", b"?", b":"))  # the exact road knows what they mean
    ):
        return None
    count = _plain_messages(data, begin - 1, end - 1)
    envelope = read(data[:begin] + b"UNZ+0+" + tail[2])
    if count is None or int(tail[1]) != count or len(envelope) != 1 or envelope[0].findings:
        return None
    unz = segment("UNZ", tail[1].decode(), tail[2][:-1].decode())
    return _Regular(envelope[0].head, begin, end, unz)


def _plain_messages(data: Buffer, begin: int, end: int) -> int | None:
    """Number of messages between two terminators, None if the fast road cannot know them all."""
    count = 0
    for at in range(begin, end, _STEP):
        piece = data[at : min(at + _STEP, end) + 4]  # overlaps, so that a mark on the border is found
        if not piece.isascii() or any(mark in piece for mark in _FORBIDDEN):
            return None
        raw = np.frombuffer(piece, np.uint8)
        places = np.flatnonzero(raw[: len(piece) - 4] == ord("'"))
        if len(places) and (raw[places - 1] == ord("?"))[int(places[0] == 0) :].any():
            return None
        quads = np.ndarray((len(piece) - 3,), "<u4", piece, strides=(1,))
        service = places[(quads[places] & 0xFFFFFF) == word(b"'UN")].tolist()
        marks = Counter(piece[place + 3 : place + 5] for place in service)
        if not marks.keys() <= {b"H+", b"T+", b"S+"}:
            return None
        count += marks[b"H+"]
    return count


def _fast(data: Buffer, regular: _Regular, on: date | None) -> Iterator[Event]:
    head = regular.head
    references: set[str] = set()
    envelope: list[Finding] = []
    number = 1  # segments of the interchange so far; UNB is the first

    def day_of_message(segments: Sequence[Segment]) -> date | None:
        return on or message_day(head, segments)

    road = FastRoad(head.chars, head.encoding, references, day_of_message)
    yield head
    for start, end in _chunks(data, regular.start, regular.end):
        chunk = data[start:end]
        for item in road.read(chunk, start):
            if isinstance(item, Refused):
                piece = data[item.start : item.end]
                messages, faults = read_messages(
                    piece, head=head, references=references, base=item.start, number=number + item.before
                )
                envelope += faults
                for message in messages:
                    yield check_exactly(message, head, on)
            else:
                yield item
        number += chunk.count(b"'")
    yield InterchangeTail(regular.unz, tuple(envelope))


def _chunks(data: Buffer, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut the messages into chunks of whole messages."""
    while start < end:
        stop = end
        if end - start > CHUNK:
            stop = data.rfind(b"'UNH+", start + 1, start + CHUNK) + 1
            if not stop:
                following = data.find(b"'UNH+", start + CHUNK)
                stop = following + 1 if 0 <= following < end else end
        yield start, stop
        start = stop
