"""Energy quantities: differences of registers, gas volume to energy, printed figures.

Kilowatt-hours of profile customers are whole numbers (handbook of the trade; MSCONS transmits them so);
volumes keep the decimals of the register.
"""

from __future__ import annotations

from decimal import Decimal

from turnus.lib.money import format_number
from turnus.lib.rounding import half_up

__all__ = ["format_kwh", "gas_energy", "parse_decimal", "register_difference", "round_kwh"]


def round_kwh(kwh: Decimal) -> Decimal:
    """Whole kilowatt-hours, rounded commercially."""
    return half_up(kwh, 0)


def register_difference(opening: Decimal, closing: Decimal, digits: int | None) -> Decimal | None:
    """Advance of a register between two readings, before any transformer factor.

    A register with `digits` places before the decimal point starts again at zero: 10ⁿ − opening + closing.
    Returns None when it ran backwards and the number of digits is unknown, so no overflow can be proven.
    """
    if closing >= opening:
        return closing - opening
    if digits is None:
        return None
    return Decimal(10) ** digits - opening + closing


def gas_energy(volume_m3: Decimal, conversion_factor: Decimal, calorific_value: Decimal) -> Decimal:
    """Energy in kWh (Hs) = V_b × z × H_s, not rounded. Source: DVGW G 685; z dimensionless, H_s in kWh/m³."""
    return volume_m3 * conversion_factor * calorific_value


def parse_decimal(text: str) -> Decimal:
    """A finite decimal number written with a point. Raises ValueError for anything else ("1,5", NaN)."""
    if "_" in text:
        raise ValueError(f"„{text}“ ist keine Zahl")
    try:
        value = Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"„{text}“ ist keine Zahl") from error
    if not value.is_finite():
        raise ValueError(f"„{text}“ ist keine endliche Zahl")
    return value


def format_kwh(kwh: Decimal) -> str:
    """German notation of whole kilowatt-hours: 19973 → "19.973 kWh"."""
    return f"{format_number(kwh, 0)} kWh"
