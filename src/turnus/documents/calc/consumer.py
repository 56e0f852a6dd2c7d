"""What every energy bill tells consumers about their rights, as dated data.

The texts live in `documents/data/consumer_information.toml`; one edition is valid on any day.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["ConsumerInformation", "Office", "consumer_information", "load_editions"]

_DATA = Path(__file__).resolve().parent.parent / "data" / "consumer_information.toml"


@dataclass(frozen=True, slots=True)
class Office:
    """A public or independent body: name and the lines to print below it."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsumerInformation:
    """Dispute rights and contacts: § 40(2) nos. 8–12, § 111a, § 111b EnWG; § 4 EDL-G; § 107 EnergieStV."""

    dispute_rights: str
    arbitration: Office | None
    regulator: Office | None
    energy_advice: tuple[Office, ...]
    switching_hint: str
    efficiency_info: str
    free_explanation: str
    standard_terms_hint: str
    energy_tax_notice: str
    co2_refund_hint: str


def consumer_information(on: date) -> ConsumerInformation:
    """The edition valid on `on`. Raises LookupError when none is."""
    for valid_from, valid_to, edition in load_editions(_DATA):
        if valid_from <= on and (valid_to is None or on <= valid_to):
            return edition
    raise LookupError(
        f"Verbraucherhinweise: keine Fassung für {on:%d.%m.%Y} in {_DATA.name}; gültige Fassung ergänzen"
    )


@cache
def load_editions(path: Path) -> tuple[tuple[date, date | None, ConsumerInformation], ...]:
    """All editions with first and last day of validity."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple((row["valid_from"], row.get("valid_to"), _edition(row)) for row in data["edition"])


def _edition(row: dict[str, Any]) -> ConsumerInformation:
    return ConsumerInformation(
        dispute_rights=row["dispute_rights"],
        arbitration=_office(row["arbitration"]),
        regulator=_office(row["regulator"]),
        energy_advice=tuple(_office(office) for office in row["energy_advice"]),
        switching_hint=row["switching_hint"],
        efficiency_info=row["efficiency_info"],
        free_explanation=row["free_explanation"],
        standard_terms_hint=row["standard_terms_hint"],
        energy_tax_notice=row["energy_tax_notice"],
        co2_refund_hint=row["co2_refund_hint"],
    )


def _office(row: dict[str, Any]) -> Office:
    return Office(row["name"], tuple(row["lines"]))
