"""Bytes → raw segments: hide escaped characters, split, cache equal segments.

Hiding keeps every byte position, so offsets stay true. A load profile repeats most of its segments; each
distinct one is taken apart once.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from mmap import mmap

from turnus.edifact.model import Segment
from turnus.edifact.syntax import ServiceChars

Buffer = bytes | mmap

BLOCK_SIZE = 1 << 20
CACHE_SIZE = 200_000
WHITESPACE = b"\r\n\t "
_PADDING = WHITESPACE + b"\x00\x1a"
# Control characters are in no repertoire of the standard, so they can stand for an escaped character.
_PLACEHOLDERS = b"\x01\x02\x03\x04"
# NUL is blanked with them: it is no character of any repertoire and no database takes it in a text.
_CONTROL = b"\x00" + _PLACEHOLDERS
_BLANK_CONTROL = bytes.maketrans(_CONTROL, b" " * len(_CONTROL))
_TAG = re.compile(r"[A-Z][A-Z0-9]{2}")


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole segments.

    raws: their bytes without terminator and leading line breaks, escaped characters hidden.
    starts: byte position of each; ends: byte position after the terminator of each.
    sanitized: control characters were blanked out.
    terminated: False for the rest of a file after its last terminator.
    """

    raws: list[bytes]
    starts: array[int]
    ends: array[int]
    sanitized: bool
    terminated: bool = True


def blocks(data: Buffer, position: int, chars: ServiceChars) -> Iterator[Block]:
    """Cut the buffer from `position` into blocks of whole segments."""
    terminator = chars.terminator.encode()
    release = chars.release.encode() if chars.release != " " else b""
    size = BLOCK_SIZE
    while position < len(data):
        piece = data[position : position + size]
        cut = _last_terminator(piece, terminator, release)
        if cut:
            yield _block(piece[:cut], position, chars)
            position += cut
            size = BLOCK_SIZE
        elif position + size < len(data):
            size *= 2
        else:
            if piece.strip(_PADDING):
                yield _block(piece, position, chars, terminated=False)
            return


def _last_terminator(piece: bytes, terminator: bytes, release: bytes) -> int:
    """Position after the last terminator that is not escaped, 0 if there is none."""
    end = len(piece)
    while (found := piece.rfind(terminator, 0, end)) >= 0:
        run = found
        while release and run and piece[run - 1 : run] == release:
            run -= 1
        if (found - run) % 2 == 0:  # an even run of release characters escapes itself
            return found + 1
        end = found
    return 0


def hide(piece: bytes, chars: ServiceChars) -> bytes:
    """Replace each escaped character by two placeholders, keeping the length."""
    if chars.release == " ":
        return piece
    release = chars.release.encode()
    if release not in piece:
        return piece
    escaped = (chars.release, chars.terminator, chars.element, chars.component)
    for char, placeholder in zip(escaped, _PLACEHOLDERS, strict=True):
        piece = piece.replace(release + char.encode(), bytes((placeholder, placeholder)))
    return piece


def _block(piece: bytes, position: int, chars: ServiceChars, *, terminated: bool = True) -> Block:
    sanitized = any(control in piece for control in _CONTROL)
    if sanitized:
        piece = piece.translate(_BLANK_CONTROL)
    raws = hide(piece, chars).split(chars.terminator.encode())
    if terminated:
        raws.pop()
    ends = array("q", accumulate((len(raw) + 1 for raw in raws), initial=position))
    starts = ends[:-1]
    del ends[0]
    if any(white in piece for white in WHITESPACE):
        for index, raw in enumerate(raws):
            if raw and raw[0] in WHITESPACE:
                raws[index] = raw.lstrip(WHITESPACE)
                starts[index] += len(raw) - len(raws[index])
    return Block(raws, starts, ends, sanitized, terminated)


@dataclass(slots=True)
class SegmentCache(dict[bytes, Segment]):
    """Raw bytes → segment; `faults` keeps what was wrong with a raw segment as (code, German text)."""

    chars: ServiceChars
    encoding: str
    faults: dict[bytes, list[tuple[str, str]]] = field(default_factory=dict)

    def __missing__(self, raw: bytes) -> Segment:
        if len(self) >= CACHE_SIZE:
            self.clear()
        made = self[raw] = self._parse(raw)
        return made

    def _parse(self, raw: bytes) -> Segment:
        faults = []
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError:
            text = raw.decode(self.encoding, "replace")
            faults.append(("undecodable", f"enthält Bytes, die es im Zeichensatz {self.encoding} nicht gibt"))
        tag, *elements = text.split(self.chars.element)
        parsed = [element.split(self.chars.component) for element in elements]
        if any(placeholder in raw for placeholder in _PLACEHOLDERS) or self.chars.release in text:
            parsed = [[self._reveal(part) for part in element] for element in parsed]
        if not _TAG.fullmatch(tag):
            faults.append(("bad_tag", f"beginnt mit „{tag[:20]}“ statt mit einem dreistelligen Segmentnamen"))
        if "\n" in text or "\r" in text:
            faults.append(("newline_in_segment", "enthält einen Zeilenumbruch mitten in den Daten"))
        if faults:
            self.faults[raw] = faults
        return Segment(tag, tuple(map(tuple, parsed)))

    def _reveal(self, part: str) -> str:
        chars = self.chars
        if chars.release == " ":
            return part
        if chars.release in part:
            # A release character before an ordinary character only says "take it as it is".
            part = re.sub(re.escape(chars.release) + "(.)", r"\1", part, flags=re.DOTALL)
        escaped = (chars.release, chars.terminator, chars.element, chars.component)
        for char, placeholder in zip(escaped, _PLACEHOLDERS, strict=True):
            part = part.replace(chr(placeholder) * 2, char)
        return part
