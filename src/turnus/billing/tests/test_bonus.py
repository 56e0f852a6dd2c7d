"""A bonus through the database: what was overdue, dunned and open on the due event, not what is today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import factories as make
from billing_world import bill_all, exchange, verified
from turnus.billing.models import Bill
from turnus.ledger.services import account_table
from turnus.receivables.models import DunningBlock, OpenItem
from turnus.receivables.services import (
    BillPosting,
    VatPart,
    cancel_dunning,
    post_bills,
    propose_dunning,
    release_dunning,
)
from turnus.receivables.services.batch import PostingBatch
from turnus.receivables.services.settlement import Payment, post_payment
from turnus.system.models import Principal

pytestmark = pytest.mark.django_db

OVERDUE, DUNNED, EVENT = date(2025, 11, 20), date(2025, 12, 10), date(2026, 1, 1)


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


def promised(client: Principal) -> make.Supply:
    """The example contract with 100 € gross after twelve months: due on 1 January 2026."""
    supply = exchange(client)
    supply.product.bonus_gross = Decimal(100)
    supply.product.save()
    return supply


def owed(client: Principal, supply: make.Supply) -> OpenItem:
    """Another bill of the account, overdue since November."""
    part = VatPart(Decimal(19), Decimal("100.00"), Decimal("19.00"))
    day = date(2025, 11, 1)
    posting = BillPosting("X1", supply.account.pk, "R-ALT", day, OVERDUE, "electricity", (part,))
    made = post_bills(client_id=client.pk, bills=[posting], posting_date=day, user=None, at=make.NOW)
    return OpenItem.objects.get(pk=made["X1"])


def dun(client: Principal, on: date = DUNNED) -> int:
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    run = propose_dunning(client_id=client.pk, on=on, user=None, at=at)
    release_dunning(run_id=run.pk, user=make.user(f"lea{on:%m%d}", client, "lead"), at=at)
    return run.pk


def pay(client: Principal, item: OpenItem, on: date) -> None:
    batch = PostingBatch(client.pk, None, make.NOW)
    lines = ((item.pk, item.open_cents),)
    payment = Payment("p1", "bank", item.subaccount_id, item.open_cents, lines, on, on, "x", "x")
    post_payment(batch, account_table(client_id=client.pk), payment, {item.pk: item})
    batch.flush()


def billed(client: Principal) -> tuple[str, dict[str, Any]]:
    """Gross of the bill and the entry of the bonus in its check log."""
    bill_all(client)
    bill = Bill.objects.get()
    assert verified(client)
    return str(bill.gross), next(check for check in bill.checks if check["check"] == "bonus")


# 1,209.28 less 100.00: the VAT of the bonus is part of the sum.
GIVEN, WITHOUT = "1109.28", "1209.28"


def test_given_without_default(client: Principal) -> None:
    promised(client)
    gross, entry = billed(client)
    assert (gross, entry["ok"]) == (GIVEN, True)
    assert "kein Zahlungsverzug" in entry["text"]


def test_not_given_while_a_dunned_item_is_open(client: Principal) -> None:
    owed(client, promised(client))
    dun(client)
    gross, entry = billed(client)
    assert (gross, entry["ok"]) == (WITHOUT, False)
    assert "am 01.01.2026 in Verzug mit R-ALT, fällig 20.11.2025, angemahnt, offen 119,00 €" in entry["text"]
    assert not Bill.objects.get().lines.filter(kind="bonus").exists()


@pytest.mark.parametrize(
    ("paid", "gross"),
    [(EVENT - timedelta(days=1), GIVEN), (EVENT, GIVEN), (EVENT + timedelta(days=1), WITHOUT)],
)
def test_the_day_of_the_event_counts_not_the_day_of_the_bill(
    client: Principal, paid: date, gross: str
) -> None:
    item = owed(client, promised(client))
    dun(client)
    item.refresh_from_db()
    pay(client, item, paid)
    assert billed(client)[0] == gross


def test_overdue_without_reminder_is_no_default(client: Principal) -> None:
    owed(client, promised(client))
    assert billed(client)[0] == GIVEN


def test_dunned_after_the_event_is_no_default_then(client: Principal) -> None:
    owed(client, promised(client))
    dun(client, date(2026, 1, 5))
    assert billed(client)[0] == GIVEN


def test_a_reminder_taken_back_was_none(client: Principal) -> None:
    owed(client, promised(client))
    run_id = dun(client)
    user = make.user("otto", client, "lead")
    cancel_dunning(run_id=run_id, user=user, at=make.NOW)
    assert billed(client)[0] == GIVEN


def test_an_objection_to_the_item_is_no_default(client: Principal) -> None:
    item = owed(client, promised(client))
    dun(client)
    DunningBlock.objects.create(
        client=client, subaccount_id=item.subaccount_id, open_item=item, reason="objection",
        since=date(2025, 12, 15), created_at=make.NOW,
    )  # fmt: skip
    assert billed(client)[0] == GIVEN


def test_the_default_of_another_account_does_not_matter(client: Principal) -> None:
    promised(client)
    owed(client, make.supply(client, date(2026, 6, 1)))
    dun(client)
    assert billed(client)[0] == GIVEN
