"""A message in plain German, segment by segment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from turnus.catalogue.rules import codes, obis_meaning, pid_title, segment_names
from turnus.catalogue.values import parse_day, parse_instant, parse_month
from turnus.edifact.model import Segment
from turnus.lib import market_time


@dataclass(frozen=True, slots=True)
class Description:
    """What a segment says: its name, its content in words, its depth in the message."""

    title: str
    text: str
    level: int


_LEVELS = {"LOC": 1, "LIN": 2, "PIA": 2, "QTY": 3, "STS": 4}


def describe(segment: Segment) -> Description:
    """Put one segment into words. Unknown segments are shown with their raw elements, never hidden."""
    names, qualified = segment_names()
    key = f"{segment.tag}+{segment.get(1)}"
    title = qualified.get(key) or names.get(segment.tag) or f"Segment {segment.tag}"
    writer = _WRITERS.get(segment.tag)
    text = writer(segment) if writer else _raw(segment)
    return Description(title, text, _LEVELS.get(segment.tag, 0))


def _raw(segment: Segment) -> str:
    parts = [part for element in segment.elements for part in element if part]
    return " · ".join(parts)


def _time(segment: Segment) -> str:
    text, form = segment.get(1, 2), segment.get(1, 3)
    if form == "102" and (day := parse_day(text)):
        return day.strftime("%d.%m.%Y")
    if form == "610" and (month := parse_month(text)):
        return month.strftime("%m/%Y")
    instant = parse_instant(text, form)
    return local_text(instant) if instant else f"{text} (Format {form or 'fehlt'})"


def local_text(instant: datetime) -> str:
    """Berlin wall time, such as „31.03.2025 00:00 Uhr“."""
    return market_time.to_local(instant).strftime("%d.%m.%Y %H:%M Uhr")


def _document(segment: Segment) -> str:
    meaning = codes()["documents"].get(segment.get(1), f"Code {segment.get(1)}")
    return f"{meaning}, Nr. {segment.get(2)}" if segment.get(2) else meaning


def _reference(segment: Segment) -> str:
    value = segment.get(1, 2)
    if segment.get(1) == "Z13":
        return f"{value} – {pid_title('MSCONS' if value.startswith('13') else '', value)}"
    return value


def _party(segment: Segment) -> str:
    agency = codes()["agencies"].get(segment.get(2, 3), segment.get(2, 3))
    if segment.get(2):
        return f"{segment.get(2)} ({agency})" if agency else segment.get(2)
    return " ".join(part for element in segment.elements[2:] for part in element if part) or "–"


def _place(segment: Segment) -> str:
    return segment.get(2) or "ohne Angabe"


def _product(segment: Segment) -> str:
    product = segment.get(2)
    meaning = obis_meaning(product) if segment.get(2, 2) == "SRW" else None
    return f"{product} – {meaning}" if meaning else product


def _quantity(segment: Segment) -> str:
    kind = codes()["quantities"].get(segment.get(1), f"Code {segment.get(1)}")
    unit = codes()["units"].get(segment.get(1, 3), segment.get(1, 3))
    return f"{segment.get(1, 2)} {unit}".strip() + f" ({kind})"


def _status(segment: Segment) -> str:
    found = [part for element in segment.elements[1:] for part in element if part]
    return ", ".join(codes()["status"].get(code, code) for code in found) or "–"


def _begin(segment: Segment) -> str:
    return f"{segment.get(2)} {segment.get(2, 5)}, Referenz {segment.get(1)}"


def _end(segment: Segment) -> str:
    return f"{segment.get(1)} Segmente, Referenz {segment.get(2)}"


_WRITERS: dict[str, Callable[[Segment], str]] = {
    "UNH": _begin,
    "UNT": _end,
    "UNS": lambda segment: "",
    "BGM": _document,
    "DTM": _time,
    "RFF": _reference,
    "NAD": _party,
    "LOC": _place,
    "LIN": lambda segment: f"Nr. {segment.get(1)}",
    "PIA": _product,
    "QTY": _quantity,
    "STS": _status,
}
