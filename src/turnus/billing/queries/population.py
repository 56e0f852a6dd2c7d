"""Which contracts are due for a bill, and everything their bills need, loaded set by set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from turnus.billing.calc.cycle import Due, next_due
from turnus.billing.models import Bill
from turnus.clients.services import settings_of
from turnus.contracts.models import SupplyContract

__all__ = [
    "BilledBefore",
    "ContractRow",
    "LeftOut",
    "billed_before",
    "contract_rows",
    "due_contracts",
    "left_out",
]


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract with its market location, as far as a bill needs them. Periods are half-open."""

    contract_id: int
    number: str
    subaccount_id: int
    customer_number: str
    supply_start: date
    supply_end: date | None
    location_id: int
    market_location: str
    commodity: str
    state: str
    profile: str
    forecast_kwh: int | None
    concession_class: str
    cycle_month: int | None


@dataclass(frozen=True, slots=True)
class BilledBefore:
    """The last bill of a contract that stands."""

    start: date
    end: date
    kwh: Decimal
    number: str | None


ONE_DAY = timedelta(days=1)
_FIELDS = (
    "id",
    "number",
    "contract_account_id",
    "customer__number",
    "supply",
    "market_location_id",
    "market_location__market_location_id",
    "market_location__commodity",
    "market_location__state",
    "market_location__profile",
    "market_location__annual_forecast_kwh",
    "market_location__concession_fee_class",
    "market_location__reading_cycle_month",
)


def contract_rows(*, client_id: int, contract_ids: Sequence[int]) -> list[ContractRow]:
    """Contracts that are no drafts, in the order of their ids."""
    rows = SupplyContract.objects.filter(client_id=client_id, id__in=contract_ids).exclude(state="draft")
    return [_contract(row) for row in rows.order_by("id").values_list(*_FIELDS)]


def _contract(row: tuple[Any, ...]) -> ContractRow:
    contract_id, number, subaccount_id, customer, supply, *location = row
    return ContractRow(contract_id, number, subaccount_id, customer, supply.lower, supply.upper, *location)


def billed_before(*, client_id: int, contract_ids: Sequence[int]) -> dict[int, BilledBefore]:
    """The last bill of each contract, whether released or still to be decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (contract_id) contract_id, lower(period), upper(period), kwh, number"
            " FROM billing_bill WHERE client_id = %s AND contract_id = ANY(%s)"
            " AND state <> 'rejected' AND kind <> 'cancellation' AND NOT is_cancelled"
            " ORDER BY contract_id, upper(period) DESC",
            [client_id, list(contract_ids)],
        )
        return {row[0]: BilledBefore(*row[1:]) for row in cursor.fetchall()}


def due_contracts(
    *, client_id: int, until: date, month: int | None = None, contract_ids: Sequence[int] | None = None
) -> Iterator[int]:
    """Ids of the contracts with a bill due by `until` (last day that may be billed), in order.

    `month` keeps only locations read in that month of the grid operator's cycle.
    """
    opening = takeover_day(client_id=client_id)
    contracts = SupplyContract.objects.filter(client_id=client_id).exclude(state="draft")
    if month is not None:
        contracts = contracts.filter(market_location__reading_cycle_month=month)
    if contract_ids is not None:
        contracts = contracts.filter(id__in=contract_ids)
    ends = _billed_until(client_id)
    rows = contracts.order_by("id").values_list("id", "supply", "market_location__reading_cycle_month")
    for contract_id, supply, cycle in rows.iterator(chunk_size=5000):
        begin = max(supply.lower, opening)
        if next_due(begin, supply.upper, ends.get(contract_id), cycle, until) is not None:
            yield contract_id


def _billed_until(client_id: int) -> dict[int, date]:
    standing = Bill.objects.filter(client_id=client_id, is_cancelled=False)
    standing = standing.exclude(state="rejected").exclude(kind="cancellation")
    ends: dict[int, date] = {}
    for contract_id, period in standing.values_list("contract_id", "period").iterator(chunk_size=5000):
        if period.upper > ends.get(contract_id, date.min):
            ends[contract_id] = period.upper
    return ends


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A contract that a run does not bill, and why, in words for a clerk."""

    contract_id: int
    number: str
    reason: str


def left_out(*, client_id: int, until: date, month: int | None = None) -> Iterator[LeftOut]:
    """The contracts `due_contracts` leaves out, each with its reason."""
    ends, opening = _billed_until(client_id), takeover_day(client_id=client_id)
    rows = SupplyContract.objects.filter(client_id=client_id).order_by("id")
    fields = ("id", "number", "state", "supply", "market_location__reading_cycle_month")
    for contract_id, number, state, supply, cycle in rows.values_list(*fields).iterator(chunk_size=5000):
        billed = ends.get(contract_id)
        begin = max(supply.lower, opening)
        if state == "draft":
            reason = "Vertrag ist noch ein Entwurf"
        elif month is not None and cycle != month:
            reason = f"Ablesemonat {cycle or 'ohne'} statt {month}"
        elif next_due(begin, supply.upper, billed, cycle, until) is not None:
            continue
        elif billed is not None and supply.upper is not None and billed >= supply.upper:
            reason = f"Schlussrechnung bis {billed - ONE_DAY:%d.%m.%Y} liegt vor"
        elif billed is not None:
            reason = f"abgerechnet bis {billed - ONE_DAY:%d.%m.%Y}"
        elif begin > until:
            reason = f"Lieferung beginnt erst am {begin:%d.%m.%Y}"
        else:
            reason = f"Abrechnungszeitraum ab {begin:%d.%m.%Y} läuft noch"
        yield LeftOut(contract_id, number, reason)


def takeover_day(*, client_id: int) -> date:
    """First day that Turnus bills for the principal (setting `billing_from`); before, others billed."""
    stored = settings_of(client_id=client_id).get("billing_from")
    return date.fromisoformat(stored) if stored else date.min


def due_of(row: ContractRow, before: BilledBefore | None, until: date, opening: date) -> Due | None:
    """The bill the contract is due for; `opening` as given by `takeover_day`."""
    begin = max(row.supply_start, opening)
    return next_due(begin, row.supply_end, before.end if before else None, row.cycle_month, until)
