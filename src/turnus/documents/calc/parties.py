"""Who writes and who receives: letterhead of a principal, recipient of a document.

Frozen records without database; every field is printed as it stands. Colours are `#rrggbb`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from turnus.lib.rounding import half_up

__all__ = ["Letterhead", "PostalAddress", "Recipient", "contrast_to_white", "readable"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
# WCAG 2.1 asks for 4.5 : 1 for running text; headings and figures are printed in this colour.
_READABLE = Decimal("4.5")


def contrast_to_white(colour: str) -> Decimal:
    """Contrast ratio of `#rrggbb` against white paper, 1 to 21, two decimals (WCAG 2.1)."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    luminance = Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue
    return half_up(Decimal("1.05") / (luminance + Decimal("0.05")), 2)


@cache
def _linear(channel: int) -> Decimal:
    """Linear light of one sRGB channel of 0 … 255."""
    value = Decimal(channel) / 255
    if value <= Decimal("0.04045"):
        return value / Decimal("12.92")
    return ((value + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")


def readable(colour: str) -> str:
    """The colour itself if it has enough contrast to white, else the same hue darkened until it has."""
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    while contrast_to_white(colour) < _READABLE:
        channels = [channel * 19 // 20 for channel in channels]
        colour = "#" + "".join(f"{channel:02x}" for channel in channels)
    return colour


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Street address; `country` stays empty within Germany (DIN 5008)."""

    street: str
    postal_code: str
    city: str
    country: str = ""

    def lines(self) -> list[str]:
        lines = [self.street, f"{self.postal_code} {self.city}".strip()]
        if self.country:
            lines.append(self.country.upper())
        return [line for line in lines if line]

    def one_line(self) -> str:
        return ", ".join(self.lines())


@dataclass(frozen=True, slots=True)
class Recipient:
    """Addressee. `name_lines`: company or person, at most three lines, the window takes six in all."""

    name_lines: tuple[str, ...]
    address: PostalAddress
    salutation: str = "Guten Tag,"
    vat_id: str = ""

    def lines(self) -> list[str]:
        return [*self.name_lines, *self.address.lines()]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Everything a principal's letters carry: identity (§ 35a GmbHG, § 14 UStG), contact, bank, look.

    Headings are printed in `ink`, made from `primary`; `accent` fills areas. ValueError if one is no colour.
    `logo_svg` is the source of an SVG picture without external references, empty for a word mark.
    """

    name: str
    short_name: str
    address: PostalAddress
    register_court: str
    register_number: str
    managing_directors: tuple[str, ...]
    tax_number: str
    vat_id: str
    hotline: str
    email: str
    web: str
    bank_name: str
    iban: str
    bic: str
    creditor_id: str
    primary: str = "#1d4e6b"
    accent: str = "#e8a33d"
    claim: str = ""
    hotline_hours: str = ""
    logo_svg: str = ""
    supervisory_board_chair: str = ""

    def __post_init__(self) -> None:
        for field, colour in (("primary", self.primary), ("accent", self.accent)):
            if not _COLOUR.match(colour):
                raise ValueError(f"Briefkopf „{self.name}“: {field} „{colour}“ ist nicht #rrggbb")

    @property
    def ink(self) -> str:
        """The main colour, darkened where needed so that text in it can be read on white paper."""
        return readable(self.primary)
