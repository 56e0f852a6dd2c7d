"""Periods in MSCONS: begin before end, and load profiles over whole market days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from turnus.catalogue.rules import PidRule
from turnus.catalogue.values import parse_instant
from turnus.edifact.findings import Severity
from turnus.edifact.model import Segment
from turnus.lib import market_time

Fault = tuple[int, str, Severity, str]


def period_faults(rule: PidRule, segments: Sequence[Segment]) -> list[Fault]:
    """Check each DTM+163/164 pair; pairs stand next to each other below LOC and below QTY."""
    faults: list[Fault] = []
    start: datetime | None = None
    opener = ""
    for index, segment in enumerate(segments):
        if segment.tag in ("LOC", "QTY", "LIN"):
            opener, start = segment.tag, None
        elif segment.tag == "DTM" and segment.get(1) == "163":
            start = parse_instant(segment.get(1, 2), segment.get(1, 3))
        elif segment.tag == "DTM" and segment.get(1) == "164" and start is not None:
            end = parse_instant(segment.get(1, 2), segment.get(1, 3))
            if end is not None:
                faults += _pair(rule, opener, start, end, index)
            start = None
    return faults


def _pair(rule: PidRule, opener: str, start: datetime, end: datetime, index: int) -> list[Fault]:
    if end <= start:
        text = f"Das Ende ({_text(end)}) liegt nicht nach dem Beginn ({_text(start)})."
        return [(index, "period_inverted", "error", text)]
    if opener != "LOC" or rule.kind != "intervals" or not rule.strict_location:
        return []
    if _begins_day(start, rule.is_gas) and not _begins_day(end, rule.is_gas):
        severity: Severity = "error" if _misses_change(start, end) else "warning"
        text = (
            f"Der Zeitraum endet {_text(end)} und damit nicht am Ende eines Tages. Am Tag der "
            "Zeitumstellung sind es 92 oder 100 statt 96 Viertelstunden."
        )
        return [(index, "period_not_whole_days", severity, text)]
    return []


def _begins_day(instant: datetime, is_gas: bool) -> bool:
    if is_gas:
        return market_time.gas_day_start(market_time.gas_day(instant)) == instant
    return market_time.day_start(market_time.market_day(instant)) == instant


def _misses_change(start: datetime, end: datetime) -> bool:
    """Whether a period of whole 24-hour days misses the end of its last day because of summer time."""
    shifted = market_time.to_local(end).utcoffset() != market_time.to_local(start).utcoffset()
    return shifted and (end - start) % timedelta(days=1) == timedelta(0)


def _text(instant: datetime) -> str:
    return market_time.to_local(instant).strftime("%d.%m.%Y %H:%M")
