"""Faults inside one MSCONS segment: dates, numbers, identifiers, OBIS codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from turnus.catalogue.rules import codes, date_formats, obis_meaning
from turnus.catalogue.values import is_valid_date, parse_number
from turnus.edifact.findings import Severity
from turnus.edifact.model import Segment
from turnus.lib import ids

ContentFault = tuple[str, Severity, str]

_OBIS = re.compile(r"[0-9]{1,3}-[0-9]{1,3}:[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")


def content_faults(segment: Segment, strict_location: bool, mark: str) -> tuple[ContentFault, ...]:
    """(code, severity, German text) of everything wrong inside the segment."""
    return _content_faults(segment, strict_location, mark) if segment.tag in _CHECKED else ()


@lru_cache(maxsize=65536)
def _content_faults(segment: Segment, strict_location: bool, mark: str) -> tuple[ContentFault, ...]:
    if segment.tag == "LOC":
        return _location(segment) if strict_location and segment.get(1) == "172" else ()
    if segment.tag == "QTY":
        return _quantity(segment, mark)
    check = _CHECKS.get(segment.tag)
    return check(segment) if check else ()


def _date(segment: Segment) -> tuple[ContentFault, ...]:
    qualifier, text, form = segment.get(1), segment.get(1, 2), segment.get(1, 3)
    if not is_valid_date(text, form):
        return (
            ("bad_date", "error", f"„{text}“ ist keine gültige Zeitangabe im Format {form or '(fehlt)'}."),
        )
    allowed = date_formats().get(qualifier)
    if allowed and form not in allowed:
        wanted = " oder ".join(sorted(allowed))
        return (("wrong_format", "error", f"Format {form} ist nicht erlaubt, erwartet wird {wanted}."),)
    return ()


def _location(segment: Segment) -> tuple[ContentFault, ...]:
    location = segment.get(2)
    if not location:
        return ()  # whether it may be empty is a matter of structure
    check = ids.check_market_location if len(location) == 11 else ids.check_metering_location
    try:
        check(location)
    except ids.InvalidId as error:
        return (("bad_location", "error", str(error)),)
    return ()


def _partner(segment: Segment) -> tuple[ContentFault, ...]:
    if segment.get(1) not in ("MS", "MR"):
        return ()
    try:
        ids.check_market_partner_id(segment.get(2))
    except ids.InvalidId as error:
        return (("bad_partner", "error", str(error)),)
    return ()


def _product(segment: Segment) -> tuple[ContentFault, ...]:
    if segment.get(2, 2) != "SRW":
        return ()
    code = segment.get(2)
    if not _OBIS.fullmatch(code):
        return (("obis_malformed", "error", f"„{code}“ ist keine OBIS-Kennzahl."),)
    if obis_meaning(code) is None:
        return (("obis_unknown", "warning", f"Die OBIS-Kennzahl „{code}“ ist hier nicht bekannt."),)
    return ()


def _quantity(segment: Segment, mark: str) -> tuple[ContentFault, ...]:
    text = segment.get(1, 2)
    parsed = parse_number(text, mark)
    if parsed is None:
        return (("bad_number", "error", f"„{text}“ ist keine Zahl."),)
    if not parsed[1]:
        return (("wrong_decimal_mark", "warning", f"„{text}“: UNA kündigt „{mark}“ als Dezimalzeichen an."),)
    return ()


def _status(segment: Segment) -> tuple[ContentFault, ...]:
    known = codes()["status"]
    unknown = [code for element in segment.elements[1:] for code in element if code and code not in known]
    return tuple(("status_unknown", "warning", f"Der Status „{code}“ ist nicht bekannt.") for code in unknown)


_CHECKS: dict[str, Callable[[Segment], tuple[ContentFault, ...]]] = {
    "DTM": _date,
    "NAD": _partner,
    "PIA": _product,
    "STS": _status,
}
_CHECKED = frozenset((*_CHECKS, "LOC", "QTY"))
