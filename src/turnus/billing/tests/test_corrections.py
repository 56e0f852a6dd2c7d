"""Cancellation, correction, and bills that newer values would change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import factories as make
from billing_world import (
    TODAY,
    YEAR_END,
    better_reading,
    bill_all,
    exchange,
    limits,
    verified,
)
from turnus.billing.models import Bill
from turnus.billing.services import (
    cancel_bill,
    check_rebills,
    correct_bill,
    release_bills,
    start_billing,
)
from turnus.billing.services.correction import NotCancellable
from turnus.receivables.models import OpenItem
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import FourEyesViolation, run_action

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


def test_correction_mirrors_and_bills_again(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    supply = exchange(client)
    bill_all(client)
    old = Bill.objects.get()
    better_reading(13742, 13724)
    cancellation, new = correct_bill(
        bill_id=old.pk, user=lead, at=make.NOW, today=TODAY, reason="Zahlendreher", documents=False
    )
    assert (str(cancellation.gross), str(new.gross)) == ("-1209.28", "1203.96")
    assert [c.net for c in cancellation.lines.all()] == [-line.net for line in old.lines.all()]
    assert (new.corrects, new.decision_reason) == (old, "Zahlendreher")
    assert [b.number for b in (old, cancellation, new)] == ["R00000001", "R00000002", "R00000003"]
    owed = OpenItem.objects.filter(subaccount=supply.account.pk)
    assert sum(item.side * item.open_cents for item in owed) == 120396
    assert verified(client)


def test_a_cancelled_bill_frees_its_period_and_cannot_be_cancelled_twice(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    how = {"user": lead, "at": make.NOW, "today": TODAY, "documents": False}
    cancellation = cancel_bill(bill_id=bill.pk, reason="falscher Vertrag", **how)
    assert (cancellation.kind, cancellation.balance) == ("cancellation", -bill.balance)
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == 0
    for again in (bill.pk, cancellation.pk):
        with pytest.raises(NotCancellable, match="storniert"):
            cancel_bill(bill_id=again, reason="noch einmal", **how)
    later = start_billing(
        client_id=client.pk, until=YEAR_END, today=date(2026, 1, 20), user=None, at=make.NOW, documents=False
    )
    assert later.total == 1
    assert verified(client)


def test_a_better_reading_after_the_bill_opens_a_rebill_check(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client)
    bill_all(client)
    old = Bill.objects.get()
    look = {"client_id": client.pk, "since": make.NOW, "today": TODAY, "at": make.NOW}
    assert check_rebills(**look) == []
    better_reading(13742, 13724, at=old.prepared_at + timedelta(days=3))
    (rebill,) = check_rebills(**look)
    assert str(rebill.gross) == "1203.96"
    case = Case.objects.get(kind="rebill_check")
    assert "13742 → 13724" in case.reason.replace(".0000", "")
    outcome = run_action(case=case, name="correct", user=lead, at=make.NOW, form={})
    assert "R00000003" in outcome
    assert check_rebills(**look) == []
    assert verified(client)


def test_verify_finds_a_line_that_was_tampered_with(client: Principal) -> None:
    from django.db import connections

    exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    assert connections["default"].vendor == "postgresql"
    bill.lines.all()  # lines are append-only, so the stored input is what a vandal could forge in a copy
    bill.input["prices"][0]["energy_ct_per_kwh"] = "24.90"
    from turnus.billing.checks import _fault

    assert "weichen" in _fault(bill, list(bill.lines.order_by("position")))


def test_a_correction_above_the_limits_waits_for_a_second_person(client: Principal) -> None:
    """M09: the old bill lies within the limits, the new one does not; nobody releases it alone."""
    lea, lars = make.user("lea", client, "lead"), make.user("lars", client, "lead")
    limits(client, clerk="1250", lead="5000")
    exchange(client)
    bill_all(client)
    old = Bill.objects.get()
    assert old.state == Bill.State.RELEASED
    better_reading(13742, 14742)
    how = {"at": make.NOW, "today": TODAY, "documents": False}
    _, new = correct_bill(bill_id=old.pk, user=lea, reason="Ziffer vergessen", **how)
    assert (new.state, new.number) == (Bill.State.EXCEPTED, None)
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == 0, "nothing of it is posted yet"
    with pytest.raises(FourEyesViolation):
        release_bills(bill_ids=[new.pk], user=lea, reason="meine", **how)
    release_bills(bill_ids=[new.pk], user=lars, reason="geprüft", **how)
    new.refresh_from_db()
    assert new.state == Bill.State.RELEASED
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == new.balance * 100
    assert verified(client)
