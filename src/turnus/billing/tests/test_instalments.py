"""Instalments from the plan to the balance of the bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from billing_world import (
    TODAY,
    YEAR_END,
    better_reading,
    bill_all,
    exchange,
    pay_instalments,
    read,
    verified,
)
from turnus.billing.models import Bill, Instalment, InstalmentPlan
from turnus.billing.services import (
    adjust_instalments,
    correct_bill,
    plan_instalments,
    request_due_instalments,
)
from turnus.ledger.queries import balances
from turnus.receivables.models import OpenItem
from turnus.system.models import Principal

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


def test_instalments_from_plan_to_final_balance(client: Principal) -> None:
    """3,500 kWh at the price of July 2025: 1,244.15 € a year, eleven times 113.10 €."""
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "26.10", "132.00")
    left = plan_instalments(
        client_id=client.pk, contract_ids=[supply.contract.pk], since=date(2025, 1, 1), user=None, at=make.NOW
    )
    plan = InstalmentPlan.objects.get()
    assert (left, str(plan.gross), plan.count) == ([], "113.10", 11)
    assert plan.working["expected_gross"] == "1244.15"
    for _ in range(2):
        request_due_instalments(client_id=client.pk, until=date(2025, 12, 31), user=None, at=make.NOW)
    assert Instalment.objects.filter(state="requested").count() == 11
    requested = OpenItem.objects.filter(kind="instalment")
    assert (requested.count(), sum(i.amount_cents for i in requested)) == (11, 124410)
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2026-01-01", "3500")
    bill_all(client)
    bill = Bill.objects.get()
    # Nothing was paid: nothing is credited, and the unpaid requests lapse into the bill.
    assert (str(bill.gross), str(bill.instalments), str(bill.balance)) == ("1244.15", "0.00", "1244.15")
    assert Instalment.objects.filter(state="lapsed", bill=bill).count() == 11
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == 124415


def test_received_instalments_are_credited_with_their_vat(client: Principal) -> None:
    """Eleven times 98.00 € received: 905.85 net and 172.15 VAT; balance 131.28 €, corrected 125.96 €."""
    lead = make.user("lea", client, "lead")
    supply = exchange(client)
    plan = InstalmentPlan.objects.create(
        client=client,
        contract=supply.contract,
        valid=(date(2025, 1, 1), date(2026, 1, 1)),
        gross=Decimal(98),
        count=11,
        vat_percent=Decimal(19),
        reason="Vertragsbeginn",
        working={"expected_gross": "1078.00"},
        created_at=make.NOW,
    )
    for month in range(2, 13):
        Instalment.objects.create(
            client=client,
            plan=plan,
            contract=supply.contract,
            key=f"T{month}",
            due_date=date(2025, month, 15),
            gross=plan.gross,
            vat_percent=plan.vat_percent,
        )
    request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW)
    pay_instalments(client, supply.account.pk)
    bill_all(client)
    bill = Bill.objects.get()
    assert (str(bill.instalments), str(bill.balance)) == ("1078.00", "131.28")
    assert bill.instalments_vat == [{"percent": "19", "net": "905.85", "vat": "172.15"}]
    assert balances(client_id=client.pk)["1718"] == 0
    assert OpenItem.objects.get(pk=bill.open_item_id).open_cents == 13128
    better_reading(13742, 13724)
    _, new = correct_bill(
        bill_id=bill.pk, user=lead, at=make.NOW, today=TODAY, reason="Zahlendreher", documents=False
    )
    assert (str(new.gross), str(new.instalments), str(new.balance)) == ("1203.96", "1078.00", "125.96")
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == 12596
    assert verified(client)


def test_a_final_bill_ends_the_instalments(client: Principal) -> None:
    supply = make.supply(client, until=date(2025, 9, 1))
    make.price(supply.product, date(2025, 1, 1), None, "26.10", "132.00")
    ids = [supply.contract.pk]
    plan_instalments(client_id=client.pk, contract_ids=ids, since=date(2025, 1, 1), user=None, at=make.NOW)
    assert Instalment.objects.latest("due_date").due_date == date(2025, 8, 15)
    request_due_instalments(client_id=client.pk, until=date(2025, 6, 30), user=None, at=make.NOW)
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2025-09-01", "2300")
    bill_all(client)
    assert Bill.objects.get().kind == "final"
    states = list(Instalment.objects.order_by("due_date").values_list("state", flat=True))
    assert states == ["lapsed"] * 5 + ["cancelled"] * 2
    assert request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW) == 0


def test_twelve_instalments(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "26.10", "132.00")
    plan_instalments(
        client_id=client.pk,
        contract_ids=[supply.contract.pk],
        since=date(2025, 1, 1),
        user=None,
        at=make.NOW,
        count=12,
    )
    assert str(InstalmentPlan.objects.get().gross) == "103.68"


def test_a_new_plan_replaces_what_was_not_requested(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), date(2025, 7, 1), "26.10", "132.00")
    make.price(supply.product, date(2025, 7, 1), None, "30.00", "132.00")
    ids = [supply.contract.pk]
    for since in (date(2025, 1, 1), date(2025, 7, 1)):
        plan_instalments(client_id=client.pk, contract_ids=ids, since=since, user=None, at=make.NOW)
        request_due_instalments(client_id=client.pk, until=date(2025, 6, 30), user=None, at=make.NOW)
    states = [i.state for i in Instalment.objects.order_by("plan_id", "due_date")]
    assert states == ["requested"] * 5 + ["cancelled"] * 6 + ["planned"] * 11
    assert InstalmentPlan.objects.latest("id").gross > InstalmentPlan.objects.earliest("id").gross


def test_a_plan_is_adjusted_after_a_bill_only_where_one_ran(client: Principal) -> None:
    supply = exchange(client)
    ids = [supply.contract.pk]
    assert (
        adjust_instalments(client_id=client.pk, contract_ids=ids, since=TODAY, user=None, at=make.NOW) == []
    )
    assert not InstalmentPlan.objects.exists()
    plan_instalments(client_id=client.pk, contract_ids=ids, since=date(2025, 1, 1), user=None, at=make.NOW)
    bill_all(client)
    new = InstalmentPlan.objects.latest("id")
    assert (new.valid.lower, new.reason) == (TODAY, "nach Abrechnung angepasst")
    assert str(new.gross) == "113.05"  # 3,498 kWh: the twelve months from 15 January weigh a little less
