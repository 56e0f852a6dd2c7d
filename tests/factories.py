"""Small makers of business objects for tests. Everything is fixed; nothing reads the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from turnus.clients.models import HouseBank, Letterhead, Membership, Setting
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.ledger.models import Subaccount
from turnus.ledger.services import seed_accounts
from turnus.lib.ids import market_location_check_digit
from turnus.masterdata.models import (
    Address,
    BankAccount,
    ContractAccount,
    Customer,
    Mandate,
    MarketLocation,
    Meter,
    MeteringLocation,
    Register,
)
from turnus.partners.models import MarketPartner
from turnus.products.models import EnergyMix, Price, Product
from turnus.system.isolation import allow, allowed_ids
from turnus.system.models import Principal, User

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
_serial = count(1)


def principal(short_name: str = "stadtwerk-a", **fields: Any) -> Principal:
    """A principal that the connection may see from now on (in addition to the ones before)."""
    made = Principal.objects.create(
        short_name=short_name, name=fields.pop("name", short_name.title()), **fields
    )
    allow([*allowed_ids(), made.pk])
    return made


def user(name: str, client: Principal | None = None, role: str = "clerk") -> User:
    made = User.objects.create(username=name, first_name=name.title(), last_name="Muster")
    if client is not None:
        Membership.objects.create(client=client, user=made, role=role)
    return made


def address(client: Principal, **fields: Any) -> Address:
    values = {"street": "Lindenweg", "house_number": "4", "postal_code": "45127", "city": "Essen", **fields}
    return Address.objects.create(client=client, **values)


def customer(client: Principal, **fields: Any) -> Customer:
    n = next(_serial)
    values: dict[str, Any] = {"number": f"K{n:07d}", "name": "Muster", "first_name": "Erika", **fields}
    values.setdefault("address", address(client))
    return Customer.objects.create(client=client, **values)


def contract_account(of: Customer, **fields: Any) -> ContractAccount:
    number = f"{next(_serial):08d}"
    sub = Subaccount.objects.create(client=of.client, number=number)
    return ContractAccount.objects.create(
        client=of.client, subaccount=sub, number=number, customer=of, **fields
    )


def mandate(of: Customer, iban: str = "DE02120300000000202051", **fields: Any) -> Mandate:
    account = BankAccount.objects.create(client=of.client, customer=of, iban=iban, holder=of.full_name)
    values = {"reference": f"M{next(_serial):08d}", "signed_on": date(2024, 12, 1), **fields}
    return Mandate.objects.create(client=of.client, bank_account=account, **values)


def market_location_id(serial: int | None = None) -> str:
    first = f"{51000000000 // 10 + (serial or next(_serial)):010d}"
    return first + str(market_location_check_digit(first))


def grid_operator(code: str = "9900000000001", name: str = "Netz Musterstadt") -> MarketPartner:
    return MarketPartner.objects.get_or_create(
        market_partner_id=code, defaults={"name": name, "role": MarketPartner.Role.GRID_OPERATOR}
    )[0]


def market_location(client: Principal, **fields: Any) -> MarketLocation:
    values: dict[str, Any] = {
        "market_location_id": market_location_id(),
        "commodity": "electricity",
        "state": "NW",
        "profile": "H0",
        "annual_forecast_kwh": 3500,
        "reading_cycle_month": 12,
        **fields,
    }
    values.setdefault("address", address(client))
    values.setdefault("grid_operator", grid_operator())
    values.setdefault("metering_operator", values["grid_operator"])
    return MarketLocation.objects.create(client=client, **values)


def meter(
    at: MarketLocation,
    number: str | None = None,
    since: date = date(2020, 1, 1),
    until: date | None = None,
    **register: Any,
) -> Register:
    """A meter with one register at a market location (metering location made on demand)."""
    place = at.metering_locations.first() or MeteringLocation.objects.create(
        client=at.client, market_location=at, metering_location_id=f"DE{int(at.market_location_id):031d}"
    )
    made = Meter.objects.create(
        client=at.client,
        metering_location=place,
        number=number or f"1EMH{next(_serial):010d}",
        installed=(since, until),
    )
    obis = "1-0:1.8.0" if at.commodity == "electricity" else "7-0:3.0.0"
    return Register.objects.create(
        client=at.client, meter=made, **{"obis_code": obis, "digits": 6, **register}
    )


def product(client: Principal, **fields: Any) -> Product:
    values = {"code": f"P{next(_serial)}", "name": "Treue Strom", "commodity": "electricity", **fields}
    return Product.objects.create(client=client, **values)


def price(of: Product, since: date, until: date | None, energy_ct: str, base_eur: str) -> Price:
    return Price.objects.create(
        client=of.client, product=of, valid=(since, until),
        energy_ct_per_kwh=Decimal(energy_ct), base_eur_per_year=Decimal(base_eur),
    )  # fmt: skip


@dataclass
class Supply:
    """A contract with everything it hangs on."""

    client: Principal
    customer: Customer
    account: ContractAccount
    location: MarketLocation
    product: Product
    contract: SupplyContract


def supply(client: Principal, since: date = date(2025, 1, 1), until: date | None = None, *,
           of: Product | None = None, **location: Any) -> Supply:  # fmt: skip
    """An active contract at a new market location; prices and meters are left to the test."""
    who = customer(client)
    account = contract_account(who)
    place = market_location(client, **{"concession_fee_class": "TK 1,59", **location})
    chosen = of or product(client, commodity=place.commodity)
    contract = SupplyContract.objects.create(
        client=client, number=f"V{next(_serial):07d}", customer=who, contract_account=account,
        market_location=place, supply=(since, until), state="active", signed_on=since,
    )  # fmt: skip
    ContractCondition.objects.create(client=client, contract=contract, product=chosen, valid=(since, until))
    return Supply(client, who, account, place, chosen, contract)


def what_bills_must_show(client: Principal) -> None:
    """Energy mix and fees (§§ 35g, 40, 42 EnWG): a bill of a principal without them cannot be released."""
    EnergyMix.objects.create(
        client=client,
        year=2024,
        shares={"renewables_eeg": "60", "gas": "40"},
        co2_g_per_kwh=Decimal(148),
        radioactive_mg_per_kwh=Decimal("0.1"),
    )
    germany = {
        "shares": {"renewables_eeg": "55", "coal": "45"},
        "co2_g_per_kwh": "312",
        "radioactive_mg_per_kwh": "0.2",
    }
    Setting.objects.create(client=client, name="energy_mix_germany", value=germany)
    fees = {
        "electricity": {"ct_per_kwh": "7.40", "eur_per_year": "85", "metering_eur_per_year": "16.81"},
        "gas": {"ct_per_kwh": "1.52", "eur_per_year": "36", "metering_eur_per_year": "12.40"},
    }
    Setting.objects.create(client=client, name="grid_fees", value=fees)
    Setting.objects.create(client=client, name="storage_levy_relief_ct", value="0.289")


def stationery(client: Principal) -> None:
    """Letterhead and house bank, without which a bill can neither be released nor printed."""
    Letterhead.objects.create(
        client=client,
        company="Stadtwerk Musterstadt GmbH",
        street="Am Gaswerk 12",
        postal_code="45127",
        city="Essen",
        register_court="Amtsgericht Essen",
        register_number="HRB 1",
        managing_directors="Hanna Brink, Jörg Weiß",
        tax_number="111/5700/0000",
        hotline="0201 000-0",
        email="service@stadtwerk.example",
        web="www.stadtwerk.example",
    )
    HouseBank.objects.create(
        client=client,
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
        bank_name="Musterbank",
        holder="Stadtwerk Musterstadt GmbH",
        creditor_id="DE98ZZZ09999999999",
    )


def billing_principal(short_name: str = "stadtwerk") -> Principal:
    """A principal with accounts and everything its bills must show."""
    made = principal(short_name)
    seed_accounts(client_id=made.pk)
    stationery(made)
    what_bills_must_show(made)
    return made
