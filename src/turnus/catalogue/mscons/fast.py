"""The fast road: load profiles by NumPy, message by message refused when anything is unusual.

What it accepts is exactly what the exact road accepts without any finding, and it yields the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

import numpy as np

from turnus.catalogue.check import pattern_is_clean
from turnus.catalogue.mscons.columns import Columns, Scan, Scanner
from turnus.catalogue.mscons.cut import Block, Values, cut
from turnus.catalogue.mscons.head import Head, read_head
from turnus.catalogue.mscons.records import Checked, Content, DayBlock, Place, day_of
from turnus.catalogue.rules import PidRule, mscons_rules
from turnus.catalogue.segment_check import content_faults
from turnus.catalogue.signature import Signature, signature
from turnus.catalogue.values import minutes, parse_instant
from turnus.edifact.model import Segment
from turnus.edifact.syntax import ServiceChars
from turnus.edifact.tokens import CACHE_SIZE, SegmentCache, hide

DayChooser = Callable[[Sequence[Segment]], date | None]
_ENVELOPE = frozenset(("UNA", "UNB", "UNG", "UNE", "UNZ", "UNT", "UNH"))


@dataclass(frozen=True, slots=True)
class Refused:
    """A message the fast road does not take: its bytes in the file, the chunk's segments before it."""

    start: int
    end: int
    before: int


@dataclass(frozen=True, slots=True)
class _Fact:
    """A segment outside the values with all that depends on it alone; shared between equal segments.

    clean, clean_free: nothing wrong inside it, with strict or free locations.
    minute: of a DTM with an instant, minutes UTC, else -1.
    """

    segment: Segment
    tag: str
    first: str
    signature: Signature
    clean: bool
    clean_free: bool
    minute: int


@dataclass(frozen=True, slots=True)
class _Run:
    """The values of one position: groups first to last (exclusive), announced for start to end."""

    place: Place
    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """A message that may turn out fine."""

    unh: Segment
    head: Head
    rule: PidRule
    runs: list[_Run]
    region: Refused


class FastRoad:
    """Reads chunks of whole messages of one interchange.

    day_of_message: which day's formats apply to a message, from its segments without the values.
    references: message references seen so far; the road adds those it takes.
    """

    def __init__(
        self, chars: ServiceChars, encoding: str, references: set[str], day_of_message: DayChooser
    ) -> None:
        self.chars = chars
        self.scanner = Scanner(chars.decimal)
        self.cache = SegmentCache(chars, encoding)
        self.facts: dict[bytes, _Fact] = {}
        self.references = references
        self.day_of_message = day_of_message
        self.shapes: dict[int, tuple[Signature, ...] | None] = {}

    def read(self, chunk: bytes, base: int) -> list[Checked | Refused]:
        """Every message of the chunk, taken or refused, in order. base: position of the chunk in the file."""
        scan = self.scanner.scan(chunk)
        self._learn(chunk, scan)
        drafts, regions = self._drafts(chunk, scan, base)
        blocks = self._blocks(scan.columns, drafts)
        result: list[Checked | Refused] = []
        for number, (draft, region) in enumerate(zip(drafts, regions, strict=True)):
            if draft is None or number not in blocks or draft.unh.get(1) in self.references:
                result.append(region)
                continue
            self.references.add(draft.unh.get(1))
            result.append(_checked(draft, blocks[number]))
        return result

    # ── from segments to drafts ───────────────────────────────────────────────────────────────────────────

    def _learn(self, chunk: bytes, scan: Scan) -> None:
        """Check each new shape of value groups once, on its first example."""
        columns = scan.columns
        good = np.flatnonzero(~columns.bad)
        shapes, index = np.unique(columns.shape[good], return_index=True)
        for shape, example in zip(shapes.tolist(), good[index].tolist(), strict=True):
            if shape in self.shapes:
                continue
            first = int(columns.segment[example])
            count = 3 + int(columns.statuses[example])
            group = [
                self.cache[hide(chunk[int(scan.starts[at]) : int(scan.ends[at])], self.chars)]
                for at in range(first, first + count)
            ]
            clean = not any(content_faults(item, False, self.chars.decimal) for item in group)
            self.shapes[shape] = tuple(map(signature, group)) if clean else None

    def _fact(self, raw: bytes) -> _Fact:
        hidden = hide(raw, self.chars) if b"?" in raw else raw
        item = self.cache[hidden]
        fault = hidden in self.cache.faults
        instant = parse_instant(item.get(1, 2), item.get(1, 3)) if item.tag == "DTM" else None
        clean = not fault and not content_faults(item, True, self.chars.decimal)
        free = clean or (not fault and not content_faults(item, False, self.chars.decimal))
        minute = -1 if instant is None else minutes(instant)
        fact = _Fact(item, item.tag, item.get(1), signature(item), clean, free, minute)
        if len(self.facts) >= CACHE_SIZE:
            self.facts.clear()
        self.facts[raw] = fact
        return fact

    def _drafts(self, chunk: bytes, scan: Scan, base: int) -> tuple[list[_Draft | None], list[Refused]]:
        columns, others = scan.columns, scan.others
        cuts = [*np.searchsorted(others, scan.messages).tolist(), len(others)]
        begins = [*scan.starts[scan.messages].tolist(), len(chunk)]
        limits = [*scan.messages.tolist(), len(scan.starts)]
        gaps = np.searchsorted(columns.segment, others).tolist()
        after = np.searchsorted(columns.segment, limits).tolist()
        starts, ends = scan.starts[others].tolist(), scan.ends[others].tolist()
        known, make = self.facts, self._fact
        drafts: list[_Draft | None] = []
        regions: list[Refused] = []
        for number, (first, last) in enumerate(pairwise(cuts)):
            raws = [chunk[starts[at] : ends[at]] for at in range(first, last)]
            facts = [known.get(raw) or make(raw) for raw in raws]
            bounds = [*gaps[first:last], after[number + 1]]
            regions.append(Refused(base + begins[number], base + begins[number + 1], limits[number]))
            size = limits[number + 1] - limits[number]
            drafts.append(self._draft(facts, bounds, size, regions[-1], columns))
        return drafts, regions

    def _draft(
        self, facts: list[_Fact], bounds: list[int], size: int, region: Refused, columns: Columns
    ) -> _Draft | None:
        """Judge the segments around the values. bounds[i] to bounds[i+1] are the groups behind segment i."""
        if not _closed(facts, size):
            return None
        segments = [fact.segment for fact in facts]
        head = read_head(segments)
        rule = mscons_rules().get(head.pid)
        if rule is None or rule.kind != "intervals" or segments[0].get(2) != "MSCONS":
            return None
        if not all(fact.clean if rule.strict_location else fact.clean_free for fact in facts):
            return None
        on = self.day_of_message(segments)
        runs = _runs(facts, bounds, columns)
        pattern = self._pattern(facts, bounds, columns)
        if on is None or runs is None or pattern is None:
            return None
        if not pattern_is_clean(segments, pattern, rule, on):
            return None
        return _Draft(segments[0], head, rule, runs, region)

    def _pattern(
        self, facts: list[_Fact], bounds: list[int], columns: Columns
    ) -> tuple[Signature, ...] | None:
        """The pattern of the message with one group per shape instead of all groups."""
        pattern: list[Signature] = []
        for index, fact in enumerate(facts):
            pattern.append(fact.signature)
            first, last = bounds[index], bounds[index + 1]
            if first == last:
                continue
            for shape in sorted(set(columns.shape[first:last].tolist())):
                known = self.shapes.get(shape)
                if known is None:
                    return None
                pattern += known
        return tuple(pattern)

    # ── from drafts to day blocks ─────────────────────────────────────────────────────────────────────────

    def _blocks(self, columns: Columns, drafts: list[_Draft | None]) -> dict[int, list[tuple[_Run, Block]]]:
        """Cut the values of all usable drafts, by number of the draft; one with any problem is left out."""
        result: dict[int, list[tuple[_Run, Block]]] = {}
        for gas in (False, True):
            usable = {
                number: draft
                for number, draft in enumerate(drafts)
                if draft is not None and draft.rule.is_gas is gas
            }
            bad = _unusual(columns, usable)
            while usable:
                usable = {number: draft for number, draft in usable.items() if number not in bad}
                runs = [(number, run) for number, draft in usable.items() for run in draft.runs]
                blocks, problems = cut(_values(columns, [run for _, run in runs]), gas=gas)
                if not problems:
                    result |= {number: [] for number in usable}
                    for block in blocks:
                        number, run = runs[block.run]
                        result[number].append((run, block))
                    break
                owner = np.repeat([number for number, _ in runs], [run.last - run.first for _, run in runs])
                bad = {int(owner[problem.index]) for problem in problems}
        return result


def _closed(facts: list[_Fact], size: int) -> bool:
    """Whether the message is UNH … UNT with right count and reference and no envelope inside."""
    first, last = facts[0], facts[-1]
    return (
        last.tag == "UNT"
        and last.first == str(size)
        and last.segment.get(2) == first.first != ""
        and not any(fact.tag in _ENVELOPE for fact in facts[1:-1])
    )


def _runs(facts: list[_Fact], bounds: list[int], columns: Columns) -> list[_Run] | None:
    """The runs of values behind each PIA, or None if values stand anywhere else."""
    runs: list[_Run] = []
    location = device = configuration = ""
    start = end = -1
    level = "head"
    for index, fact in enumerate(facts):
        tag, kind = fact.tag, fact.first
        if tag == "LOC":
            level, location, device, configuration = "place", fact.segment.get(2), "", ""
            start = end = -1
        elif tag == "LIN":
            level = "position"
        elif level == "place" and tag == "RFF":
            device = fact.segment.get(1, 2) if kind == "MG" else device
            configuration = fact.segment.get(1, 2) if kind == "AGK" else configuration
        elif level == "place" and tag == "DTM":
            start = fact.minute if kind == "163" else start
            end = fact.minute if kind == "164" else end
        elif tag in ("QTY", "STS"):
            return None
        first, last = bounds[index], bounds[index + 1]
        if first < last:
            units = columns.unit[first:last]
            if (
                tag != "PIA"
                or level != "position"
                or facts[index - 1].tag != "LIN"
                or units.any() != units.all()
            ):
                return None
            unit = "KWH" if units[0] else ""
            item = fact.segment
            place = Place(location, device, configuration, item.get(2), item.get(2, 2), unit)
            runs.append(_Run(place, first, last, start, end))
    return runs


def _unusual(columns: Columns, drafts: dict[int, _Draft]) -> set[int]:
    """Drafts with a bad group, or with values outside or missing in the announced period."""
    runs = [(number, run) for number, draft in drafts.items() for run in draft.runs]
    if not runs:
        return set()
    owner = np.array([number for number, _ in runs])
    first = np.array([run.first for _, run in runs])
    last = np.array([run.last for _, run in runs])
    start = np.array([run.start for _, run in runs])
    end = np.array([run.end for _, run in runs])
    # reduceat over [first, last): odd places of the result belong to what lies between runs.
    edges = np.column_stack((first, last)).ravel()
    pad = len(columns.bad)
    bad = np.add.reduceat(np.append(columns.bad, False).astype(np.int64), np.minimum(edges, pad))[::2] > 0
    lowest = np.minimum.reduceat(np.append(columns.start, 0), np.minimum(edges, pad))[::2]
    highest = np.maximum.reduceat(np.append(columns.end, 0), np.minimum(edges, pad))[::2]
    length = columns.end[first] - columns.start[first]
    announced = (start >= 0) & (end >= 0)
    expected = (end - start) // np.maximum(length, 1)
    outside = (length <= 0) | (lowest < start) | (highest > end) | (last - first < expected)
    return set(owner[bad | (announced & outside)].tolist())


def _values(columns: Columns, runs: list[_Run]) -> Values:
    if not runs:
        empty = np.zeros(0, dtype=np.int64)
        return Values(empty, empty, empty, empty, empty.astype(np.uint8), empty.astype(np.uint8))
    lengths = [run.last - run.first for run in runs]
    owner = np.repeat(np.arange(len(runs), dtype=np.int64), lengths)
    if runs[0].first + len(owner) == runs[-1].last:
        pick: slice | np.ndarray[tuple[int], np.dtype[np.int64]] = slice(runs[0].first, runs[-1].last)
    else:
        pick = np.concatenate([np.arange(run.first, run.last, dtype=np.int64) for run in runs])
    return Values(
        owner, columns.start[pick], columns.end[pick], columns.mantissa[pick],
        columns.decimals[pick], columns.status[pick],
    )  # fmt: skip


def _checked(draft: _Draft, blocks: list[tuple[_Run, Block]]) -> Checked:
    head, gas = draft.head, draft.rule.is_gas
    days = tuple(
        DayBlock(
            run.place, block.minutes, gas, day_of(block.day), block.scale,
            block.values, block.status, block.present,
        )
        for run, block in blocks
    )  # fmt: skip
    count = sum(run.last - run.first for run in draft.runs)
    content = Content(head.document_code, days, (), (), head.cancels, head.requested_by, count)
    region: Refused = draft.region
    at: datetime | None = head.document_at
    return Checked(
        draft.unh.get(1), "MSCONS", draft.unh.get(2, 5), head.pid, head.document_number, at, head.sender,
        head.receiver, head.locations, region.start, region.end, (), content,
    )  # fmt: skip
