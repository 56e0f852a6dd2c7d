"""The exact road: any MSCONS message, segment by segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np

from turnus.catalogue.mscons.cut import Values, cut
from turnus.catalogue.mscons.head import Head
from turnus.catalogue.mscons.records import (
    QUALIFIERS,
    Amount,
    Content,
    DayBlock,
    Place,
    RegisterReading,
    day_of,
)
from turnus.catalogue.rules import PidRule
from turnus.catalogue.values import minutes, parse_day, parse_instant, parse_month, parse_number
from turnus.edifact.findings import Finding, Severity
from turnus.edifact.model import Message, Segment
from turnus.lib import market_time

TEXTS = {
    "interval_length": "Das Intervall ist keine Viertelstunde oder Stunde, oder seine Länge wechselt.",
    "interval_not_on_grid": "Das Intervall beginnt nicht auf einer Viertelstunde oder Stunde des Tages.",
    "interval_twice": "Für dieses Intervall steht schon ein Wert in der Nachricht.",
    "value_too_large": "Der Wert ist zu groß oder hat zu viele Nachkommastellen.",
    "value_outside_period": "Der Wert liegt außerhalb des Zeitraums, der für die Lokation genannt ist.",
    "values_missing": "Im genannten Zeitraum fehlen Werte.",
}


@dataclass(slots=True)
class _Value:
    """A QTY with what follows it. section: number of its position (LIN) in the message."""

    place: Place
    section: int
    qualifier: str
    text: str
    segment: int
    times: dict[str, tuple[str, str]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def instant(self, qualifier: str) -> datetime | None:
        found = self.times.get(qualifier)
        return parse_instant(*found) if found else None


@dataclass(frozen=True, slots=True)
class Period:
    """The time a message announces for a place, in minutes UTC; -1 if it does not."""

    start: int
    end: int


NO_PERIOD = Period(-1, -1)


def read_content(message: Message, head: Head, rule: PidRule) -> tuple[Content, list[Finding]]:
    """What the message delivers, and the faults that only show in the values together."""
    values, periods = walk(message.segments)
    faults: list[tuple[int, str, Severity]] = []
    days: tuple[DayBlock, ...] = ()
    readings: tuple[RegisterReading, ...] = ()
    amounts: tuple[Amount, ...] = ()
    mark = message.chars.decimal
    if rule.kind == "intervals":
        days, faults = _interval_days(values, periods, rule, mark)
    elif rule.kind == "readings":
        readings = tuple(filter(None, (_reading(value, mark) for value in values)))
        amounts = tuple(
            filter(None, (_amount(value, mark, rule) for value in values if "7" not in value.times))
        )
    elif rule.kind == "amounts":
        amounts = tuple(filter(None, (_amount(value, mark, rule) for value in values)))
    content = Content(
        head.document_code, days, readings, amounts, head.cancels, head.requested_by, len(values)
    )
    findings = [
        Finding(code, severity, number, message.offset(number), f"Segment {number} (QTY): {TEXTS[code]}")
        for number, code, severity in faults
    ]
    return content, findings


def walk(segments: Sequence[Segment]) -> tuple[list[_Value], list[Period]]:
    """Collect the values with their place, and for each value the period announced for its place."""
    values: list[_Value] = []
    periods: list[Period] = []
    location = device = configuration = product = kind = ""
    start = end = -1
    section = 0
    level = "head"
    for number, item in enumerate(segments, 1):
        tag, first = item.tag, item.get(1)
        if tag == "LOC":
            level, location, device, configuration, start, end = "place", item.get(2), "", "", -1, -1
            product = kind = ""
        elif tag == "LIN":
            level, product, kind = "position", "", ""
            section += 1
        elif tag == "PIA" and level == "position":
            product, kind = item.get(2), item.get(2, 2)
        elif tag == "QTY":
            level = "value"
            place = Place(location, device, configuration, product, kind, item.get(1, 3))
            values.append(_Value(place, section, first, item.get(1, 2), number))
            periods.append(Period(start, end))
        elif tag == "RFF" and level == "place":
            device = item.get(1, 2) if first == "MG" else device
            configuration = item.get(1, 2) if first == "AGK" else configuration
        elif tag == "DTM" and level == "place" and first in ("163", "164"):
            instant = parse_instant(item.get(1, 2), item.get(1, 3))
            if instant and first == "163":
                start = minutes(instant)
            elif instant:
                end = minutes(instant)
        elif level == "value" and tag == "DTM":
            values[-1].times.setdefault(first, (item.get(1, 2), item.get(1, 3)))
        elif level == "value" and tag == "STS":
            values[-1].reasons.append(item.get(3) or item.get(2))
    return values, periods


def _number(value: _Value, mark: str) -> Decimal | None:
    parsed = parse_number(value.text, mark)
    return Decimal(parsed[0][0]).scaleb(-parsed[0][1]) if parsed else None


def _reading(value: _Value, mark: str) -> RegisterReading | None:
    number, instant = _number(value, mark), value.instant("7")
    if number is None or instant is None or value.qualifier not in QUALIFIERS:
        return None
    status = QUALIFIERS[value.qualifier]
    return RegisterReading(value.place, number, status, instant, tuple(value.reasons), value.segment)


def _amount(value: _Value, mark: str, rule: PidRule) -> Amount | None:
    number, period = _number(value, mark), _period(value, rule)
    if number is None or period is None or value.qualifier not in QUALIFIERS:
        return None
    status = QUALIFIERS[value.qualifier]
    return Amount(value.place, number, status, *period, tuple(value.reasons), value.segment)


def _period(value: _Value, rule: PidRule) -> tuple[datetime, datetime] | None:
    """The half-open time of an amount: from-to, or the day or month a peak or allocation belongs to."""
    start, end = value.instant("163"), value.instant("164")
    if start and end:
        return start, end
    if "306" not in value.times:
        moment = value.instant("7") or start
        return (moment, moment) if moment else None
    text, form = value.times["306"]
    begins: Callable[[date], datetime] = market_time.gas_day_start if rule.is_gas else market_time.day_start
    if form == "102" and (day := parse_day(text)):
        return begins(day), begins(day + timedelta(days=1))
    if form == "610" and (month := parse_month(text)):
        return begins(month), begins((month + timedelta(days=31)).replace(day=1))
    return None


def _interval_days(
    values: list[_Value], periods: list[Period], rule: PidRule, mark: str
) -> tuple[tuple[DayBlock, ...], list[tuple[int, str, Severity]]]:
    """Cut the values into days. A value without readable number or times is left to the catalogue's check."""
    usable: list[tuple[_Value, Period]] = []
    rows: list[tuple[int, int, int, int, int, int]] = []
    runs: dict[tuple[Place, int], int] = {}
    for value, period in zip(values, periods, strict=True):
        parsed = parse_number(value.text, mark)
        start, end = value.instant("163"), value.instant("164")
        if parsed is None or start is None or end is None or value.qualifier not in QUALIFIERS:
            continue
        run = runs.setdefault((value.place, value.section), len(runs))
        status = QUALIFIERS[value.qualifier]
        usable.append((value, period))
        rows.append((run, minutes(start), minutes(end), parsed[0][0], parsed[0][1], int(status)))
    if not rows:
        return (), []
    table = np.array(rows, dtype=np.int64)
    columns = Values(
        table[:, 0], table[:, 1], table[:, 2], table[:, 3],
        table[:, 4].astype(np.uint8), table[:, 5].astype(np.uint8),
    )  # fmt: skip
    blocks, problems = cut(columns, gas=rule.is_gas)
    faults: list[tuple[int, str, Severity]] = [
        (usable[problem.index][0].segment, problem.code, "error") for problem in problems
    ]
    faults += _outside(usable, columns) if not problems else []
    places = [place for place, _ in runs]
    days = tuple(
        DayBlock(
            places[block.run], block.minutes, rule.is_gas, day_of(block.day), block.scale,
            block.values, block.status, block.present,
        )
        for block in blocks
    )  # fmt: skip
    return days, faults


def _outside(usable: list[tuple[_Value, Period]], columns: Values) -> list[tuple[int, str, Severity]]:
    """Values outside the announced period, and gaps inside it."""
    faults: list[tuple[int, str, Severity]] = []
    bounds = [0, *(np.flatnonzero(np.diff(columns.run)) + 1).tolist(), len(usable)]
    for first, last in pairwise(bounds):
        period = usable[first][1]
        if period.start < 0 or period.end < 0:
            continue
        start, end = columns.start[first:last], columns.end[first:last]
        outside = np.flatnonzero((start < period.start) | (end > period.end))
        faults += [(usable[first + int(at)][0].segment, "value_outside_period", "error") for at in outside]
        expected = (period.end - period.start) // int(end[0] - start[0])
        if not len(outside) and last - first < expected:
            faults.append((usable[first][0].segment, "values_missing", "warning"))
    return faults
