"""The head of a message of any type: number, date, parties, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from turnus.catalogue.values import parse_instant
from turnus.edifact.model import Segment


@dataclass(frozen=True, slots=True)
class Head:
    """Facts every message type has; empty where it does not name them."""

    pid: str
    document_code: str
    document_number: str
    document_at: datetime | None
    sender: str
    receiver: str
    locations: tuple[str, ...]
    cancels: str
    requested_by: str


def read_head(segments: Sequence[Segment]) -> Head:
    """Collect the head from the segments of a message (values may be left out)."""
    pid = code = number = sender = receiver = cancels = requested = ""
    at: datetime | None = None
    places: dict[str, None] = {}
    for item in segments:
        tag, first = item.tag, item.get(1)
        if tag == "BGM":
            code, number = first, item.get(2)
        elif tag == "DTM" and first == "137":
            at = at or parse_instant(item.get(1, 2), item.get(1, 3))
        elif tag == "RFF":
            value = item.get(1, 2)
            pid = pid or (value if first == "Z13" else "")
            cancels = cancels or (value if first == "ACW" else "")
            requested = requested or (value if first == "AGI" else "")
        elif tag == "NAD" and first == "MS":
            sender = sender or item.get(2)
        elif tag == "NAD" and first == "MR":
            receiver = receiver or item.get(2)
        elif tag == "LOC" and item.get(2):
            places[item.get(2)] = None
    return Head(pid, code, number, at, sender, receiver, tuple(places), cancels, requested)
