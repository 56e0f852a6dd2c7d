"""Customers, their addresses and contract accounts (Vertragskonten)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from turnus.ledger.models import Subaccount
from turnus.masterdata.models import Address, ContractAccount, Customer
from turnus.system import changes, numbers
from turnus.system.changes import InvalidInput
from turnus.system.models import User


@dataclass(frozen=True, slots=True)
class NewAddress:
    """A postal address; German postcodes have five digits."""

    street: str
    house_number: str
    postal_code: str
    city: str
    addition: str = ""
    country: str = "DE"


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be created; without `number` the next one of the principal's range is drawn."""

    name: str
    address: NewAddress
    first_name: str = ""
    kind: str = "person"
    salutation: str = ""
    born_on: date | None = None
    email: str = ""
    phone: str = ""
    is_household_customer: bool = True
    is_reseller: bool = False
    note: str = ""
    number: str = ""


def check_address(street: str, postal_code: str, city: str, country: str) -> None:
    """Raise InvalidInput unless letters and SEPA can use this address."""
    if not street.strip():
        raise InvalidInput("street", "Straße fehlt.")
    if not city.strip():
        raise InvalidInput("city", "Ort fehlt.")
    if country == "DE" and not (len(postal_code) == 5 and postal_code.isdigit()):
        raise InvalidInput("postal_code", f"PLZ „{postal_code}“ hat keine fünf Ziffern.")


def new_address(*, client_id: int, new: NewAddress) -> Address:
    """An address row, checked and saved (its owner's audit entry covers it)."""
    check_address(new.street, new.postal_code, new.city, new.country)
    row = Address(client_id=client_id, **asdict(new))
    changes.check_fields(row)
    row.save(force_insert=True)
    return row


@transaction.atomic
def create_customer(*, client_id: int, new: NewCustomer, user: User | None, at: datetime) -> Customer:
    """Create a customer with its postal address.

    Raises:
        InvalidInput: a value is missing or malformed, or the number is taken.
    """
    if not new.name.strip():
        raise InvalidInput("name", "Name oder Firma fehlt.")
    number = new.number or _free_number(client_id)
    if Customer.objects.filter(client_id=client_id, number=number).exists():
        raise InvalidInput("number", f"Kundennummer {number} ist schon vergeben.")
    values = {f: getattr(new, f) for f in NewCustomer.__slots__ if f not in {"address", "number"}}
    row = Customer(client_id=client_id, number=number, **values)
    row.address = new_address(client_id=client_id, new=new.address)
    return changes.add(row=row, user=user, at=at)


def _free_number(client_id: int) -> str:
    """The next drawn number that no imported customer carries already."""
    while True:
        (number,) = numbers.draw(client_id=client_id, name="customer")
        if not Customer.objects.filter(client_id=client_id, number=number).exists():
            return number


@transaction.atomic
def update_customer(
    *, customer: Customer, values: Mapping[str, Any], user: User | None, at: datetime, reason: str = ""
) -> bool:
    """Change fields of a customer (not its number or address); False if nothing differs.

    Raises:
        InvalidInput: a field may not be changed here or its value does not fit.
    """
    fixed = {"number", "address", "client", "client_id", "id"} & values.keys()
    if fixed:
        raise InvalidInput(sorted(fixed)[0], f"„{sorted(fixed)[0]}“ kann hier nicht geändert werden.")
    if "name" in values and not str(values["name"]).strip():
        raise InvalidInput("name", "Name oder Firma fehlt.")
    return changes.change(row=customer, values=values, user=user, at=at, reason=reason)


@transaction.atomic
def update_address(
    *, address: Address, values: Mapping[str, Any], user: User | None, at: datetime, reason: str = ""
) -> bool:
    """Change an address in place (history keeps the former one); False if nothing differs."""
    merged = {f: values.get(f, getattr(address, f)) for f in ("street", "postal_code", "city", "country")}
    check_address(**merged)
    return changes.change(row=address, values=values, user=user, at=at, reason=reason)


@transaction.atomic
def open_contract_account(*, customer: Customer, user: User | None, at: datetime) -> ContractAccount:
    """Open a contract account with its sub-ledger account of the same number; paid by transfer at first."""
    (number,) = numbers.draw(client_id=customer.client_id, name="contract_account")
    while Subaccount.objects.filter(client_id=customer.client_id, number=number).exists():
        (number,) = numbers.draw(client_id=customer.client_id, name="contract_account")
    ledger_side = Subaccount.objects.create(client_id=customer.client_id, number=number)
    row = ContractAccount(
        client_id=customer.client_id, subaccount=ledger_side, number=number, customer=customer
    )
    return changes.add(row=row, user=user, at=at)
