"""Find a customer by whatever is named, and see everything of it without a query per row."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import factories as make
from turnus.care import queries
from turnus.system.isolation import allow

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 15)


def _supplied(client, name="Schreiber"):
    supply = make.supply(client)
    supply.customer.name = name
    supply.customer.save()
    make.mandate(supply.customer)
    register = make.meter(supply.location, number="1EMH7777000001")
    return supply, register


def _kinds(client, text):
    return {(h.kind, h.customer_id) for h in queries.search(client_ids=[client.pk], text=text)}


def test_found_by_everything_a_caller_may_name():
    client = make.principal()
    supply, register = _supplied(client)
    who = supply.customer.pk
    place = register.meter.metering_location.metering_location_id
    for text, kind in (
        ("schreib", "customer"), ("Erika Schreiber", "customer"), ("Schreiber, Erika", "customer"),
        (supply.customer.number, "customer"), (supply.contract.number.lower(), "contract"),
        (supply.location.market_location_id[:9], "market_location"), (place, "metering_location"),
        ("1emh 7777", "meter"), ("DE02 1203 0000", "bank_account"),
    ):  # fmt: skip
        assert (kind, who) in _kinds(client, text), text


@pytest.mark.parametrize("text", ["", "x", "%%%", "Schreiber Hans", "99999999", "';--", "\\"])
def test_nothing_is_found_for_nothing(text):
    client = make.principal()
    _supplied(client)
    assert queries.search(client_ids=[client.pk], text=text) == []


def test_other_principals_stay_out_of_sight():
    first, second = make.principal("eins"), make.principal("zwei")
    _supplied(second)
    allow([first.pk])
    assert queries.search(client_ids=[first.pk, second.pk], text="Schreiber") == []
    allow([first.pk, second.pk])
    assert len(queries.search(client_ids=[second.pk], text="Schreiber")) == 1
    assert queries.search(client_ids=[first.pk], text="Schreiber") == []


def _cost(client, customer):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        file = queries.customer_file(client_ids=[client.pk], customer_id=customer.pk, today=TODAY)
        for contract in file.contracts:
            list(contract.conditions.all())
            for place in contract.market_location.metering_locations.all():
                [list(m.registers.all()) for m in place.meters.all()]
    return len(asked), file


def test_the_file_costs_the_same_for_one_contract_and_for_ten():
    client = make.principal()
    supply, _ = _supplied(client)
    few, _ = _cost(client, supply.customer)
    for _ in range(9):
        more = make.supply(client)
        more.contract.customer = supply.customer
        more.contract.save()
        make.meter(more.location)
        make.contract_account(supply.customer)
    many, file = _cost(client, supply.customer)
    assert len(file.contracts) == 10
    assert many == few


def test_a_stranger_has_no_file():
    client, other = make.principal("eins"), make.principal("zwei")
    supply, _ = _supplied(other)
    with pytest.raises(queries.Customer.DoesNotExist):
        queries.customer_file(client_ids=[client.pk], customer_id=supply.customer.pk, today=TODAY)
