"""Check a market message against the catalogue; all findings, in the order of the segments.

The check has two halves. *Structure* looks at tags, qualifiers and codes only; equal patterns give equal
findings, so short messages are answered from a cache (a load profile of one day is one pattern). *Contents*
looks at single segments: dates, numbers, identifiers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from turnus.catalogue.periods import period_faults
from turnus.catalogue.rules import PidRule, message_types, mscons_rules
from turnus.catalogue.segment_check import content_faults
from turnus.catalogue.signature import Signature, signature, tag_of
from turnus.catalogue.structure import structure_faults
from turnus.catalogue.values import parse_instant
from turnus.edifact.findings import Finding, Severity
from turnus.edifact.model import InterchangeHead, Message, Segment
from turnus.lib import market_time

_CACHED_LENGTH = 80
Fault = tuple[int, str, Severity, str]

_cached_structure = lru_cache(maxsize=4096)(structure_faults)


def check_message(message: Message, on: date) -> tuple[Finding, ...]:
    """Every fault of a message under the formats in force on `on`, without those of syntax and envelope."""
    faults = check_segments(message.segments, on, message.chars.decimal)
    return tuple(
        Finding(
            code,
            severity,
            index + 1,
            message.offset(index + 1),
            f"Segment {index + 1} ({message.segments[index].tag}): {text}",
        )
        for index, code, severity, text in faults
    )


def check_segments(segments: Sequence[Segment], on: date, mark: str) -> list[Fault]:
    """Like `check_message` for bare segments: (index from 0, code, severity, German text)."""
    unh = segments[0]
    faults = list(type_faults(unh.get(2), unh.get(2, 5), on))
    known = message_types().get(unh.get(2))
    if known is None:
        return faults
    pattern = tuple(map(signature, segments))
    short = len(pattern) <= _CACHED_LENGTH
    faults += (_cached_general if short else general_faults)(known.name, pattern)
    if known.name == "MSCONS":
        faults += _mscons_faults(segments, pattern, mark)
    faults.sort(key=lambda fault: fault[0])
    return faults


def general_faults(name: str, pattern: Sequence[Signature]) -> tuple[Fault, ...]:
    """Segments that the message type does not have, and parts that every message of it must have."""
    known = message_types()[name]
    faults: list[Fault] = [
        (index, "unknown_segment", "error", f"Das Segment {tag_of(item)} gibt es in {name} nicht.")
        for index, item in enumerate(pattern)
        if tag_of(item) not in known.tags and tag_of(item) not in ("UNH", "UNT")
    ]
    keys = {item[0] for item in pattern} | {tag_of(item) for item in pattern}
    faults += [
        (0, "segment_missing", "error", f"{key} fehlt: Jede {name} braucht es.")
        for key in known.must
        if key not in keys
    ]
    return tuple(faults)


_cached_general = lru_cache(maxsize=4096)(general_faults)


@lru_cache(maxsize=1024)
def type_faults(name: str, version: str, on: date) -> tuple[Fault, ...]:
    """Whether type and version are the ones in force."""
    known = message_types().get(name)
    if known is None:
        return ((0, "unknown_type", "error", f"Den Nachrichtentyp „{name}“ gibt es im Markt nicht."),)
    expected = known.version_on(on, version)
    day = on.strftime("%d.%m.%Y")
    if expected is None:
        if on >= min(since for since, _ in known.versions):
            return ((0, "wrong_version", "error", f"{name} {version} gibt es nicht."),)
        return ((0, "version_unknown", "info", f"Für den {day} ist keine Version von {name} hinterlegt."),)
    if expected != version:
        text = f"{name} hat Version „{version}“, am {day} gilt „{expected}“."
        return ((0, "wrong_version", "error", text),)
    return ()


def _mscons_faults(segments: Sequence[Segment], pattern: tuple[Signature, ...], mark: str) -> list[Fault]:
    pid = next((item.get(1, 2) for item in segments if item.tag == "RFF" and item.get(1) == "Z13"), "")
    rule = mscons_rules().get(pid)
    if rule is None:
        if not pid:
            text = "Der Prüfidentifikator (RFF+Z13) fehlt: Ohne ihn ist die Art der Messwerte unbekannt."
            return [(0, "pid_missing", "error", text)]
        where = next(index for index, item in enumerate(segments) if item.get(1) == "Z13")
        return [(where, "pid_unknown", "error", f"Den Prüfidentifikator „{pid}“ gibt es für MSCONS nicht.")]
    look = _cached_structure if len(pattern) <= _CACHED_LENGTH else structure_faults
    faults = [*look(pid, pattern), *period_faults(rule, segments)]
    for index, segment in enumerate(segments):
        for code, severity, text in content_faults(segment, rule.strict_location, mark):
            faults.append((index, code, severity, text))
    return faults


def pattern_is_clean(
    segments: Sequence[Segment], pattern: tuple[Signature, ...], rule: PidRule, on: date
) -> bool:
    """Whether an MSCONS has no finding at all, given its pattern and its segments without the values.

    What is wrong inside single segments (`content_faults`) the caller has looked at.
    """
    return not (
        type_faults("MSCONS", segments[0].get(2, 5), on)
        or _cached_general("MSCONS", pattern)
        or _cached_structure(rule.pid, pattern)
        or period_faults(rule, segments)
    )


def message_day(head: InterchangeHead | None, segments: Sequence[Segment]) -> date | None:
    """The market day whose formats apply: of DTM+137, else of UNB; None if neither is readable."""
    for segment in segments[:12]:
        if segment.tag == "DTM" and segment.get(1) == "137":
            instant = parse_instant(segment.get(1, 2), segment.get(1, 3))
            if instant:
                return market_time.market_day(instant)
    if head is None:
        return None
    created = head.created if len(head.created) == 12 else "20" + head.created
    instant = parse_instant(created, "203")
    return market_time.market_day(instant) if instant else None
