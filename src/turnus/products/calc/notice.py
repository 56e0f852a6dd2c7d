"""How early a price increase must be announced (§ 41(5) EnWG; § 5(2) StromGVV/GasGVV).

The limits are dated data in `products/data/notice.toml`.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Supply(StrEnum):
    """Kinds of supply that the law treats differently."""

    DEFAULT_ELECTRICITY = "default_electricity"
    DEFAULT_GAS = "default_gas"
    HOUSEHOLD = "household"
    OTHER = "other"

    @classmethod
    def of(cls, *, commodity: str, default_supply: bool, household: bool) -> Supply:
        if default_supply:
            return cls.DEFAULT_GAS if commodity == "gas" else cls.DEFAULT_ELECTRICITY
        return cls.HOUSEHOLD if household else cls.OTHER


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """From telling to start: `weeks` plus `months`, then on to the next first of a month if `month_start`."""

    supply: Supply
    title: str
    since: date
    weeks: int
    months: int
    month_start: bool
    legal: str

    def __str__(self) -> str:
        return f"{self.title}, {self.legal}"


@dataclass(frozen=True, slots=True)
class PricePoint:
    """Net prices: ct/kWh and €/year."""

    energy_ct_per_kwh: Decimal
    base_eur_per_year: Decimal


@cache
def rules() -> tuple[NoticeRule, ...]:
    """All rules, the newest first."""
    text = files("turnus.products.data").joinpath("notice.toml").read_text(encoding="utf-8")
    found = [
        NoticeRule(
            Supply(row["supply"]), row["title"], row["since"], row.get("weeks", 0), row.get("months", 0),
            row.get("month_start", False), row["legal"],
        )
        for row in tomllib.loads(text)["rule"]
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda rule: rule.since, reverse=True))


def rule_on(*, supply: Supply, day: date) -> NoticeRule:
    """The rule for customers told on that day; for days before the first rule, the first."""
    known = [rule for rule in rules() if rule.supply == supply]
    return next((rule for rule in known if rule.since <= day), known[-1])


def is_increase(before: PricePoint, after: PricePoint) -> bool:
    """Whether any part of the price rises; a fall of the other part does not make up for it."""
    return (
        after.energy_ct_per_kwh > before.energy_ct_per_kwh
        or after.base_eur_per_year > before.base_eur_per_year
    )


def earliest_start(*, announced_on: date, rule: NoticeRule) -> date:
    """First day an increase announced on that day may take effect."""
    day = _months_later(announced_on, rule.months) + timedelta(weeks=rule.weeks)
    return day if not rule.month_start or day.day == 1 else _months_later(day.replace(day=1), 1)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last one (§ 188(3) BGB)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def objection(*, start: date, announced_on: date | None, supply: Supply) -> str | None:
    """Why an increase may not start on that day (German, for a clerk), or None if it may."""
    rule = rule_on(supply=supply, day=announced_on or start)
    if announced_on is None:
        return f"Preiserhöhung ohne Nachweis der Mitteilung an die Kunden ({rule})."
    if rule.month_start and start.day != 1:
        return f"Preiserhöhung zum {start:%d.%m.%Y}: nur zum Monatsbeginn zulässig ({rule})."
    earliest = earliest_start(announced_on=announced_on, rule=rule)
    if start < earliest:
        return (
            f"Preiserhöhung zum {start:%d.%m.%Y} ist zu früh: mitgeteilt am {announced_on:%d.%m.%Y}, "
            f"frühestens zum {earliest:%d.%m.%Y} ({rule})."
        )
    return None
