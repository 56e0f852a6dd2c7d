"""Read contracts and what their activation depends on."""

from collections.abc import Sequence
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet

from turnus.contracts.calc.activation import ContractFacts
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.masterdata.models import Meter
from turnus.products.models import Price, Product
from turnus.worklist.retroactive import BilledPeriod, billed_periods


def condition_on(*, contract: SupplyContract, day: date) -> ContractCondition | None:
    """The condition that holds on a day, with its product."""
    return (
        ContractCondition.objects.filter(contract=contract, valid__contains=day)
        .select_related("product")
        .first()
    )


def facts_at_start(contract: SupplyContract) -> ContractFacts:
    """What is known of a contract on its first day of supply."""
    start = contract.supply.lower
    location = contract.market_location
    place = location.metering_locations.first()
    meter = Meter.objects.filter(
        metering_location__market_location=location, installed__contains=start, registers__isnull=False
    ).first()
    condition = condition_on(contract=contract, day=start)
    price = condition and Price.objects.filter(product=condition.product, valid__contains=start).first()
    return ContractFacts(
        market_location_id=location.market_location_id,
        metering_location_id=place.metering_location_id if place else "",
        meter_number=meter.number if meter else "",
        profile=location.profile,
        annual_forecast_kwh=location.annual_forecast_kwh,
        product=condition.product.code if condition else "",
        price=str(price.energy_ct_per_kwh) if price else "",
        concession_fee_class=location.concession_fee_class,
        grid_operator=location.grid_operator.name if location.grid_operator else "",
    )


def has_household_customers(*, product: Product, day: date) -> bool:
    """Whether a household customer is supplied with this product on that day or later."""
    return ContractCondition.objects.filter(
        product=product, valid__endswith__isnull=True, contract__customer__is_household_customer=True
    ).exclude(contract__state=SupplyContract.State.ENDED).exists() or ContractCondition.objects.filter(
        product=product, valid__endswith__gt=day, contract__customer__is_household_customer=True
    ).exists()  # fmt: skip


def contracts_of(*, client_ids: Sequence[int], customer_id: int) -> list[SupplyContract]:
    """Contracts of a customer with location, address and conditions, in four queries."""
    return list(
        SupplyContract.objects.filter(client_id__in=client_ids, customer_id=customer_id)
        .select_related(
            "contract_account__mandate__bank_account",
            "market_location__address",
            "market_location__grid_operator",
            "market_location__metering_operator",
        )
        .prefetch_related("conditions__product", "market_location__metering_locations__meters__registers")
        .order_by("-supply")
    )


def with_product(*, product: Product, since: date) -> QuerySet[SupplyContract]:
    """Contracts, drafts apart, that have a product on that day or later."""
    return (
        SupplyContract.objects.filter(
            conditions__product=product, conditions__valid__overlap=DateRange(since, None)
        )
        .exclude(state=SupplyContract.State.DRAFT)
        .distinct()
    )


def billed_with(*, product: Product, since: date) -> list[BilledPeriod]:
    """Billed periods that a price of the product from that day on would have changed."""
    ids = list(with_product(product=product, since=since).values_list("pk", flat=True))
    return billed_periods(client_id=product.client_id, contract_ids=ids, since=since)
