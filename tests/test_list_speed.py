"""Lists find by index under row-level security, as the plans for the application role show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import Q
from django.test import Client

import factories as make
from turnus.ledger.models import Subaccount
from turnus.masterdata.models import Address, ContractAccount, Customer, MarketLocation
from turnus.masterdata.queries import customers_like, in_city, locations_like, of_customers_like
from turnus.receivables.calc.allocation import Receipt
from turnus.receivables.services.pool import _named
from turnus.system.isolation import allow
from turnus.system.models import Principal
from turnus.ui.filters import FEW, any_of

MANY = 4000


@pytest.fixture(scope="module")
def crowded(databases: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """A database with a principal of some thousand customers and locations, and the planner knowing it."""
    with django_db_blocker.unblock():
        name = databases.copy()
        databases.use(name)
        try:
            client = _fill()
            with connections["owner"].cursor() as owner:
                owner.execute("VACUUM ANALYZE")  # vacuum also empties the waiting list of the trigram index
            yield client.pk
        finally:
            databases.use(os.environ["TURNUS_TEST_DB"])
            databases.drop(name)


@pytest.fixture
def crowd(crowded: int) -> Iterator[Principal]:
    """The principal of `crowded`, seen as the application role; what a test adds is taken back."""
    with transaction.atomic():
        allow([crowded])
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("turnus_app",)
        yield Principal.objects.get(pk=crowded)
        transaction.set_rollback(True)


def _fill() -> Principal:
    client = make.principal("alpha")
    places = Address.objects.bulk_create(
        Address(client=client, street="Weg", postal_code="45127", city=f"Stadt{n:04d}") for n in range(MANY)
    )
    people = Customer.objects.bulk_create(
        Customer(client=client, number=f"C{n:07d}", first_name="Erika", name=f"Muster{n:04d}", address=place)
        for n, place in enumerate(places)
    )
    books = Subaccount.objects.bulk_create(Subaccount(client=client, number=f"C{n}") for n in range(MANY))
    ContractAccount.objects.bulk_create(
        ContractAccount(client=client, subaccount=book, number=book.number, customer=one)
        for book, one in zip(books, people, strict=True)
    )
    MarketLocation.objects.bulk_create(
        MarketLocation(
            client=client, market_location_id=f"5{n:010d}", commodity="gas", state="NW", address=place
        )
        for n, place in enumerate(places)
    )
    return client


def plan(rows: Any) -> str:
    return str(rows.explain())


def scans(index: str) -> int:
    """How often this transaction has gone over an index, inside functions of the database too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans(%s::regclass)", [index])
        return int(cursor.fetchone()[0])


def test_equal_names_are_found_by_index(crowd: Principal) -> None:
    rows = Customer.objects.filter(client=crowd, name_key__in=["MUSTER0001", "MUSTER0002"])
    assert "customer_name_key" in plan(rows)
    assert sorted(rows.values_list("name", flat=True)) == ["Muster0001", "Muster0002"]


def test_the_payer_of_a_receipt_is_looked_up_by_index(crowd: Principal) -> None:
    account = ContractAccount.objects.get(customer__name="Muster0007")
    receipt = Receipt(1000, make.NOW.date(), "Danke", "Erika Muster0007", "", "")
    before = scans("customer_name_key")
    assert _named(crowd.pk, [receipt], broad=True) == {account.pk}
    assert scans("customer_name_key") > before
    assert _named(crowd.pk, [receipt], broad=False) == set()  # nothing of ten euros is owed


@pytest.mark.parametrize(
    ("lookup", "index"),
    [
        ({"number__begins": "C0000123"}, "customer_number"),
        ({"address__city_key__begins": "STADT0042"}, "address_city_key"),
    ],
)
def test_beginnings_are_found_by_index(crowd: Principal, lookup: dict[str, str], index: str) -> None:
    rows = Customer.objects.filter(client=crowd, **lookup)
    shown = plan(rows)
    assert index in shown and "Seq Scan on masterdata_customer" not in shown, shown
    assert rows.count() == 1


def test_like_would_read_every_row(crowd: Principal) -> None:
    """What the other roads are for. If PostgreSQL ever declares LIKE leakproof, they can go."""
    shown = plan(Customer.objects.filter(client=crowd, number__startswith="C0000123").order_by())
    assert "~~ 'C0000123%'" in shown.split("Filter:")[-1]
    assert "C0000124" not in shown  # the upper end of an index range


def test_parts_of_names_and_beginnings_of_numbers(crowd: Principal) -> None:
    def found(text: str) -> list[str]:
        return list(Customer.objects.filter(of_customers_like(text)).values_list("name", flat=True))

    before = scans("masterdata_customer_full_name_trgm")
    assert found("uster1234") == ["Muster1234"]
    assert scans("masterdata_customer_full_name_trgm") > before
    assert found("erika MUSTER1234") == ["Muster1234"]
    assert found("c0001234") == ["Muster1234"]
    assert found("Muster1234 c0001235") == []
    assert found("100%") == found("a\\") == found("_ika") == found("'; --") == []
    assert len(found("0077")) == 1 and len(found("C000007")) == 10


def test_many_finds_are_met_on_the_way_through_the_list(crowd: Principal) -> None:
    assert customers_like("Muster") is None  # more than FEW
    rows = Customer.objects.filter(of_customers_like("Muster"))
    assert rows.count() == MANY > FEW
    assert any_of(rows, Q(name_key__begins="MUSTER"), Q(number__begins="X")).count() == MANY
    assert any_of(rows, Q(name_key__begins="MUSTER1"), Q(number="C0000000")).count() == 1001


def test_nobody_finds_customers_of_another_principal(crowd: Principal) -> None:
    other = make.principal("beta")
    theirs = make.customer(other, name="Muster1234")
    allow([other.pk])
    assert customers_like("Muster1234") == [theirs.pk]
    allow([])
    assert customers_like("Muster1234") == []


def test_locations_and_contracts_by_any_of_their_numbers(crowd: Principal) -> None:
    supply = make.supply(crowd)
    register = make.meter(supply.location, number="1EMH0099999999")
    place = register.meter.metering_location.metering_location_id
    for text in (supply.location.market_location_id[:9], place[:30], "1emh00999"):
        assert supply.location in locations_like(MarketLocation.objects.all(), text), text
    assert in_city(MarketLocation.objects.all(), "stadt0042").get().address.city == "Stadt0042"
    boss = make.user("lena", crowd, "lead")
    browser = Client()
    browser.force_login(boss)
    for text in (supply.contract.number, supply.customer.name, supply.customer.number):
        answer = browser.get("/vertraege/", {"q": text})
        assert supply.contract.number in answer.content.decode(), text


def test_the_list_page_finds_by_part_of_a_name(crowd: Principal) -> None:
    browser = Client()
    browser.force_login(make.user("lena", crowd, "lead"))
    page = browser.get("/kunden/", {"q": "uster0815"}).content.decode()
    assert "Muster0815" in page and "Muster0816" not in page
    page = browser.get("/kunden/", {"city": "stadt0815"}).content.decode()
    assert "Muster0815" in page and "Muster0816" not in page
