"""German notation of figures and the German names of keys, as printed on documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from turnus.documents.calc.bill import BillKind, Commodity, ReadingOrigin, SplitMethod
from turnus.lib.money import format_number
from turnus.lib.period import Period

__all__ = [
    "BILL_TITLE",
    "COMMODITY",
    "MIX_SOURCES",
    "ORIGIN",
    "SPLIT",
    "ct",
    "day",
    "eur",
    "grouped_iban",
    "kwh",
    "masked_iban",
    "number",
    "percent",
    "span",
]

_NBSP = "\u00a0"
_MINUS = "\u2212"

COMMODITY = {Commodity.ELECTRICITY: "Strom", Commodity.GAS: "Erdgas"}

BILL_TITLE = {
    BillKind.PERIODIC: "Ihre {}rechnung",
    BillKind.INTERIM: "Ihre Zwischenrechnung für {}",
    BillKind.FINAL: "Ihre Schlussrechnung für {}",
    BillKind.REBILL: "Ihre korrigierte {}rechnung",
    BillKind.CANCELLATION: "Stornorechnung für {}",
}

ORIGIN = {
    ReadingOrigin.GRID: "Ablesung Netzbetreiber",
    ReadingOrigin.METERING_OPERATOR: "Ablesung Messstellenbetreiber",
    ReadingOrigin.CUSTOMER: "von Ihnen abgelesen",
    ReadingOrigin.SUPPLIER: "von uns abgelesen",
    ReadingOrigin.REMOTE: "Fernauslesung",
    ReadingOrigin.SUBSTITUTE: "Ersatzwert",
    ReadingOrigin.ESTIMATE: "geschätzt",
}

SPLIT = {
    SplitMethod.MEASURED: "gemessen",
    SplitMethod.READING: "Ablesung am Stichtag",
    SplitMethod.INTERVAL: "Viertelstundenwerte",
    SplitMethod.SLP: "Lastprofil",
    SplitMethod.DAYS: "tagesgenau",
}

# Key → (German name, colour). Dark to light from fossil to renewable, so that grey print stays readable.
MIX_SOURCES = {
    "coal": ("Kohle", "#3f4347"),
    "nuclear": ("Kernkraft", "#8a5a83"),
    "gas": ("Erdgas", "#b7793a"),
    "other_fossil": ("Sonstige fossile Energieträger", "#8d8377"),
    "tenant_power": ("Mieterstrom, gefördert nach dem EEG", "#2f7f74"),
    "renewables_eeg": ("Erneuerbare Energien, gefördert nach dem EEG", "#4f9a5b"),
    "renewables_other": ("Erneuerbare Energien mit Herkunftsnachweis", "#a6cf8f"),
}


def day(value: date) -> str:
    """As printed: 15.01.2026."""
    return f"{value:%d.%m.%Y}"


def span(period: Period) -> str:
    """First and last day: "01.01.2025 – 31.12.2025"."""
    return f"{day(period.start)}{_NBSP}–{_NBSP}{day(period.last)}"


def number(value: Decimal, least: int = 0, most: int | None = None) -> str:
    """All places the value has, without trailing zeros beyond `least`, rounded half-up to `most`."""
    exponent = value.normalize().as_tuple().exponent
    places = max(least, -exponent) if isinstance(exponent, int) else least
    if most is not None:
        places = min(places, most)
    return format_number(value, places).replace("-", _MINUS)


def eur(value: Decimal) -> str:
    """Two places, true minus sign: "−1.078,00 €"."""
    return f"{format_number(value, 2).replace('-', _MINUS)}{_NBSP}€"


def ct(value: Decimal) -> str:
    """A price in cents as agreed: at least two places, never rounded."""
    return f"{number(value, 2)}{_NBSP}ct"


def kwh(value: Decimal, most: int = 0) -> str:
    """Kilowatt-hours, at most `most` decimals: "3.500 kWh"."""
    return f"{number(value, 0, most)}{_NBSP}kWh"


def percent(value: Decimal, most: int | None = None) -> str:
    """All decimals the value has: "18,9626 %"."""
    return f"{number(value, 0, most)}{_NBSP}%"


def grouped_iban(iban: str) -> str:
    """Groups of four, as on a card."""
    plain = iban.replace(" ", "")
    return _NBSP.join(plain[i : i + 4] for i in range(0, len(plain), 4))


def masked_iban(iban: str) -> str:
    """Enough to recognise one's own account, too little for others: country, bank's start, last four."""
    plain = iban.replace(" ", "")
    return f"{plain[:4]}{_NBSP}…{_NBSP}{plain[-4:]}" if len(plain) > 8 else plain
