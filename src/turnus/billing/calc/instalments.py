"""Instalments (Abschläge): what is requested until the next bill.

Sources: § 13 StromGVV/GasGVV (last consumption or comparable customers; adjusted with the price), § 41b(3)
EnWG (not before supply starts), § 40c(1) EnWG (not due within two weeks of the request).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.lib.money import round_money
from turnus.lib.rounding import half_up

__all__ = ["PlanDraft", "YearForecast", "due_dates", "plan", "remaining", "year_forecast"]


@dataclass(frozen=True, slots=True)
class YearForecast:
    """What a year is expected to cost at one price; each line and the VAT rounded as on a bill."""

    kwh: Decimal
    energy_ct: Decimal
    base_eur: Decimal
    vat_percent: Decimal
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """`gross` each, on `due_dates`; `expected` is what they are to cover."""

    gross: Decimal
    due_dates: tuple[date, ...]
    expected: Decimal
    requested: Decimal


def year_forecast(kwh: Decimal, energy_ct: Decimal, base_eur: Decimal, vat_percent: Decimal) -> YearForecast:
    """Expected cost of twelve months: 3,500 kWh × 26.10 ct + 132.00 € + 19 % = 1,244.15 €."""
    net = round_money(kwh * energy_ct / 100) + round_money(base_eur)
    vat = round_money(net * vat_percent / 100)
    return YearForecast(kwh, energy_ct, base_eur, vat_percent, net, net + vat)


def plan(expected: Decimal, count: int, since: date) -> PlanDraft:
    """`count` equal instalments for twelve months from `since`. Raises ValueError unless 1 ≤ count ≤ 12."""
    if not 1 <= count <= 12:
        raise ValueError(f"Ein Jahr hat 1 bis 12 Abschläge, nicht {count}")
    return PlanDraft(round_money(expected / count), due_dates(since, count), expected, Decimal(0))


def remaining(expected: Decimal, requested: Decimal, dates: tuple[date, ...]) -> PlanDraft:
    """New amount for the instalments to come: (expected − requested so far) ÷ number, not below zero."""
    if not dates:
        raise ValueError("Es steht kein Abschlag mehr aus")
    gross = max(Decimal(0), half_up((expected - requested) / len(dates), 2))
    return PlanDraft(gross, dates, expected, requested)


def due_dates(since: date, count: int) -> tuple[date, ...]:
    """The 15th of consecutive months, the first at least 14 days after `since`."""
    first = (since.year * 12 + since.month - 1) + (1 if count < 12 or since.day > 1 else 0)
    return tuple(date((first + n) // 12, (first + n) % 12 + 1, 15) for n in range(count))
