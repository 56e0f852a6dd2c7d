"""What stands on bills besides the calculation, loaded for many contracts at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from turnus.billing.calc.pages import NO_LETTERHEAD, House, Labelling, Parties, Terms
from turnus.clients.services import settings_of
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.documents.calc.bill import Supply
from turnus.documents.calc.parties import PostalAddress, Recipient
from turnus.documents.queries import letterhead_of
from turnus.masterdata.models import BankAccount, Customer
from turnus.products.models import EnergyMix, Product

__all__ = ["conditions_of", "house_of", "parties_of", "terms_of_products"]

_ADDRESS = ("street", "house_number", "postal_code", "city", "country")
_LOCATION = "market_location__"
_FIELDS = (
    "id",
    "number",
    "supply",
    "customer_id",
    "customer__number",
    "customer__kind",
    "customer__salutation",
    "customer__first_name",
    "customer__name",
    "customer__is_household_customer",
    f"{_LOCATION}market_location_id",
    f"{_LOCATION}profile",
    f"{_LOCATION}grid_operator__name",
    f"{_LOCATION}grid_operator__market_partner_id",
    f"{_LOCATION}metering_operator__name",
    f"{_LOCATION}metering_operator__market_partner_id",
    "contract_account__payment_method",
    "contract_account__mandate__status",
    "contract_account__mandate__reference",
    "contract_account__mandate__bank_account__iban",
    *(f"customer__address__{name}" for name in _ADDRESS),
    *(f"{_LOCATION}address__{name}" for name in _ADDRESS),
)
_SALUTATIONS = {Customer.Salutation.MS: "Guten Tag Frau {},", Customer.Salutation.MR: "Guten Tag Herr {},"}


def house_of(*, client_id: int, settings: Mapping[str, Any] | None = None) -> House:
    """What all bills of the principal share; `settings` if they are loaded already.

    Without letterhead or house bank the bills get an empty one, on which the checklist finds nothing.
    """
    try:
        letterhead = letterhead_of(client_id=client_id)
    except LookupError:
        letterhead = NO_LETTERHEAD
    mixes = EnergyMix.objects.filter(client_id=client_id).values_list(
        "year", "product_id", "shares", "co2_g_per_kwh", "radioactive_mg_per_kwh"
    )
    known = settings_of(client_id=client_id) if settings is None else settings
    return House(letterhead, known, [Labelling(*row) for row in mixes])


def parties_of(*, contract_ids: Sequence[int], payouts: bool = True) -> dict[int, Parties]:
    """Contract id → contract, customer and supply point.

    Without `payouts` nobody looks up where a credit is paid to; the checklist does not ask for that.
    """
    rows = list(SupplyContract.objects.filter(id__in=contract_ids).order_by().values_list(*_FIELDS))
    accounts: dict[int, str] = {}
    if payouts:
        usable = BankAccount.objects.filter(
            customer_id__in=[row[3] for row in rows], approved_at__isnull=False
        )
        accounts = dict(usable.order_by("id").values_list("customer_id", "iban"))
    return {row[0]: _parties(row, accounts) for row in rows}


def _parties(row: Sequence[Any], accounts: Mapping[int, str]) -> Parties:
    contract_id, number, supply, customer_id, customer, kind, salutation, first, name, household = row[:10]
    location, profile, grid, grid_code, metering, metering_code = row[10:16]
    method, mandate_status, mandate, iban = row[16:20]
    greeting = _SALUTATIONS.get(salutation, "Guten Tag,").format(name)
    debit = method == "direct_debit" and mandate_status == "active"
    return Parties(
        contract_id=contract_id,
        contract_number=number,
        contract_start=supply.lower,
        customer_id=customer_id,
        customer_number=customer,
        is_household=household,
        is_business=kind == Customer.Kind.COMPANY,
        recipient=Recipient((f"{first} {name}".strip(),), _address(*row[20:25]), greeting),
        supply=Supply(
            address=_address(*row[25:30]),
            market_location=location,
            grid_operator=grid or "",
            grid_operator_code=grid_code or "",
            metering_operator=metering or "",
            metering_operator_code=metering_code or "",
            profile=profile or "",
        ),
        direct_debit=(iban, mandate) if debit else None,
        payout_iban=accounts.get(customer_id, ""),
    )


def _address(street: str, house_number: str, postal_code: str, city: str, country: str) -> PostalAddress:
    return PostalAddress(
        f"{street} {house_number}".strip(), postal_code, city, "" if country == "DE" else country
    )


def conditions_of(*, contract_ids: Sequence[int]) -> dict[int, list[tuple[Any, int]]]:
    """Contract id → (validity, product id), the oldest first."""
    conditions: dict[int, list[tuple[Any, int]]] = {}
    rows = ContractCondition.objects.filter(contract_id__in=contract_ids).order_by("valid")
    for contract_id, valid, product_id in rows.values_list("contract_id", "valid", "product_id"):
        conditions.setdefault(contract_id, []).append((valid, product_id))
    return conditions


def terms_of_products(product_ids: Iterable[int]) -> dict[int, Terms]:
    """Product id → what was agreed with it."""
    rows = Product.objects.filter(id__in=set(product_ids)).values_list(
        "id", "name", "is_default_supply", "minimum_term_months", "notice_weeks"
    )
    return {row[0]: Terms(*row) for row in rows}
