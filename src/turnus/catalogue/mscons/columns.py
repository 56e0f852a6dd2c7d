"""Find and read the values of load profiles in a chunk of bytes with NumPy.

A *value group* is QTY, DTM+163, DTM+164 and any STS after them, written exactly as everybody writes them:

    QTY+220:1,567'DTM+163:202412292300?+00:303'DTM+164:202412292315?+00:303'STS+Z34++ZA4'

Whatever looks different is marked as bad and its message goes the exact road.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from turnus.catalogue.mscons.records import QUALIFIERS

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]

PADDING = 32
_MAX_DIGITS = 12
_MAX_STATUS = 6
_MAX_STATUS_BYTES = 16
_DATE_LENGTH = 28
_TERMINATOR = ord("'")
_EPOCH = date(1970, 1, 1).toordinal()


def word(text: bytes) -> int:
    """Up to eight bytes as the integer a little-endian load gives."""
    return int.from_bytes(text, "little")


_KWH = np.uint32(word(b":KWH"))
_ZONES = ((word(b"?+00:303"), 0), (word(b"?+01:303"), 60), (word(b"?+02:303"), 120))
_TAG = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Columns:
    """The value groups of a chunk.

    segment: index of the QTY segment. bad: the group is unusual. shape: hash of everything but number and
    times (qualifier, unit, status segments); equal shapes are checked once. statuses: number of STS segments.
    unit: whether KWH is written behind the number.
    """

    segment: Ints
    start: Ints
    end: Ints
    mantissa: Ints
    decimals: NDArray[np.uint8]
    status: NDArray[np.uint8]
    shape: Words
    statuses: Ints
    unit: Flags
    bad: Flags


@dataclass(frozen=True, slots=True)
class Scan:
    """Segments of a chunk: byte positions, which ones belong to value groups, where messages begin."""

    starts: Ints
    ends: Ints
    others: Ints
    messages: Ints
    columns: Columns


class Scanner:
    """Scans chunks; remembers dates it has seen."""

    def __init__(self, mark: str) -> None:
        self.mark = ord(mark)
        self.days: dict[int, int] = {}

    def scan(self, chunk: bytes) -> Scan:
        """Locate segments and read all value groups. The chunk holds whole messages, from UNH to UNT."""
        padded = chunk + bytes(PADDING)
        data = np.frombuffer(padded, np.uint8)
        words = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
        quads = np.ndarray((len(padded) - 3,), "<u4", padded, strides=(1,))
        ends = np.flatnonzero(data[: len(chunk)] == _TERMINATOR).astype(np.int64)
        starts = np.empty_like(ends)
        starts[0] = 0
        starts[1:] = ends[:-1] + 1
        key = words[starts]
        tag = key & _TAG
        quantity = np.flatnonzero(tag == word(b"QTY+")).astype(np.int64)
        begin, until = key == word(b"DTM+163:"), key == word(b"DTM+164:")
        is_status = tag == word(b"STS+")
        last = len(starts) - 1
        whole = quantity + 2 <= last
        quantity = quantity[whole]  # a message never ends with QTY, so nothing is lost
        grouped = begin[quantity + 1] & until[quantity + 2]
        quantity = quantity[grouped]
        member = np.zeros(len(starts) + 1, dtype=bool)
        for step in range(3):
            member[quantity + step] = True
        statuses, shape, long = self._statuses(words, starts, ends, key, is_status, member, quantity)
        columns = self._columns(data, words, quads, starts, ends, key, quantity, statuses, shape, long)
        return Scan(
            starts,
            ends,
            np.flatnonzero(~member[:-1]).astype(np.int64),
            np.flatnonzero(tag == word(b"UNH+")).astype(np.int64),
            columns,
        )

    def _statuses(
        self,
        words: Words,
        starts: Ints,
        ends: Ints,
        key: Words,
        is_status: Flags,
        member: Flags,
        quantity: Ints,
    ) -> tuple[Ints, Words, Flags]:
        """Add the STS segments behind each group: how many, a hash, and whether one is too long."""
        count = np.zeros(len(quantity), dtype=np.int64)
        shape = np.zeros(len(quantity), dtype=np.uint64)
        long = np.zeros(len(quantity), dtype=bool)
        active = np.arange(len(quantity))
        for step in range(_MAX_STATUS):
            place = quantity[active] + 3 + step
            inside = place < len(starts)
            active, place = active[inside], place[inside]
            here = is_status[place]
            active, place = active[here], place[here]
            if not len(active):
                break
            member[place] = True
            count[active] += 1
            length = ends[place] - starts[place]
            tail = words[np.maximum(ends[place] - 8, 0)]
            mixed = _mix(key[place]) ^ _mix(tail + length.astype(np.uint64))
            shape[active] = _mix(shape[active] + mixed)
            long[active] |= (length > _MAX_STATUS_BYTES) | (length < 8)
        return count, shape, long

    def _columns(
        self, data: NDArray[np.uint8], words: Words, quads: NDArray[np.uint32], starts: Ints, ends: Ints,
        key: Words, quantity: Ints, statuses: Ints, shape: Words, long: Flags,
    ) -> Columns:  # fmt: skip
        begin, end = starts[quantity], ends[quantity]
        status, first = _qualifier(key[quantity], begin)
        has_unit = quads[end - 4] == _KWH
        end = np.where(has_unit, end - 4, end)
        mantissa, decimals, bad = self._numbers(data, first, end)
        bad |= long | (status == 0)
        start_minute, wrong = self._minutes(words, quads, starts, ends, quantity + 1)
        bad |= wrong
        end_minute, wrong = self._minutes(words, quads, starts, ends, quantity + 2)
        bad |= wrong
        kind = status.astype(np.uint64) * np.uint64(2) + has_unit
        return Columns(
            quantity, start_minute, end_minute, mantissa, decimals, status,
            _mix(shape + kind + np.uint64(1)), statuses, has_unit, bad,
        )  # fmt: skip

    def _numbers(
        self, data: NDArray[np.uint8], first: Ints, end: Ints
    ) -> tuple[Ints, NDArray[np.uint8], Flags]:
        """Read the decimal numbers data[first:end], character by character, all at once."""
        length = end - first
        bad = (length < 1) | (length > _MAX_DIGITS)
        mantissa = np.zeros(len(first), dtype=np.int64)
        decimals = np.zeros(len(first), dtype=np.uint8)
        marks = np.zeros(len(first), dtype=np.uint8)
        for place in range(min(int(length.max(initial=0)), _MAX_DIGITS)):
            active = place < length
            char = data[first + np.minimum(place, np.maximum(length - 1, 0))]
            digit = char - np.uint8(48)
            is_digit = active & (digit < 10)
            is_mark = active & (char == self.mark)
            bad |= active & ~is_digit & ~is_mark
            mantissa = np.where(is_digit, mantissa * 10 + digit, mantissa)
            decimals += is_digit & (marks > 0)
            marks += is_mark
            if place == 0:
                bad |= is_mark
        bad |= (marks > 1) | ((marks == 1) & (decimals == 0))
        return mantissa, decimals, bad

    def _minutes(
        self, words: Words, quads: NDArray[np.uint32], starts: Ints, ends: Ints, segment: Ints
    ) -> tuple[Ints, Flags]:
        """Read DTM+16x:CCYYMMDDHHMM?+0Z:303 as minutes since 1970 UTC."""
        begin = starts[segment]
        bad = ends[segment] - begin != _DATE_LENGTH
        zone = words[begin + 20]
        shift = np.full(len(begin), -1, dtype=np.int64)
        for text, minutes in _ZONES:
            shift[zone == text] = minutes
        day = self._day_numbers(words[begin + 8])
        clock = quads[begin + 16].astype(np.int64) - 0x30303030
        digits = [(clock >> bits) & 0xFF for bits in (0, 8, 16, 24)]
        hour, minute = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
        for digit in digits:
            bad |= digit > 9
        bad |= (day < 0) | (shift < 0) | (hour > 23) | (minute > 59)
        return day * 1440 + hour * 60 + minute - shift, bad

    def _day_numbers(self, text: Words) -> Ints:
        """Days since 1970 for words of CCYYMMDD, -1 if it is no date. Equal neighbours are read once."""
        if not len(text):
            return np.zeros(0, dtype=np.int64)
        heads = np.append(0, np.flatnonzero(text[1:] != text[:-1]) + 1)
        known = self.days
        numbers = []
        for value in text[heads].tolist():
            number = known.get(value)
            if number is None:
                number = known[value] = _day_number(value)
            numbers.append(number)
        return np.repeat(np.array(numbers, dtype=np.int64), np.diff(np.append(heads, len(text))))


def _day_number(value: int) -> int:
    text = value.to_bytes(8, "little")
    if not text.isdigit():
        return -1
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal() - _EPOCH
    except ValueError:
        return -1


def _qualifier(key: Words, begin: Ints) -> tuple[NDArray[np.uint8], Ints]:
    """Status of each QTY (0 if the qualifier is unknown) and where its number begins."""
    status = np.zeros(len(key), dtype=np.uint8)
    first = begin + 8
    for code, meaning in QUALIFIERS.items():
        text = f"QTY+{code}:".encode()
        mask = np.uint64((1 << 8 * len(text)) - 1)
        found = (key & mask) == word(text)
        status[found] = meaning
        if len(text) != 8:
            first[found] = begin[found] + len(text)
    return status, first


def _mix(value: Words) -> Words:
    """Scatter the bits of 64-bit words (finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)), dtype=np.uint64)
