"""Age classes of open items: to the cent, every debt in exactly one of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

import factories as make
from turnus.ledger.services import seed_accounts
from turnus.receivables.models import OpenItem
from turnus.receivables.pictures import ageing_buckets, ageing_picture
from turnus.receivables.services import BillPosting, VatPart, post_bills

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 15)


def test_every_open_debt_stands_in_exactly_one_class() -> None:
    client = make.principal()
    seed_accounts(client_id=client.pk)
    account = make.contract_account(make.customer(client))
    part = VatPart(Decimal(19), Decimal("100.00"), Decimal("19.00"))
    days_late = (-5, 0, 1, 30, 31, 60, 61, 90, 91, 400)
    bills = [
        BillPosting(
            key=str(days),
            subaccount_id=account.pk,
            bill_number=f"R{days}",
            bill_date=date(2025, 1, 1),
            due_date=TODAY - timedelta(days=days),
            division="electricity",
            parts=(part,),
        )
        for days in days_late
    ]
    assert ageing_picture(OpenItem.objects.all(), TODAY) == ""
    post_bills(client_id=client.pk, bills=bills, posting_date=date(2025, 1, 1), user=None, at=make.NOW)
    buckets = ageing_buckets(OpenItem.objects.all(), TODAY)
    assert [bucket.count for bucket in buckets] == [2, 2, 2, 2, 2]
    assert sum(bucket.cents for bucket in buckets) == 10 * 119_00
    assert "über 90 Tage: 238,00 € (2)" in ageing_picture(OpenItem.objects.all(), TODAY)
