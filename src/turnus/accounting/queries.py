"""What the money rooms below cannot know: what is supplied over an account, and what it costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.billing.calc.estimate import EstimateBasis, estimate, year_from
from turnus.billing.calc.instalments import year_forecast
from turnus.billing.calc.records import Commodity, Split
from turnus.billing.models import InstalmentPlan
from turnus.billing.queries.population import BilledBefore, ContractRow, billed_before, contract_rows
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.lib.money import to_cents
from turnus.lib.period import Period
from turnus.products.calc.levies import published_levies
from turnus.products.models import Price, Product
from turnus.receivables.calc.disconnection import Supply

MONTHS = 12


@dataclass(frozen=True, slots=True)
class _Contract:
    """A contract supplied on the day, with its monthly instalment or its expected year, in gross cents."""

    row: ContractRow
    is_household: bool
    is_default_supply: bool
    instalment_cents: int | None
    year_cents: int | None


def supplies_of(*, client_id: int, account_ids: Sequence[int], on: date) -> list[Supply]:
    """What is supplied over these accounts on a day, one entry per account and division.

    The instalment is that of the plan in force. Without a plan the year is the last bill's consumption (else
    the grid operator's forecast) at the price of the day, with VAT. Where only some of several contracts have
    instalments, a twelfth of the year stands in for the others, so that twice the sum is the same threshold.
    """
    households = dict(
        SupplyContract.objects.filter(
            client_id=client_id, contract_account__in=account_ids, supply__contains=on
        )
        .exclude(state=SupplyContract.State.DRAFT)
        .values_list("id", "customer__is_household_customer")
    )
    rows = contract_rows(client_id=client_id, contract_ids=list(households))
    plans = dict(
        InstalmentPlan.objects.filter(contract__in=households, valid__contains=on).values_list(
            "contract_id", "gross"
        )
    )
    products = dict(
        ContractCondition.objects.filter(contract__in=households, valid__contains=on).values_list(
            "contract_id", "product_id"
        )
    )
    default = set(
        Product.objects.filter(pk__in=set(products.values()), is_default_supply=True).values_list(
            "pk", flat=True
        )
    )
    unplanned = [row for row in rows if row.contract_id not in plans]
    years = _years(client_id, unplanned, products, on)
    groups: dict[tuple[int, str], list[_Contract]] = {}
    for row in rows:
        gross = plans.get(row.contract_id)
        contract = _Contract(
            row,
            households[row.contract_id],
            products.get(row.contract_id) in default,
            None if gross is None else to_cents(gross),
            years.get(row.contract_id),
        )
        groups.setdefault((row.subaccount_id, row.commodity), []).append(contract)
    return [_supply(key, contracts) for key, contracts in sorted(groups.items())]


def _supply(key: tuple[int, str], contracts: Sequence[_Contract]) -> Supply:
    instalments = _sum(contract.instalment_cents for contract in contracts)
    years = _sum(contract.year_cents for contract in contracts)
    if instalments is None and years is None:
        # Instalments for some, a year for the others.
        instalments = _sum(_monthly(contract) for contract in contracts)
    return Supply(
        account_id=key[0],
        division=key[1],
        instalment_cents=instalments,
        year_cents=years,
        is_household=all(contract.is_household for contract in contracts),
        is_default_supply=all(contract.is_default_supply for contract in contracts),
        contracts=tuple(contract.row.number for contract in contracts),
    )


def _sum(parts: Iterable[int | None]) -> int | None:
    """The sum, None as soon as one part is unknown."""
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _monthly(contract: _Contract) -> int | None:
    if contract.instalment_cents is not None or contract.year_cents is None:
        return contract.instalment_cents
    return -(-contract.year_cents // MONTHS)


def _years(client_id: int, rows: Sequence[ContractRow], products: dict[int, int], on: date) -> dict[int, int]:
    """Expected gross cents of twelve months from a day, for the contracts where it can be told."""
    if not rows:
        return {}
    before = billed_before(client_id=client_id, contract_ids=[row.contract_id for row in rows])
    prices = {
        price.product_id: price
        for price in Price.objects.filter(product__in=set(products.values()), valid__contains=on)
    }
    years: dict[int, int] = {}
    for row in rows:
        price = prices.get(products.get(row.contract_id, 0))
        kwh = _year_kwh(row, before.get(row.contract_id), on)
        percent = published_levies().value(f"vat_{row.commodity}", on)
        if price is not None and kwh is not None and percent is not None:
            gross = year_forecast(kwh, price.energy_ct_per_kwh, price.base_eur_per_year, percent).gross
            years[row.contract_id] = to_cents(gross)
    return years


def _year_kwh(row: ContractRow, before: BilledBefore | None, on: date) -> Decimal | None:
    if before is None or before.kwh <= 0:
        return None if row.forecast_kwh is None else Decimal(row.forecast_kwh)
    basis = EstimateBasis(before.kwh, Period(before.start, before.end), "letzte Rechnung")
    profile, state = row.profile or None, row.state or None
    return estimate(Commodity(row.commodity), basis, year_from(on), Split.SLP, profile, state).kwh
