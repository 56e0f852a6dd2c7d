"""M03, M04: contracts become active only complete; what reaches into the past is flagged."""

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from turnus.contracts import services
from turnus.contracts.calc.activation import COMPONENTS, ContractFacts, gaps
from turnus.contracts.models import ContractCondition
from turnus.products.models import Price
from turnus.products.services import NewPrice, propose_price
from turnus.system.changes import InvalidInput
from turnus.worklist.models import Case

START = date(2026, 2, 1)
FULL = ContractFacts("51", "DE", "1EMH", "H0", 0, "P1", "24.8", "Tarifkunde", "Netz")


@pytest.mark.parametrize(("field", "label"), COMPONENTS.items())
def test_every_gap_is_named(field, label):
    values = {f: getattr(FULL, f) for f in ContractFacts.__slots__}
    empty = None if field == "annual_forecast_kwh" else ""
    assert gaps(ContractFacts(**{**values, field: empty})) == [label]


def test_nothing_is_missing_from_a_full_contract():
    assert gaps(FULL) == []


def _draft(client, product=None, **location):
    customer = make.customer(client)
    place = make.market_location(client, **location)
    new = services.NewContract(customer, make.contract_account(customer), place, START, product)
    return services.draft_contract(client_id=client.pk, new=new, user=None, at=make.NOW)


def _product(client):
    product = make.product(client)
    make.price(product, date(2025, 1, 1), None, "24.80", "120.00")
    return product


@pytest.mark.django_db
def test_a_new_contract_with_gaps_stays_a_draft_and_shows_the_list():
    client = make.principal()
    contract = _draft(
        client, profile="", annual_forecast_kwh=None, grid_operator=None, concession_fee_class=""
    )
    with pytest.raises(services.ContractIncomplete) as refused:
        services.activate_contract(contract=contract, user=None, at=make.NOW)
    assert refused.value.gaps == [v for k, v in COMPONENTS.items() if k != "market_location_id"]
    contract.refresh_from_db()
    assert contract.state == "draft"


@pytest.mark.django_db
def test_a_complete_contract_becomes_active_and_blocks_a_second_one():
    client = make.principal()
    product = _product(client)
    contract = _draft(client, product, concession_fee_class="Tarifkunde")
    make.meter(contract.market_location)
    assert services.activate_contract(contract=contract, user=None, at=make.NOW).state == "active"
    rival = services.NewContract(
        contract.customer, contract.contract_account, contract.market_location, START, product
    )
    second = services.draft_contract(client_id=client.pk, new=rival, user=None, at=make.NOW)
    with pytest.raises(InvalidInput, match=contract.number):
        services.activate_contract(contract=second, user=None, at=make.NOW)


@pytest.mark.django_db
def test_a_future_change_opens_no_case():
    client = make.principal()
    supply = make.supply(client)
    services.change_product(
        contract=supply.contract, product=_product(client), since=START, reason="", user=None, at=make.NOW
    )
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_gas_product_at_an_electricity_location_is_refused():
    client = make.principal()
    gas = make.product(client, commodity="gas")
    with pytest.raises(InvalidInput, match="Gas"):
        _draft(client, gas)


@pytest.mark.django_db
def test_ending_a_contract_ends_its_conditions():
    client = make.principal()
    supply = make.supply(client)
    ended = services.end_contract(
        contract=supply.contract, end=date(2026, 2, 1), reason="Auszug", user=None, at=make.NOW
    )
    assert (ended.state, ended.supply.upper) == ("ended", date(2026, 2, 1))
    assert ContractCondition.objects.get(contract=ended).valid.upper == date(2026, 2, 1)


@pytest.mark.django_db
def test_a_price_is_approved_by_lead_or_principal_only():
    client = make.principal()
    clerk, other = make.user("anna", client), make.user("jonas", client)
    product = _product(client)
    new = NewPrice(date(2026, 3, 1), Decimal("20.00"), Decimal("120.00"))
    approval = propose_price(product=product, new=new, household=True, reason="", user=clerk, at=make.NOW)
    with pytest.raises(PermissionError):
        services.approve_price(approval=approval, user=other, at=make.NOW)
    assert Price.objects.filter(product=product).count() == 1
