"""Bytes → interchanges; the mirror of `writer`.

Reads any UN/EDIFACT interchange: with UNA or without, several interchanges in a file, several messages in an
interchange, line breaks between segments, groups (UNG/UNE). A fault never stops the reading: it becomes a
finding of the message or, for the envelope, of the interchange, and reading goes on at the next segment.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace

from turnus.edifact.charset import choose_encoding, is_ascii
from turnus.edifact.findings import Finding, NotEdifact, Severity
from turnus.edifact.model import Interchange, InterchangeHead, InterchangeTail, Message, Segment
from turnus.edifact.syntax import DEFAULT_CHARS, ServiceChars
from turnus.edifact.tokens import WHITESPACE, Block, Buffer, SegmentCache, blocks

Event = InterchangeHead | Message | InterchangeTail

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SERVICE_TAGS = frozenset((b"UNA", b"UNB", b"UNG", b"UNH", b"UNT", b"UNE", b"UNZ"))
_NO_HEAD = InterchangeHead(Segment("UNB"))
_SEARCH_LIMIT = 1 << 16


def read(data: Buffer) -> tuple[Interchange, ...]:
    """Read everything. Raises NotEdifact if the bytes hold no interchange at all."""
    result: list[Interchange] = []
    head = _NO_HEAD
    messages: list[Message] = []
    for event in stream(data):
        if isinstance(event, InterchangeHead):
            head, messages = event, []
        elif isinstance(event, Message):
            messages.append(event)
        else:
            result.append(Interchange(head, tuple(messages), event))
    return tuple(result)


def stream(data: Buffer) -> Iterator[Event]:
    """Yield head, messages and tail of each interchange in file order.

    Works on bytes or on a memory map and holds one message at a time. Raises NotEdifact before the first
    event if the bytes hold no interchange at all.
    """
    start = find_start(data)
    return _Reader(data).run(start)


def read_messages(
    data: bytes, *, head: InterchangeHead, references: set[str], base: int, number: int
) -> tuple[list[Message], list[Finding]]:
    """Read a piece of an interchange that begins with UNH, as if it stood at byte `base` of its file.

    references: message references seen before; new ones are added. number: segments of the interchange before
    it. Returns the messages and what belongs to the envelope.
    """
    reader = _Reader(data)
    reader.head, reader.chars, reader.references, reader.number = head, head.chars, references, number
    reader.cache = SegmentCache(head.chars, head.encoding)
    return reader.piece(base)


def find_start(data: Buffer) -> int:
    """Byte position of the first UNA, UNB or UNH. Raises NotEdifact if there is none."""
    if not len(data):
        raise NotEdifact("Die Datei ist leer.")
    at = len(_BYTE_ORDER_MARK) if data[:3] == _BYTE_ORDER_MARK else 0
    while at < len(data) and data[at] in WHITESPACE:
        at += 1
    if data[at : at + 3] in (b"UNA", b"UNB", b"UNH"):
        return at
    beginning = data[at : at + _SEARCH_LIMIT]
    found = [place for mark in (b"UNA:+", b"UNB+UNO") if (place := beginning.find(mark)) >= 0]
    if not found:
        raise NotEdifact(
            "Das ist keine EDIFACT-Datei: Sie beginnt weder mit UNA noch mit UNB, sondern mit "
            f"„{_printable(beginning[:20])}“. Bitte prüfen, welche Datei gemeint war."
        )
    return at + min(found)


def _shifted(message: Message, base: int) -> Message:
    return replace(
        message,
        offsets=array("q", (offset + base for offset in message.offsets)),
        end=message.end + base,
        findings=tuple(replace(finding, offset=finding.offset + base) for finding in message.findings),
    )


def _printable(data: Buffer) -> str:
    """Bytes as text that a person and every database can take: what cannot be printed becomes a dot."""
    text = bytes(data).decode("latin-1").strip()
    return "".join(char if char.isprintable() else "·" for char in text)


@dataclass(slots=True)
class _Open:
    """The message that is being read."""

    segments: list[Segment] = field(default_factory=list)
    offsets: array[int] = field(default_factory=lambda: array("q"))
    findings: list[Finding] = field(default_factory=list)


class _Reader:
    def __init__(self, data: Buffer) -> None:
        self.data = data
        self.ascii_only = is_ascii(data, 0, len(data))
        self.chars = DEFAULT_CHARS
        self.has_una = False
        self.start = 0
        self.cache = SegmentCache(DEFAULT_CHARS, "iso-8859-1")
        self.head: InterchangeHead | None = None
        self.message: _Open | None = None
        self.findings: list[Finding] = []
        self.references: set[str] = set()
        self.message_count = 0
        self.group_count = 0
        self.in_group = False
        self.number = 0  # segments of the interchange read so far
        self.pending: list[Finding] = []  # faults before the first UNB

    # ── the loop ──────────────────────────────────────────────────────────────────────────────────────────

    def run(self, position: int) -> Iterator[Event]:
        if position > len(_BYTE_ORDER_MARK) and self.data[:position].strip(WHITESPACE + _BYTE_ORDER_MARK):
            self.pending.append(
                Finding(
                    "junk_before",
                    "warning",
                    0,
                    0,
                    f"Vor UNA/UNB stehen {position} fremde Bytes; übersprungen.",
                )
            )
        while position < len(self.data):
            position = yield from self._section(position)
        yield from self._end_of_file()

    def piece(self, base: int) -> tuple[list[Message], list[Finding]]:
        """See `read_messages`."""
        events = [event for block in blocks(self.data, 0, self.chars) for event in self._block(block)]
        if self.message is not None:
            events += self._missing_unt(len(self.data))
        messages = [_shifted(event, base) for event in events if isinstance(event, Message)]
        return messages, [replace(finding, offset=finding.offset + base) for finding in self.findings]

    def _section(self, position: int) -> Generator[Event, None, int]:
        """Read with one set of service characters; return where the next set begins."""
        self.start, self.has_una = position, False
        if self.data[position : position + 3] == b"UNA":
            position = self._read_una(position)
        for block in blocks(self.data, position, self.chars):
            position = block.ends[-1]
            resume = yield from self._block(block)
            if resume is not None:
                return resume
        return len(self.data)

    def _read_una(self, position: int) -> int:
        una = self.data[position : position + 9]
        try:
            self.chars = ServiceChars.from_una(una)
            self.has_una = True
        except ValueError as error:
            self.chars = DEFAULT_CHARS
            self.pending.append(
                Finding(
                    "una_unusable",
                    "error",
                    1,
                    position,
                    f"{error}; gelesen mit den üblichen {DEFAULT_CHARS.una!r}.",
                )
            )
        if self.chars != self.cache.chars:
            self.cache = SegmentCache(self.chars, "iso-8859-1")
        return position + 9

    def _block(self, block: Block) -> Generator[Event, None, int | None]:
        raws = block.raws
        if block.sanitized:
            self._note(
                "control_character", "warning", 0, block.starts[0], "Steuerzeichen durch Leerzeichen ersetzt."
            )
        services = [index for index, raw in enumerate(raws) if raw[:2] == b"UN" and raw[:3] in _SERVICE_TAGS]
        done = 0
        for index in services:
            self._plain(block, done, index)
            tag = raws[index][:3]
            if tag == b"UNA":
                if self.message is not None:
                    self._plain(block, index, index + 1)
                elif raws[index] + self.chars.terminator.encode() == self.chars.una:
                    self.has_una = True
                else:
                    return block.starts[index]
            else:
                if not block.terminated and index == len(raws) - 1:
                    self._unterminated(raws[index], block.starts[index])
                yield from self._service(tag.decode(), block, index)
            done = index + 1
        last = len(raws)
        if not block.terminated and last > done:
            self._unterminated(raws[-1], block.starts[-1])
            last -= 1
        self._plain(block, done, last)
        return None

    def _plain(self, block: Block, first: int, last: int) -> None:
        """Take over the segments `first` to `last` (exclusive), none of which steers the envelope."""
        if first == last:
            return
        raws = block.raws[first:last]
        segments = list(map(self.cache.__getitem__, raws))
        self.number += len(raws)
        if self.message is None:
            self._note(
                "segment_outside_message",
                "error",
                self.number - len(raws) + 1,
                block.starts[first],
                f"{len(raws)} Segment(e) ab „{segments[0].tag}“ stehen außerhalb einer Nachricht.",
            )
            return
        base = len(self.message.segments)
        self.message.segments += segments
        self.message.offsets += block.starts[first:last]
        if self.cache.faults:
            self._faults(raws, base, block.starts[first:last])

    def _faults(self, raws: list[bytes], base: int, starts: array[int]) -> None:
        assert self.message is not None
        for index, raw in enumerate(raws):
            for code, text in self.cache.faults.get(raw, ()):
                number = base + index + 1
                severity: Severity = "error" if code == "bad_tag" else "warning"
                self.message.findings.append(
                    Finding(code, severity, number, starts[index], f"Segment {number} {text}.")
                )

    # ── the envelope ──────────────────────────────────────────────────────────────────────────────────────

    def _service(self, tag: str, block: Block, index: int) -> Iterator[Event]:
        offset, end = block.starts[index], block.ends[index]
        if self.message is not None and tag in ("UNB", "UNZ", "UNG", "UNE") and self._is_misplaced(tag, end):
            self._plain(block, index, index + 1)
            number = len(self.message.segments)
            self.message.findings.append(
                Finding(
                    "misplaced_segment",
                    "error",
                    number,
                    offset,
                    f"{tag} steht mitten in der Nachricht (Segment {number}).",
                )
            )
            return
        item = self.cache[block.raws[index]]
        if tag == "UNB":
            yield from self._begin_interchange(block, index)
            return
        self.number += 1
        if tag == "UNH":
            yield from self._begin_message(item, offset)
        elif tag == "UNT":
            yield from self._end_message(item, offset, end)
        elif tag == "UNZ":
            yield from self._end_interchange(item, offset)
        else:
            yield from self._group(tag, offset)

    def _is_misplaced(self, tag: str, end: int) -> bool:
        """Whether an envelope segment inside a message is a stray one, not the sign of a missing UNT."""
        following = self.data[end : end + 64].lstrip(WHITESPACE)[:3]
        if tag in ("UNB", "UNG"):
            return following not in (b"UNH", b"UNG", b"UNZ")
        return bool(following) and following not in (b"UNA", b"UNB", b"UNG", b"UNH", b"UNZ")

    def _begin_interchange(self, block: Block, index: int) -> Iterator[Event]:
        if self.head is not None:
            yield from self._missing_unz(block.starts[index])
        raw = block.raws[index]
        charset = raw.decode("latin-1").split(self.chars.element)[1:2]
        name = charset[0].split(self.chars.component)[0] if charset else ""
        encoding, fault = choose_encoding(
            name, self.data, block.starts[index], self.chars, ascii_only=self.ascii_only
        )
        if encoding != self.cache.encoding:
            self.cache = SegmentCache(self.chars, encoding)
        unb = self.cache[raw]
        self.head = InterchangeHead(unb, self.chars, self.has_una, encoding, block.starts[index])
        self.has_una = False
        self.findings, self.pending = self.pending, []
        self.number, self.message_count, self.group_count, self.in_group = 1, 0, 0, False
        self.references = set()
        if fault:
            self._note(fault[0], "warning", 1, block.starts[index], f"UNB {fault[1]}.")
        if len(unb.elements) < 5:
            self._note(
                "unb_incomplete",
                "error",
                1,
                block.starts[index],
                "UNB ist unvollständig: Zeichensatz, Absender, Empfänger, Zeitpunkt, Referenz fehlen.",
            )
        yield self.head

    def _begin_message(self, item: Segment, offset: int) -> Iterator[Event]:
        if self.message is not None:
            yield from self._missing_unt(offset)
        if self.head is None:
            self.head = InterchangeHead(Segment("UNB"), self.chars, self.has_una, "iso-8859-1", offset)
            self.findings, self.pending = self.pending, []
            self._note(
                "missing_unb",
                "error",
                1,
                offset,
                "UNB fehlt: Absender, Empfänger und Referenz sind unbekannt.",
            )
            yield self.head
        self.message = _Open([item], array("q", (offset,)))
        self.message_count += 1
        reference = item.get(1)
        findings = self.message.findings
        if not reference:
            findings.append(
                Finding("unh_incomplete", "error", 1, offset, "UNH nennt keine Nachrichtenreferenz.")
            )
        elif reference in self.references:
            findings.append(
                Finding(
                    "duplicate_reference",
                    "warning",
                    1,
                    offset,
                    f"Die Nachrichtenreferenz „{reference}“ kommt in dieser Datei mehrfach vor.",
                )
            )
        if not item.get(2):
            findings.append(Finding("unh_incomplete", "error", 1, offset, "UNH nennt keinen Nachrichtentyp."))
        self.references.add(reference)

    def _end_message(self, item: Segment, offset: int, end: int) -> Iterator[Event]:
        if self.message is None:
            self._note("unt_without_unh", "error", self.number, offset, "UNT ohne vorangehendes UNH.")
            return
        message = self.message
        message.segments.append(item)
        message.offsets.append(offset)
        number = len(message.segments)
        if item.get(1) != str(number) and not (item.get(1).isdecimal() and int(item.get(1)) == number):
            message.findings.append(
                Finding(
                    "unt_count",
                    "error",
                    number,
                    offset,
                    f"UNT nennt „{item.get(1)}“ Segmente, gezählt sind {number}.",
                )
            )
        if item.get(2) != message.segments[0].get(1):
            message.findings.append(
                Finding(
                    "unt_reference",
                    "error",
                    number,
                    offset,
                    f"UNT nennt die Referenz „{item.get(2)}“, UNH „{message.segments[0].get(1)}“.",
                )
            )
        yield self._close(end)

    def _close(self, end: int) -> Message:
        assert self.message is not None
        done, self.message = self.message, None
        return Message(tuple(done.segments), done.offsets, end, tuple(done.findings), self.chars)

    def _end_interchange(self, item: Segment, offset: int) -> Iterator[Event]:
        if self.message is not None:
            yield from self._missing_unt(offset)
        if self.head is None:
            self.pending.append(Finding("unz_without_unb", "error", 1, offset, "UNZ ohne vorangehendes UNB."))
            return
        expected = self.group_count or self.message_count
        if not (item.get(1).isdecimal() and int(item.get(1)) == expected):
            self._note(
                "unz_count",
                "error",
                self.number,
                offset,
                f"UNZ nennt „{item.get(1)}“ Nachrichten, gezählt sind {expected}.",
            )
        if item.get(2) != self.head.reference:
            self._note(
                "unz_reference",
                "error",
                self.number,
                offset,
                f"UNZ nennt die Referenz „{item.get(2)}“, UNB die Referenz „{self.head.reference}“.",
            )
        yield InterchangeTail(item, tuple(self.findings))
        self.head, self.findings = None, []

    def _group(self, tag: str, offset: int) -> Iterator[Event]:
        if self.message is not None:
            yield from self._missing_unt(offset)
        if tag == "UNG":
            self.group_count += 1
        elif not self.in_group:
            self._note("une_without_ung", "error", self.number, offset, "UNE ohne vorangehendes UNG.")
        self.in_group = tag == "UNG"

    # ── what is missing ───────────────────────────────────────────────────────────────────────────────────

    def _missing_unt(self, offset: int) -> Iterator[Event]:
        assert self.message is not None
        number = len(self.message.segments)
        self.message.findings.append(
            Finding(
                "missing_unt",
                "error",
                number,
                self.message.offsets[-1],
                f"Die Nachricht endet nach Segment {number} ohne UNT: Sie ist abgeschnitten.",
            )
        )
        yield self._close(offset)

    def _missing_unz(self, offset: int) -> Iterator[Event]:
        if self.message is not None:
            yield from self._missing_unt(offset)
        self._note(
            "missing_unz", "error", self.number, offset, "UNZ fehlt: Die Übertragungsdatei ist unvollständig."
        )
        yield InterchangeTail(None, tuple(self.findings))
        self.head, self.findings = None, []

    def _unterminated(self, raw: bytes, offset: int) -> None:
        shown = raw[:20].decode("latin-1").strip()
        text = f"Die Datei endet mitten in einem Segment („{shown}“): Das Endezeichen fehlt."
        if self.message is not None:
            number = len(self.message.segments) + 1
            self.message.findings.append(Finding("unterminated_segment", "error", number, offset, text))
        else:
            self._note("unterminated_segment", "error", self.number + 1, offset, text)

    def _end_of_file(self) -> Iterator[Event]:
        if self.head is not None:
            yield from self._missing_unz(len(self.data))
        elif self.pending or self.findings:
            # Faults that belong to no interchange still have to reach the caller.
            yield InterchangeHead(Segment("UNB"), self.chars, self.has_una, "iso-8859-1", self.start)
            yield InterchangeTail(None, tuple(self.pending + self.findings))

    def _note(self, code: str, severity: Severity, number: int, offset: int, text: str) -> None:
        target = self.findings if self.head is not None else self.pending
        target.append(Finding(code, severity, number, offset, text))
