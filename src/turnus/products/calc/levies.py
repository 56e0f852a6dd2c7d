"""Taxes, levies and VAT rates by date and by publication version, from `products/data/levies.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from turnus.lib.period import Period

__all__ = ["Levy", "LevyTable", "LevyValue", "published_levies"]


@dataclass(frozen=True, slots=True)
class LevyValue:
    """`value` None: not published yet. `published` None: there is only one version."""

    period: Period
    value: Decimal | None
    published: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Levy:
    """`unit`: "ct/kWh", "EUR/t", "kg/kWh" or "percent"; `contained`: bills show it as part of the price."""

    code: str
    title: str
    commodity: str
    unit: str
    legal: str
    contained: bool
    values: tuple[LevyValue, ...]


class LevyTable:
    """Look-up by code and date. `as_of` answers as someone knew on that day; None knows every publication."""

    def __init__(self, levies: list[Levy]) -> None:
        self._levies = {levy.code: levy for levy in levies}
        self._contained = {
            commodity: tuple(levy for levy in levies if levy.contained and levy.commodity == commodity)
            for commodity in ("electricity", "gas")
        }
        self._cached_spans = lru_cache(maxsize=8192)(self._spans)

    def codes(self) -> list[str]:
        return list(self._levies)

    def levy(self, code: str) -> Levy:
        """Raises KeyError for an unknown code."""
        return self._levies[code]

    def contained(self, commodity: str) -> tuple[Levy, ...]:
        """Levies a bill of the commodity has to show."""
        return self._contained[commodity]

    def value(self, code: str, day: date, as_of: date | None = None) -> Decimal | None:
        """The value on a day; None if none is published."""
        return self.spans(code, Period.inclusive(day, day), as_of)[0][1]

    def spans(
        self, code: str, period: Period, as_of: date | None = None
    ) -> tuple[tuple[Period, Decimal | None], ...]:
        """The period cut where the value changes, without gaps; None where nothing is published."""
        return self._cached_spans(code, period, as_of)

    def vat_rates(self, commodity: str, period: Period) -> tuple[tuple[Period, Decimal | None], ...]:
        """Rates in percent, cut where they change (UStG § 12, § 28)."""
        return self.spans(f"vat_{commodity}", period)

    def _spans(
        self, code: str, period: Period, as_of: date | None
    ) -> tuple[tuple[Period, Decimal | None], ...]:
        known = [
            entry
            for entry in self._levies[code].values
            if entry.period.overlaps(period)
            and (as_of is None or entry.published is None or entry.published <= as_of)
        ]
        known.sort(key=lambda entry: entry.published or date.min)
        borders = [day for entry in known for day in (entry.period.start, entry.period.end)]
        spans: list[tuple[Period, Decimal | None]] = []
        for part in period.split_at(*borders):
            values = [entry.value for entry in known if entry.period.contains(part.start)]
            value = values[-1] if values else None
            if spans and spans[-1][1] == value:
                spans[-1] = (Period(spans[-1][0].start, part.end), value)
            else:
                spans.append((part, value))
        return tuple(spans)


@cache
def published_levies() -> LevyTable:
    """The table that ships with Turnus."""
    text = files("turnus.products.data").joinpath("levies.toml").read_text(encoding="utf-8")
    return LevyTable([_levy(code, entry) for code, entry in tomllib.loads(text).items()])


def _levy(code: str, entry: dict[str, object]) -> Levy:
    values = entry["values"]
    if not isinstance(values, list):
        raise TypeError(f"levies.toml: {code}.values is no list")
    return Levy(
        code=code,
        title=str(entry["title"]),
        commodity=str(entry["commodity"]),
        unit=str(entry["unit"]),
        legal=str(entry["legal"]),
        contained=entry["contained"] is True,
        values=tuple(_value(*row) for row in values),
    )


def _value(first: str, last: str, value: str, published: str, source: str) -> LevyValue:
    start = date.fromisoformat(first)
    return LevyValue(
        period=Period.inclusive(start, date.fromisoformat(last)) if last else Period(start, date.max),
        value=Decimal(value) if value else None,
        published=date.fromisoformat(published) if published else None,
        source=source,
    )
