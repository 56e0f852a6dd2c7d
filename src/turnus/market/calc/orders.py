"""ORDERS with which we ask for values: 17102 (readings, load profiles) and 17103 (gas quality)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from turnus.edifact import Message, Segment, new_message, segment
from turnus.lib import market_time
from turnus.market.calc.answers import Party


@dataclass(frozen=True, slots=True)
class ValueOrder:
    """What to ask for, for the market days [start, end) (gas: gas days).

    kind: reading, intervals or gas_quality.
    location: market location for load profiles of electricity, else the metering location.
    """

    kind: str
    is_gas: bool
    location: str
    start: date
    end: date


def order(reference: str, wanted: ValueOrder, us: Party, them: Party, at: datetime, version: str) -> Message:
    """One ORDERS for one place and time. `at` in UTC."""
    pid, document, what = _form(wanted)
    begins = market_time.gas_day_start if wanted.is_gas else market_time.day_start
    body: list[Segment] = [
        segment("BGM", document, reference),
        segment("DTM", ("137", _stamp(at), "303")),
        *([segment("IMD", "", what)] if what else []),
        segment("RFF", ("Z13", pid)),
        segment("NAD", "MS", (us.number, "", us.agency)),
        segment("NAD", "MR", (them.number, "", them.agency)),
        segment("NAD", "DP"),
        segment("LOC", "172", wanted.location),
        segment("LIN", "1"),
        segment("DTM", ("163", _stamp(begins(wanted.start)), "303")),
        segment("DTM", ("164", _stamp(begins(wanted.end)), "303")),
        segment("UNS", "S"),
    ]
    return new_message(reference, ("ORDERS", "D", "09B", "UN", version), body)


def _form(wanted: ValueOrder) -> tuple[str, str, str]:
    """Prüfidentifikator, document code, and what is asked for (IMD 7081; may be empty)."""
    if wanted.kind == "gas_quality":
        return "17103", "7", "Z10"
    if wanted.kind == "reading":
        return "17102", "7", "Z12"
    return ("17102", "7", "Z11") if wanted.is_gas else ("17102", "Z48", "")


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y%m%d%H%M") + "+00"
