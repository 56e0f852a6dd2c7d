"""Pages stay quick: the number of queries does not grow with the number of rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import factories as make
from everything import NOW, Everything, everything
from turnus.metering.models import MeterReading
from turnus.receivables.services import BillPosting, VatPart, post_bills
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow
from turnus.worklist import services as worklist

LISTS = [
    "start",
    "masterdata:customers",
    "masterdata:locations",
    "contracts:contracts",
    "metering:readings",
    "market:messages",
    "market:silent",
    "billing:bills",
    "billing:exceptions",
    "billing:left_out",
    "billing:overdue",
    "receivables:items",
    "receivables:suspense",
    "receivables:debit_runs",
    "receivables:dunning_runs",
    "receivables:disconnections",
    "worklist:cases",
    "worklist:approvals",
    "documents:documents",
    "products:products",
    "partners:partners",
    "clients:runs",
]
MOST_QUERIES = 30


@pytest.fixture
def one(db: None) -> Everything:
    set_business_date(NOW.date())
    return everything("alpha")


def more(of: Everything, count: int) -> None:
    """More customers, contracts, readings, open items and cases of the same principal."""
    allow([of.client.pk])  # the last request has taken its allowance away again
    part = VatPart(Decimal(19), Decimal("10.00"), Decimal("1.90"))
    bills = []
    for n in range(count):
        supply = make.supply(of.client, of=of.supply.product)
        register = make.meter(supply.location)
        MeterReading.objects.create(
            client=of.client,
            register=register,
            date=date(2026, 1, 1),
            value=Decimal(100 + n),
            origin="grid",
            quality="true",
            taken_at=NOW,
            document_at=NOW,
        )
        bills.append(
            BillPosting(
                key=f"more{n}",
                subaccount_id=supply.account.pk,
                bill_number=f"M{n}",
                bill_date=date(2025, 12, 1),
                due_date=date(2025, 12, 20),
                division="electricity",
                parts=(part,),
            )
        )
        new = worklist.NewCase("x", "M05", f"more{n}", "Fall", "Grund")
        worklist.open_case(client_id=of.client.pk, new=new, at=NOW)
    post_bills(client_id=of.client.pk, bills=bills, posting_date=date(2025, 12, 1), user=None, at=NOW)


def queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200, url
    return len(captured)


def test_no_list_asks_once_per_row(one: Everything) -> None:
    browser = Client()
    browser.force_login(one.lead)
    before = {name: queries(browser, reverse(name)) for name in LISTS}
    more(one, 12)
    after = {name: queries(browser, reverse(name)) for name in LISTS}
    assert {name: (before[name], after[name]) for name in LISTS if after[name] > before[name] + 1} == {}
    assert {name: count for name, count in after.items() if count > MOST_QUERIES} == {}


def test_the_customer_file_has_a_fixed_number_of_queries(one: Everything) -> None:
    browser = Client()
    browser.force_login(one.lead)
    url = reverse("care:customer", args=[one.supply.customer.pk])
    before = {tab: queries(browser, f"{url}?tab={tab}") for tab in ("uebersicht", "messwerte", "konto")}
    allow([one.client.pk])
    for _ in range(4):
        other = make.supply(one.client, of=one.supply.product)
        other.contract.customer = one.supply.customer
        other.contract.save()
        make.meter(other.location)
    after = {tab: queries(browser, f"{url}?tab={tab}") for tab in before}
    assert after == before
    assert max(after.values()) <= MOST_QUERIES + 15
