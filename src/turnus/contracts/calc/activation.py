"""What a contract still lacks before it may be supplied and billed."""

from dataclasses import dataclass

COMPONENTS = {
    "market_location_id": "Marktlokation (MaLo)",
    "metering_location_id": "Messlokation (MeLo)",
    "meter_number": "Zähler zum Lieferbeginn",
    "profile": "Lastprofil",
    "annual_forecast_kwh": "Jahresverbrauchsprognose",
    "product": "Produkt zum Lieferbeginn",
    "price": "Preis des Produkts zum Lieferbeginn",
    "concession_fee_class": "KA-Klasse",
    "grid_operator": "Netzbetreiber",
}


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """What is known of a contract at its supply start; empty or None means missing."""

    market_location_id: str
    metering_location_id: str
    meter_number: str
    profile: str
    annual_forecast_kwh: int | None
    product: str
    price: str
    concession_fee_class: str
    grid_operator: str


def gaps(facts: ContractFacts) -> list[str]:
    """German names of everything that is missing, always all of it and in the same order.

    A forecast of 0 kWh is a forecast (an empty flat), not a gap.
    """
    return [
        label
        for field, label in COMPONENTS.items()
        if getattr(facts, field) is None or getattr(facts, field) == ""
    ]
