"""Price and period against the contract, through the database: held by the run, blocked at the release."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import factories as make
from billing_world import TODAY, bill_all, exchange, limits, read
from turnus.billing.models import Bill
from turnus.billing.services import NotAsAgreed, cancel_bill, check_fit, correct_bill, release_bills
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.receivables.models import OpenItem
from turnus.system.models import Principal
from turnus.worklist.models import Case

pytestmark = pytest.mark.django_db

WHEN: dict[str, Any] = {"at": make.NOW, "today": TODAY, "documents": False}


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


def findings() -> list[tuple[str, str]]:
    case = Case.objects.get(kind="billing_hold")
    return [(finding["code"], finding["text"]) for finding in case.details["findings"]]


def year(supply: make.Supply) -> None:
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2026-01-01", "3500")


def test_a_product_whose_price_ends_holds_the_bill_naming_product_and_days(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), date(2025, 10, 1), "30", "120")
    year(supply)
    assert bill_all(client).result["held"] == 1
    text = "Das Produkt „Treue Strom“ hat für 01.10.2025–31.12.2025 keinen gültigen Preis"
    assert findings() == [("price_missing", text)]


def test_a_contract_without_product_holds_the_bill_naming_the_days(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "30", "120")
    ContractCondition.objects.update(valid=(date(2025, 1, 1), date(2025, 12, 1)))
    year(supply)
    assert bill_all(client).result["held"] == 1
    text = "Dem Vertrag ist für 01.12.2025–31.12.2025 kein Produkt zugeordnet"
    assert findings() == [("product_missing", text)]


def put_aside(client: Principal) -> tuple[make.Supply, Bill, dict[str, Any]]:
    """The example bill above the clerk's limit, and what the lead releases it with."""
    limits(client, clerk="500", lead="5000")
    supply = exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    decide = {"bill_ids": [bill.pk], "user": make.user("lea", client, "lead"), "reason": "geprüft", **WHEN}
    return supply, bill, decide


def test_a_product_changed_before_the_release_blocks_it_with_both_prices(client: Principal) -> None:
    _, bill, decide = put_aside(client)
    other = make.product(client, name="Spar Strom")
    make.price(other, date(2025, 1, 1), None, "22.5", "99")
    ContractCondition.objects.update(product=other)
    with pytest.raises(NotAsAgreed) as refused:
        release_bills(**decide)
    expected = (
        "01.01.2025–30.06.2025: abgerechnet 24,80 ct/kWh und 120,00 €/Jahr, vereinbart 22,50 ct/kWh und "
        "99,00 €/Jahr („Spar Strom“)"
    )
    assert expected in str(refused.value)
    assert "01.07.2025–31.12.2025: abgerechnet 26,10 ct/kWh" in str(refused.value)
    bill.refresh_from_db()
    assert (bill.state, bill.number, OpenItem.objects.count()) == ("excepted", None, 0)


def test_an_end_of_supply_entered_before_the_release_blocks_it(client: Principal) -> None:
    _, _, decide = put_aside(client)
    SupplyContract.objects.update(supply=(date(2025, 1, 1), date(2025, 11, 1)))
    with pytest.raises(NotAsAgreed, match=r"01\.11\.2025–31\.12\.2025 gehört nicht zur Lieferung"):
        release_bills(**decide)


def two_years(client: Principal, second_year: str) -> tuple[Bill, Bill]:
    """Bills of 2024 (3,500 kWh) and 2025 of one contract."""
    supply = make.supply(client, date(2024, 1, 1))
    make.price(supply.product, date(2024, 1, 1), None, "30", "120")
    register = make.meter(supply.location)
    for day, value in (("2024-01-01", "0"), ("2025-01-01", "3500"), ("2026-01-01", second_year)):
        read(register, day, value)
    bill_all(client, until=date(2024, 12, 31))
    bill_all(client)
    first, second = Bill.objects.order_by("id")
    return first, second


GAP = r"01\.01\.2024–31\.12\.2024 ist seit Beginn der Lieferung nicht abgerechnet"


def test_a_gap_to_the_bill_before_blocks_the_release(client: Principal) -> None:
    """The bill of 2024 is cancelled while that of 2025 waits."""
    lead = make.user("lea", client, "lead")
    first, second = two_years(client, "12500")
    assert (second.state, [e["rule"] for e in second.exceptions]) == ("excepted", ["deviation"])
    check_fit(client_id=client.pk, bills=[second])
    cancel_bill(bill_id=first.pk, user=lead, reason="falscher Vertrag", **WHEN)
    with pytest.raises(NotAsAgreed, match=GAP):
        release_bills(bill_ids=[second.pk], user=lead, reason="geprüft", **WHEN)


def test_a_correction_behind_a_gap_is_refused_as_a_whole(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    first, second = two_years(client, "7100")
    assert second.state == "released"
    cancel_bill(bill_id=first.pk, user=lead, reason="falscher Vertrag", **WHEN)
    with pytest.raises(NotAsAgreed, match=GAP):
        correct_bill(bill_id=second.pk, user=lead, reason="Zahlendreher", **WHEN)
    second.refresh_from_db()
    assert not second.is_cancelled
