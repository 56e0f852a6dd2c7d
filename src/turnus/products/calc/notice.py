"""How early a price increase must be announced (§ 41(5) EnWG; § 5(2) StromGVV/GasGVV)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PricePoint:
    """Net prices: ct/kWh and €/year."""

    energy_ct_per_kwh: Decimal
    base_eur_per_year: Decimal


def is_increase(before: PricePoint, after: PricePoint) -> bool:
    """Whether any part of the price rises; a fall of the other part does not make up for it."""
    return (
        after.energy_ct_per_kwh > before.energy_ct_per_kwh
        or after.base_eur_per_year > before.base_eur_per_year
    )


def earliest_start(*, announced_on: date, default_supply: bool, household: bool) -> date:
    """First day an increase announced on that day may take effect.

    Default supply: six weeks, and then only at the start of a month; households one month; others
    two weeks.
    """
    if default_supply:
        day = announced_on + timedelta(weeks=6)
        return day if day.day == 1 else _next_month(day).replace(day=1)
    if not household:
        return announced_on + timedelta(weeks=2)
    following = _next_month(announced_on.replace(day=1))
    last = monthrange(following.year, following.month)[1]
    return following.replace(day=min(announced_on.day, last))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def objection(*, start: date, announced_on: date | None, default_supply: bool, household: bool) -> str | None:
    """Why an increase may not start on that day (German, for a clerk), or None if it may."""
    rule = (
        "Grundversorgung: 6 Wochen und Monatsbeginn, § 5 Abs. 2 GVV"
        if default_supply
        else ("Haushaltskunden: 1 Monat" if household else "übrige Kunden: 2 Wochen") + ", § 41 Abs. 5 EnWG"
    )
    if announced_on is None:
        return f"Preiserhöhung ohne Nachweis der Mitteilung an die Kunden ({rule})."
    if default_supply and start.day != 1:
        return f"Preiserhöhung zum {start:%d.%m.%Y}: nur zum Monatsbeginn zulässig ({rule})."
    earliest = earliest_start(announced_on=announced_on, default_supply=default_supply, household=household)
    if start < earliest:
        return (
            f"Preiserhöhung zum {start:%d.%m.%Y} ist zu früh: mitgeteilt am {announced_on:%d.%m.%Y}, "
            f"frühestens zum {earliest:%d.%m.%Y} ({rule})."
        )
    return None
