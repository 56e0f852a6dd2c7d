"""How values look on a German screen. Every function takes None and gives a dash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from turnus.lib.money import format_eur, format_number, from_cents

BERLIN = ZoneInfo("Europe/Berlin")
DASH = "–"


def date_de(value: date | None) -> str:
    """`31.12.2025`; a moment is shown as its day in Berlin."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = value.astimezone(BERLIN) if value.tzinfo else value
    return value.strftime("%d.%m.%Y")


def moment_de(value: datetime | None) -> str:
    """`31.12.2025 14:05` in Berlin time."""
    if value is None:
        return DASH
    return (value.astimezone(BERLIN) if value.tzinfo else value).strftime("%d.%m.%Y %H:%M")


def cents_de(value: int | None) -> str:
    """Cents as euros: 120928 → `1.209,28 €`."""
    return DASH if value is None else format_eur(from_cents(value))


def euro_de(value: Decimal | str | None) -> str:
    """Euros, also as the text of a stored calculation: Decimal("1209.28") → `1.209,28 €`."""
    return format_eur(Decimal(value)) if value not in (None, "") else DASH


def number_de(value: Decimal | int | None, places: int = 0) -> str:
    """Decimal("3500.5"), 1 → `3.500,5`."""
    return DASH if value is None else format_number(Decimal(value), places)


def plain_de(value: Decimal | None) -> str:
    """A decimal with only the places it has: Decimal("0.9500") → `0,95`."""
    if value is None:
        return DASH
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return format_number(value, places)


def iban_de(value: str) -> str:
    """An IBAN in groups of four, as it stands on paper."""
    return " ".join(value[n : n + 4] for n in range(0, len(value), 4)) or DASH


def bool_de(value: bool | None) -> str:
    return DASH if value is None else ("ja" if value else "nein")


KINDS: dict[str, Callable[..., str]] = {
    "date": date_de,
    "moment": moment_de,
    "cents": cents_de,
    "euro": euro_de,
    "number": number_de,
    "decimal": plain_de,
    "bool": bool_de,
}
