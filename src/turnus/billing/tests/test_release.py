"""Value limits, release and rejection by somebody else, and what a released bill allows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from billing_world import (
    TODAY,
    YEAR_END,
    bill_all,
    exchange,
    limits,
    pay_instalments,
    read,
    verified,
)
from turnus.billing.models import Bill, Instalment
from turnus.billing.queries import exceptions
from turnus.billing.services import (
    NotReleasable,
    plan_instalments,
    reject_bill,
    release_bills,
    request_due_instalments,
    start_billing,
)
from turnus.billing.services.release import Outdated
from turnus.receivables.models import OpenItem
from turnus.system.models import Principal
from turnus.worklist.services import AlreadyDecided, FourEyesViolation

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


def test_only_another_lead_releases_what_lies_above_the_limit(client: Principal) -> None:
    limits(client, clerk="500", lead="5000")
    preparer = make.user("paula", client, "lead")
    clerk, lead = make.user("karl", client), make.user("lea", client, "lead")
    exchange(client)
    run = bill_all(client, user=preparer)
    assert run.result["excepted"] == 1
    (bill,) = exceptions([client.pk])
    assert [e["rule"] for e in bill.exceptions] == ["net_limit", "gross_limit"]
    assert (bill.number, OpenItem.objects.count()) == (None, 0)
    decide = {"bill_ids": [bill.pk], "at": make.NOW, "today": TODAY, "documents": False}
    with pytest.raises(FourEyesViolation):
        release_bills(user=preparer, reason="passt", **decide)
    with pytest.raises(NotReleasable, match="Wertgrenze"):
        release_bills(user=clerk, reason="passt", **decide)
    with pytest.raises(ValueError, match="Begründung"):
        release_bills(user=lead, reason=" ", **decide)
    (released,) = release_bills(user=lead, reason="Zählerwechsel geprüft", **decide)
    assert released.number == "R00000001"
    assert (released.decided_by, released.decision_reason) == (lead, "Zählerwechsel geprüft")
    assert OpenItem.objects.get().amount_cents == 120928
    with pytest.raises(AlreadyDecided):
        release_bills(user=lead, reason="noch einmal", **decide)
    assert verified(client)


def test_deviation_puts_aside_with_its_figures_and_rejection_frees_the_period(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client, annual_forecast_kwh=2000)
    bill_all(client)
    (bill,) = exceptions([client.pk])
    assert bill.exceptions[0]["rule"] == "deviation"
    assert "75,0 %" in bill.exceptions[0]["value"]
    reject_bill(bill_id=bill.pk, user=lead, at=make.NOW, reason="Stand wird nachgefragt")
    bill.refresh_from_db()
    assert (bill.state, bill.decided_by, OpenItem.objects.count()) == ("rejected", lead, 0)
    again = start_billing(
        client_id=client.pk, until=YEAR_END, today=date(2026, 1, 20), user=None, at=make.NOW, documents=False
    )
    assert again.total == 1


def test_an_estimated_reading_is_put_aside(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "30", "120")
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2026-01-01", "3500", quality="estimate", origin="estimate")
    bill_all(client)
    bill = Bill.objects.get()
    assert bill.is_estimated
    assert [e["rule"] for e in bill.exceptions] == ["estimated"]


def test_a_payment_between_calculation_and_release_is_not_lost(client: Principal) -> None:
    limits(client, clerk="500", lead="5000")
    lead = make.user("lea", client, "lead")
    supply = exchange(client)
    plan_instalments(
        client_id=client.pk, contract_ids=[supply.contract.pk], since=date(2025, 1, 1), user=None, at=make.NOW
    )
    request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW)
    bill_all(client)
    (bill,) = exceptions([client.pk])
    pay_instalments(client, supply.account.pk)
    with pytest.raises(Outdated, match="neu abrechnen"):
        release_bills(
            bill_ids=[bill.pk], user=lead, at=make.NOW, today=TODAY, reason="passt", documents=False
        )
    reject_bill(bill_id=bill.pk, user=lead, at=make.NOW, reason="Abschläge eingegangen")
    assert Instalment.objects.filter(state="requested").count() == 11


def test_a_released_bill_cannot_be_changed_or_deleted(client: Principal) -> None:
    from django.db import DatabaseError, transaction

    exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    for change in ({"gross": Decimal(1), "balance": Decimal(1)}, {"number": "R99999999"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Bill.objects.filter(pk=bill.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        bill.lines.update(net=Decimal(0))
    with pytest.raises(DatabaseError), transaction.atomic():
        Bill.objects.filter(pk=bill.pk).delete()
