"""Whether a promised bonus is given: enough months supplied, and not in default on that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from turnus.lib.money import format_eur
from turnus.lib.period import Period

__all__ = ["Bonus", "Default", "Promise", "decide", "due_event"]


@dataclass(frozen=True, slots=True)
class Promise:
    """A bonus of `gross` euro once `months` of supply are complete."""

    gross: Decimal
    months: int


@dataclass(frozen=True, slots=True)
class Default:
    """The oldest item that was overdue, dunned and open on the due event; `open` in euro."""

    reference: str
    due_date: date
    open: Decimal


@dataclass(frozen=True, slots=True)
class Bonus:
    """What the bill gives, 0 if the condition was not met, and why in German."""

    gross: Decimal
    text: str


def due_event(supply_start: date, months: int) -> date:
    """First day on which so many months are complete (§§ 187(2), 188(2), (3) BGB)."""
    total = supply_start.year * 12 + supply_start.month - 1 + months
    year, month = total // 12, total % 12 + 1
    try:
        return date(year, month, supply_start.day)
    except ValueError:
        # The month is too short: its last day completes the period.
        return date(year + month // 12, month % 12 + 1, 1)


def decide(promise: Promise, supply_start: date, period: Period, default: Default | None) -> Bonus | None:
    """The bonus in the bill whose period reaches the due event; None in every other bill."""
    event = due_event(supply_start, promise.months)
    if not period.start < event <= period.end:
        return None
    supplied = f"{promise.months} Monate beliefert bis {event - timedelta(days=1):%d.%m.%Y}"
    if default is None:
        return Bonus(promise.gross, f"{format_eur(promise.gross)} gewährt: {supplied}, kein Zahlungsverzug")
    return Bonus(
        Decimal(0),
        f"{format_eur(promise.gross)} nicht gewährt: {supplied}, aber am {event:%d.%m.%Y} in Verzug "
        f"mit {default.reference}, fällig {default.due_date:%d.%m.%Y}, angemahnt, "
        f"offen {format_eur(default.open)}",
    )
