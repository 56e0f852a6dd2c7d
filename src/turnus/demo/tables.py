"""The portfolio as the CSV files a new principal would hand over; they go the way of `turnus import`."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from turnus.demo.portfolio import START, YEAR, MeterSpec, Portfolio, PrincipalSpec, SiteSpec


@dataclass(frozen=True, slots=True)
class ProductSpec:
    """A product; prices net as (day, ct/kWh, €/year)."""

    name: str
    commodity: str
    default_supply: str
    months: int
    prices: tuple[tuple[date, str, str], ...]


CHANGE = date(2026, 1, 1)
PRODUCTS = {
    "TREUE-STROM": ProductSpec(
        "Treue Strom 12", "Strom", "nein", 12, ((START, "26,90", "118,00"), (CHANGE, "28,10", "126,00"))
    ),
    "GRUND-STROM": ProductSpec(
        "Grundversorgung Strom", "Strom", "ja", 0, ((START, "29,60", "132,00"), (CHANGE, "30,90", "138,00"))
    ),
    "GEWERBE-STROM": ProductSpec(
        "Gewerbe Strom", "Strom", "nein", 24, ((START, "25,10", "180,00"), (CHANGE, "26,20", "192,00"))
    ),
    "TREUE-GAS": ProductSpec(
        "Treue Gas 12", "Gas", "nein", 12, ((START, "9,35", "144,00"), (CHANGE, "9,85", "150,00"))
    ),
}
ANNOUNCED = date(2025, 11, 14)


def tables(portfolio: Portfolio) -> dict[str, bytes]:
    """Kind of import → file, in the order in which they are taken in."""
    return {
        "customers": _customers(portfolio),
        "bank_accounts": _bank_accounts(portfolio),
        "market_locations": _locations(portfolio),
        "products": _products(portfolio),
        "prices": _prices(portfolio),
        "contracts": _contracts(portfolio),
    }


def german(day: date | None) -> str:
    """31.12.2026, or nothing."""
    return f"{day:%d.%m.%Y}" if day else ""


def _table(header: str, rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _customers(portfolio: Portfolio) -> bytes:
    spec = portfolio.principal
    header = (
        "kundennummer art anrede vorname name strasse hausnummer plz ort geburtsdatum email telefon "
        "haushaltskunde"
    )
    return _table(
        header,
        (
            (
                c.number, c.kind, c.salutation, c.first_name, c.name, c.street, c.house_number,
                spec.postal_code, spec.town, german(c.born_on), c.email, c.phone,
                "nein" if c.kind == "Firma" else "ja",
            )
            for c in portfolio.customers
        ),
    )  # fmt: skip


def _bank_accounts(portfolio: Portfolio) -> bytes:
    return _table(
        "kundennummer iban kontoinhaber mandatsreferenz unterschrieben_am verfahren",
        (
            (c.number, c.iban, c.full_name, c.mandate, german(c.signed_on), "Basis")
            for c in portfolio.customers
            if c.mandate
        ),
    )


def _locations(portfolio: Portfolio) -> bytes:
    spec = portfolio.principal
    header = (
        "marktlokation sparte strasse hausnummer plz ort bundesland netzbetreiber lastprofil "
        "jahresprognose_kwh ka_klasse ablesemonat messlokation zaehlernummer eingebaut_am ausgebaut_am "
        "vorkommastellen wandlerfaktor"
    )
    return _table(
        header,
        (
            (
                site.market_location, _COMMODITY[site.commodity], site.street, site.house_number,
                spec.postal_code, spec.town, spec.state, operator_of(spec, site), site.profile,
                site.forecast_kwh, site.concession_class, 9, site.metering_location, meter.number,
                german(meter.installed), german(meter.removed), meter.digits, meter.factor,
            )
            for _, site in portfolio.sites()
            for meter in site.meters
        ),
    )  # fmt: skip


def operator_of(spec: PrincipalSpec, site: SiteSpec) -> str:
    """Code number of the grid operator of a site."""
    return spec.grid_operator_gas if site.commodity == "gas" else spec.grid_operator


_COMMODITY = {"electricity": "Strom", "gas": "Gas"}


def _sold(portfolio: Portfolio) -> set[str]:
    return {site.product for _, site in portfolio.sites()}


def _products(portfolio: Portfolio) -> bytes:
    sold = _sold(portfolio)
    return _table(
        "produkt name sparte grundversorgung mindestlaufzeit_monate kuendigungsfrist_wochen",
        (
            (code, p.name, p.commodity, p.default_supply, p.months, 4)
            for code, p in PRODUCTS.items()
            if code in sold
        ),
    )


def _prices(portfolio: Portfolio) -> bytes:
    sold = _sold(portfolio)
    return _table(
        "produkt gueltig_ab arbeitspreis_ct_kwh grundpreis_eur_jahr mitgeteilt_am",
        (
            (code, german(since), energy, base, german(ANNOUNCED) if since > YEAR else "")
            for code in PRODUCTS
            if code in sold
            for since, energy, base in PRODUCTS[code].prices
        ),
    )


def _contracts(portfolio: Portfolio) -> bytes:
    return _table(
        "vertragsnummer kundennummer marktlokation produkt lieferbeginn lieferende abgeschlossen_am "
        "vertragskonto mandatsreferenz",
        (
            (
                site.contract, customer.number, site.market_location, site.product, german(START),
                german(site.end), german(START - timedelta(days=30)), site.account, customer.mandate,
            )
            for customer, site in portfolio.sites()
        ),
    )  # fmt: skip


def readings_table(portfolio: Portfolio, *, until: date, after: date = date.min) -> bytes:
    """Readings of the days in (after, until], as the grid operator's list."""
    rows: list[tuple[SiteSpec, MeterSpec, date, Decimal]] = [
        (site, meter, day, value)
        for _, site in portfolio.sites()
        for meter in site.meters
        for day, value in meter.readings
        if after < day <= until
    ]
    return _table(
        "zaehlernummer datum stand herkunft guete",
        ((meter.number, german(day), value, "Netzbetreiber", "wahr") for _, meter, day, value in rows),
    )
