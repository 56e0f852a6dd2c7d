"""Euro amounts: `Decimal` while calculating, whole cents where they are stored or compared."""

from __future__ import annotations

from decimal import Decimal

from turnus.lib.rounding import half_up

__all__ = ["format_eur", "format_number", "from_cents", "round_money", "to_cents"]


def to_cents(eur: Decimal) -> int:
    """Whole cents of an amount in euro. Raises ValueError if the amount is no whole number of cents."""
    cents = eur.scaleb(2)
    whole = int(cents)
    if cents != whole:
        raise ValueError(f"{eur} € ist kein ganzer Centbetrag")
    return whole


def from_cents(cents: int) -> Decimal:
    """Amount in euro with two decimals."""
    return Decimal(cents).scaleb(-2)


def round_money(eur: Decimal) -> Decimal:
    """Amount rounded commercially to the cent."""
    return half_up(eur, 2)


def format_number(value: Decimal, places: int) -> str:
    """German notation with thousands point and decimal comma: 12345.6 → "12.345,60"."""
    text = f"{half_up(value, places):,.{places}f}"
    return text.translate(_GERMAN)


_GERMAN = str.maketrans({",": ".", ".": ","})


def format_eur(eur: Decimal) -> str:
    """German notation of an amount: 1209.28 → "1.209,28 €" (rounded to the cent)."""
    return f"{format_number(eur, 2)} €"
