"""The customer file: find a customer by whatever the caller names, and everything of one customer at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from turnus.billing.models import Bill, Instalment
from turnus.care.models import ContactNote
from turnus.contracts.models import SupplyContract
from turnus.contracts.queries import contracts_of
from turnus.documents.models import Document
from turnus.masterdata.models import BankAccount, ContractAccount, Customer
from turnus.metering.models import MeterReading
from turnus.receivables.models import DunningBlock, DunningNotice, OpenItem
from turnus.worklist.models import Case

KINDS = {
    "customer": ("Kunde", "masterdata.customer"),
    "contract": ("Vertrag", "contracts.supplycontract"),
    "market_location": ("Marktlokation", "masterdata.marketlocation"),
    "metering_location": ("Messlokation", "masterdata.marketlocation"),
    "meter": ("Zähler", "masterdata.marketlocation"),
    "bank_account": ("Bankverbindung", "masterdata.bankaccount"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One find. `object_kind`/`object_id` lead to its page, `customer_id` to the customer file."""

    kind: str
    kind_label: str
    label: str
    detail: str
    object_kind: str
    object_id: int
    customer_id: int | None
    client_id: int


def search(*, client_ids: Sequence[int], text: str, limit: int = 20) -> list[Hit]:
    """Find by name (any part, three letters or more) or by the beginning of a number.

    Numbers: customer, contract, market location, metering location, meter, IBAN; blanks do not
    count. Only principals that the connection may see are searched, whatever `client_ids` says.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, client_id, object_id, customer_id, label, detail FROM turnus_search(%s, %s)",
            [text.strip(), limit],
        )
        rows = cursor.fetchall()
    hits: dict[tuple[str, int], Hit] = {}
    for kind, client_id, object_id, customer_id, label, detail in rows:
        if client_id in client_ids:
            title, object_kind = KINDS[kind]
            hit = Hit(kind, title, label, detail, object_kind, object_id, customer_id, client_id)
            hits.setdefault((label if kind != "customer" else kind, object_id), hit)
    return list(hits.values())[:limit]


@dataclass(frozen=True, slots=True)
class AccountView:
    """A contract account with what is owed on it; `balance_cents` > 0: the customer owes."""

    account: ContractAccount
    open_items: list[OpenItem]
    balance_cents: int
    overdue_cents: int
    blocks: list[DunningBlock]


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """Everything of one customer, loaded with a fixed number of queries."""

    customer: Customer
    contracts: list[SupplyContract]
    accounts: list[AccountView]
    bank_accounts: list[BankAccount]
    bills: list[Bill]
    instalments: list[Instalment]
    readings: dict[int, list[MeterReading]] = field(default_factory=dict)
    notices: list[DunningNotice] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    contacts: list[ContactNote] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)


def customer_file(*, client_ids: Sequence[int], customer_id: int, today: date) -> CustomerFile:
    """The 360° view. `readings` maps market location id → readings, newest first.

    Raises:
        Customer.DoesNotExist: unknown, or of a principal the user may not see.
    """
    customer = Customer.objects.select_related("address", "client").get(
        client_id__in=client_ids, pk=customer_id
    )
    contracts = contracts_of(client_ids=[customer.client_id], customer_id=customer_id)
    accounts = _accounts(customer, today)
    ids = [c.pk for c in contracts]
    return CustomerFile(
        customer=customer,
        contracts=contracts,
        accounts=accounts,
        bank_accounts=list(customer.bank_accounts.prefetch_related("mandates").order_by("-id")),
        bills=list(Bill.objects.filter(contract__in=ids).select_related("contract").order_by("-id")[:24]),
        instalments=list(Instalment.objects.filter(contract__in=ids).select_related("contract").order_by("-due_date")[:24]),
        readings=_readings(contracts),
        notices=list(
            DunningNotice.objects.filter(subaccount__in=[a.account.pk for a in accounts]).order_by("-id")[:12]
        ),
        documents=list(
            Document.objects.filter(client_id=customer.client_id, customer_number=customer.number)
            .defer("data")
            .order_by("-id")[:24]
        ),
        contacts=list(contacts_of(client_ids=[customer.client_id], customer_id=customer_id)[:24]),
        cases=_cases(customer, contracts, accounts),
    )  # fmt: skip


def _accounts(customer: Customer, today: date) -> list[AccountView]:
    accounts = list(customer.contract_accounts.select_related("mandate__bank_account").order_by("number"))
    keys = [a.pk for a in accounts]
    items: dict[int, list[OpenItem]] = {key: [] for key in keys}
    for item in OpenItem.objects.filter(subaccount__in=keys).exclude(open_cents=0).order_by("due_date", "id"):
        items[item.subaccount_id].append(item)
    blocks: dict[int, list[DunningBlock]] = {key: [] for key in keys}
    for block in DunningBlock.objects.filter(subaccount__in=keys).filter(Q(until=None) | Q(until__gte=today)):
        blocks[block.subaccount_id].append(block)
    return [
        AccountView(
            account=account,
            open_items=items[account.pk],
            balance_cents=sum(i.side * i.open_cents for i in items[account.pk]),
            overdue_cents=sum(i.open_cents for i in items[account.pk] if i.side > 0 and i.due_date < today),
            blocks=blocks[account.pk],
        )
        for account in accounts
    ]


def _readings(contracts: Sequence[SupplyContract]) -> dict[int, list[MeterReading]]:
    found: dict[int, list[MeterReading]] = {c.market_location_id: [] for c in contracts}
    rows = (
        MeterReading.objects.filter(
            register__meter__metering_location__market_location__in=found, is_current=True
        )
        .select_related("register__meter__metering_location")
        .order_by("-date", "-id")[:200]
    )
    for row in rows:
        found[row.register.meter.metering_location.market_location_id].append(row)
    return found


def _cases(
    customer: Customer, contracts: Sequence[SupplyContract], accounts: Sequence[AccountView]
) -> list[Case]:
    """Cases on the customer itself, its contracts, locations and accounts."""
    about = Q(object_kind="masterdata.customer", object_id=customer.pk)
    about |= Q(object_kind="contracts.supplycontract", object_id__in=[c.pk for c in contracts])
    about |= Q(
        object_kind="masterdata.marketlocation", object_id__in=[c.market_location_id for c in contracts]
    )
    about |= Q(
        object_kind__in=["masterdata.contractaccount", "ledger.subaccount"],
        object_id__in=[a.account.pk for a in accounts],
    )
    found = Case.objects.filter(about, client_id=customer.client_id).select_related("owner")
    return list(found.order_by("-opened_at")[:24])


def contacts_of(*, client_ids: Sequence[int], customer_id: int) -> QuerySet[ContactNote]:
    """Notes that stand at a customer now, newest first, with agent, contract and trace."""
    return (
        ContactNote.objects.filter(client_id__in=client_ids, customer_id=customer_id)
        .select_related("agent", "contract")
        .prefetch_related("moves__from_customer", "moves__user")
    )
