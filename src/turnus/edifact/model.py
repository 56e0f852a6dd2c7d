"""Frozen results of reading an interchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turnus.edifact.findings import Finding
from turnus.edifact.syntax import DEFAULT_CHARS, ServiceChars

Elements = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Tag and elements, each element a tuple of components, unescaped and decoded.

    The reader shares one object between equal segments, so a segment does not know its place; the message
    keeps number and offset.
    """

    tag: str
    elements: Elements = ()

    def get(self, element: int, component: int = 1) -> str:
        """Component `component` of element `element`, both counted from 1; empty if absent."""
        try:
            return self.elements[element - 1][component - 1]
        except IndexError:
            return ""

    def as_json(self) -> list[str | list[str]]:
        """Tag, then elements; an element with several components as a list, else as a string."""
        return [self.tag, *(parts[0] if len(parts) == 1 else list(parts) for parts in self.elements)]


def segment(tag: str, *elements: str | Sequence[str]) -> Segment:
    """Build a segment: a string is an element of one component."""
    return Segment(tag, tuple((part,) if isinstance(part, str) else tuple(part) for part in elements))


@dataclass(frozen=True, slots=True)
class Message:
    """One message from UNH to UNT.

    offsets: byte position of each segment in the file, same length as `segments`.
    end: byte position after the last terminator.
    findings: faults of syntax and envelope of this message only.
    """

    segments: tuple[Segment, ...]
    offsets: Sequence[int] = ()
    end: int = 0
    findings: tuple[Finding, ...] = ()
    chars: ServiceChars = DEFAULT_CHARS

    @property
    def reference(self) -> str:
        return self.segments[0].get(1)

    @property
    def type(self) -> str:
        """MSCONS, UTILMD, …"""
        return self.segments[0].get(2, 1)

    @property
    def version(self) -> str:
        """Version of the German message description (UNH 0057), such as 2.5 or S2.2."""
        return self.segments[0].get(2, 5)

    @property
    def directory(self) -> str:
        """Directory of the standard, such as D:04B:UN."""
        return ":".join(self.segments[0].get(2, part) for part in (2, 3, 4))

    @property
    def pid(self) -> str | None:
        """Prüfidentifikator (RFF+Z13), None if the message carries none."""
        for found in self.segments:
            if found.tag == "RFF" and found.get(1) == "Z13":
                return found.get(1, 2) or None
        return None

    def offset(self, number: int) -> int:
        """Byte position of segment `number` (from 1)."""
        return self.offsets[number - 1] if number <= len(self.offsets) else 0


@dataclass(frozen=True, slots=True)
class InterchangeHead:
    """Everything that is known once UNB has been read.

    encoding: the Python codec that was really used; it differs from the one UNB names when a sender lies.
    """

    unb: Segment
    chars: ServiceChars = DEFAULT_CHARS
    has_una: bool = False
    encoding: str = "iso-8859-1"
    offset: int = 0

    @property
    def charset(self) -> str:
        """Repertoire as UNB names it: UNOC, UNOY, …"""
        return self.unb.get(1)

    @property
    def sender(self) -> str:
        return self.unb.get(2)

    @property
    def sender_qualifier(self) -> str:
        return self.unb.get(2, 2)

    @property
    def receiver(self) -> str:
        return self.unb.get(3)

    @property
    def receiver_qualifier(self) -> str:
        return self.unb.get(3, 2)

    @property
    def created(self) -> str:
        """YYMMDDHHMM (or CCYYMMDDHHMM) as the sender wrote it."""
        return self.unb.get(4, 1) + self.unb.get(4, 2)

    @property
    def reference(self) -> str:
        return self.unb.get(5)

    @property
    def is_test(self) -> bool:
        return self.unb.get(11) == "1"


@dataclass(frozen=True, slots=True)
class InterchangeTail:
    """UNZ (None if the file ended before it) and the faults of the envelope."""

    unz: Segment | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Interchange:
    """One interchange from UNB to UNZ."""

    head: InterchangeHead
    messages: tuple[Message, ...]
    tail: InterchangeTail

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Faults of the envelope, then of every message."""
        return (*self.tail.findings, *(finding for message in self.messages for finding in message.findings))
