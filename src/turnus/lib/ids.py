"""Identifiers of the German energy market and their check digits.

Source: BDEW Anwendungshilfe "Identifikatoren in der Marktkommunikation" (Marktlokation: § 8.1 check digit;
Messlokation: VDE-AR-N 4400). All functions raise :class:`InvalidId` with a German sentence a clerk can read.
"""

from __future__ import annotations

import re

_METERING_LOCATION = re.compile(r"[A-Z]{2}[0-9]{11}[A-Z0-9]{20}")


class InvalidId(ValueError):
    """An identifier that cannot exist; the message is German and names the cause."""


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def market_location_check_digit(first10: str) -> int:
    """Return the eleventh digit of a market location (Marktlokation) for its first ten.

    Digits on odd positions count once, those on even positions twice; the check digit fills up to the
    next multiple of ten. Raises InvalidId unless exactly ten digits are given.
    """
    if len(first10) != 10 or not _digits(first10):
        raise InvalidId(f"„{first10}“ sind nicht zehn Ziffern einer Marktlokation.")
    total = sum(int(digit) * (1 + position % 2) for position, digit in enumerate(first10))
    return -total % 10


def check_market_location(market_location: str) -> None:
    """Raise InvalidId unless `market_location` is an eleven-digit Marktlokation with a right check digit."""
    if len(market_location) != 11 or not _digits(market_location):
        raise InvalidId(
            f"Marktlokation „{market_location}“ ist ungültig: Sie hat genau 11 Ziffern, "
            f"hier sind es {len(market_location)} Zeichen."
        )
    if market_location[0] == "0":
        raise InvalidId(f"Marktlokation „{market_location}“ ist ungültig: Die erste Ziffer ist 1 bis 9.")
    expected = market_location_check_digit(market_location[:10])
    if int(market_location[10]) != expected:
        raise InvalidId(
            f"Marktlokation „{market_location}“ ist ungültig: Die Prüfziffer ist {market_location[10]}, "
            f"richtig wäre {expected}."
        )


def check_metering_location(metering_location: str) -> None:
    """Raise InvalidId unless `metering_location` is a 33-character Messlokation.

    Two letters for the country, six digits for the grid operator, five for the postcode, twenty letters or
    digits for the point. There is no check digit.
    """
    if len(metering_location) != 33:
        raise InvalidId(
            f"Messlokation „{metering_location}“ ist ungültig: Sie hat genau 33 Zeichen, "
            f"hier sind es {len(metering_location)}."
        )
    if not _METERING_LOCATION.fullmatch(metering_location):
        raise InvalidId(
            f"Messlokation „{metering_location}“ ist ungültig: Erwartet werden zwei Buchstaben für das Land, "
            "elf Ziffern für Netzbetreiber und Postleitzahl, dann 20 Großbuchstaben oder Ziffern."
        )


def check_market_partner_id(market_partner_id: str) -> None:
    """Raise InvalidId unless `market_partner_id` has thirteen digits.

    The check digit is not judged on purpose: BDEW/DVGW codes and GS1 numbers calculate it differently and the
    leading digits do not say which one applies.
    """
    if len(market_partner_id) != 13 or not _digits(market_partner_id):
        raise InvalidId(
            f"Marktpartner-ID „{market_partner_id}“ ist ungültig: Sie hat genau 13 Ziffern, "
            f"hier sind es {len(market_partner_id)} Zeichen."
        )


def location_kind(location: str) -> str | None:
    """Return "market_location", "metering_location" or None for a well-formed or malformed identifier."""
    for kind, check in (
        ("market_location", check_market_location),
        ("metering_location", check_metering_location),
    ):
        try:
            check(location)
        except InvalidId:
            continue
        return kind
    return None
