"""What contracts say now and what is billed of them so far, for the checks of `calc/agreement.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from turnus.billing.calc.agreement import Agreed, Agreement, Billed
from turnus.billing.models import Bill
from turnus.billing.queries.population import takeover_day
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.lib.period import Period
from turnus.products.models import Price

__all__ = ["agreements_of"]


def agreements_of(*, client_id: int, contract_ids: Sequence[int]) -> dict[int, Agreement]:
    """Contract id → agreement. Bills put aside count as billed, as they do for the next run."""
    products: dict[int, list[tuple[Period, int, str]]] = {}
    rows = ContractCondition.objects.filter(contract_id__in=contract_ids).order_by("valid")
    for contract_id, valid, product_id, name in rows.values_list(
        "contract_id", "valid", "product_id", "product__name"
    ):
        products.setdefault(contract_id, []).append((_period(valid), product_id, name))
    prices: dict[int, list[Agreed]] = {}
    wanted = {product_id for found in products.values() for _, product_id, _ in found}
    priced = Price.objects.filter(product_id__in=wanted).order_by("valid")
    for product_id, valid, name, energy, base in priced.values_list(
        "product_id", "valid", "product__name", "energy_ct_per_kwh", "base_eur_per_year"
    ):
        prices.setdefault(product_id, []).append(Agreed(_period(valid), name, energy, base))
    billed: dict[int, list[Billed]] = {}
    standing = Bill.objects.filter(client_id=client_id, contract_id__in=contract_ids, is_cancelled=False)
    standing = standing.exclude(state=Bill.State.REJECTED).exclude(kind=Bill.Kind.CANCELLATION)
    for contract_id, period, number in standing.values_list("contract_id", "period", "number"):
        bill = Billed(_period(period), number or "einer ausgesteuerten Rechnung")
        billed.setdefault(contract_id, []).append(bill)
    opening = takeover_day(client_id=client_id)
    supplies = SupplyContract.objects.filter(id__in=contract_ids).values_list("id", "supply")
    return {
        contract_id: Agreement(
            products=tuple(Agreed(period, name) for period, _, name in products.get(contract_id, ())),
            prices=_prices(products.get(contract_id, ()), prices),
            begin=max(supply.lower, opening),
            end=supply.upper or date.max,
            billed=tuple(billed.get(contract_id, ())),
        )
        for contract_id, supply in supplies
    }


def _prices(
    products: Sequence[tuple[Period, int, str]], prices: dict[int, list[Agreed]]
) -> tuple[Agreed, ...]:
    """The prices of each product on the days it holds."""
    return tuple(
        Agreed(common, price.product, price.energy_ct, price.base_eur)
        for period, product_id, _ in products
        for price in prices.get(product_id, ())
        if (common := period.intersect(price.period)) is not None
    )


def _period(valid: Any) -> Period:
    return Period(valid.lower or date(1990, 1, 1), valid.upper or date.max)
