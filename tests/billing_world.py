"""A principal with contracts ready to be billed, for tests of billing through the database."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import factories as make
from turnus.billing.checks import check_bills, check_bills_posted
from turnus.billing.services import (
    start_billing,
)
from turnus.clients.models import ApprovalThreshold
from turnus.ledger.services import account_table
from turnus.metering.models import MeterReading
from turnus.receivables.models import OpenItem
from turnus.receivables.services.batch import PostingBatch
from turnus.receivables.services.settlement import Payment, post_payment
from turnus.system import runs
from turnus.system.models import Principal, Run

YEAR_END = date(2025, 12, 31)
TODAY = date(2026, 1, 15)


def read(register: Any, day: str, value: str, quality: str = "true", origin: str = "grid") -> None:
    MeterReading.objects.create(
        client_id=register.client_id,
        register=register,
        date=date.fromisoformat(day),
        value=Decimal(value),
        origin=origin,
        quality=quality,
        taken_at=make.NOW,
        document_at=make.NOW,
    )


def better_reading(old: int, new: int, at: datetime = make.NOW) -> None:
    """A second version of a reading: the first stays, but counts no longer."""
    reading = MeterReading.objects.get(value=Decimal(old))
    MeterReading.objects.filter(pk=reading.pk).update(is_current=False)
    reading.pk, reading.value, reading.version, reading.taken_at = None, Decimal(new), 2, at
    reading.save(force_insert=True)


def exchange(client: Principal, removed: str = "13742", **location: Any) -> make.Supply:
    """The example of docs/algorithms/billing.md: exchange on 15 May, price change on 1 July 2025."""
    supply = make.supply(client, **location)
    make.price(supply.product, date(2025, 1, 1), date(2025, 7, 1), "24.80", "120.00")
    make.price(supply.product, date(2025, 7, 1), None, "26.10", "132.00")
    old = make.meter(supply.location, until=date(2025, 5, 15))
    new = make.meter(supply.location, since=date(2025, 5, 15))
    read(old, "2025-01-01", "12345")
    read(old, "2025-05-15", removed)
    read(new, "2025-05-15", "3")
    read(new, "2026-01-01", "2106")
    return supply


def bill_all(client: Principal, until: date = YEAR_END, user: Any = None, **more: Any) -> Run:
    run = start_billing(
        client_id=client.pk, until=until, today=TODAY, user=user, at=make.NOW, documents=False, **more
    )
    runs.execute(run)
    run.refresh_from_db()
    return run


def verified(client: Principal) -> bool:
    return not check_bills(client_id=client.pk)[1] and not check_bills_posted(client_id=client.pk)[1]


def limits(client: Principal, **amounts: str) -> None:
    for kind in ("bill_net", "bill_gross"):
        for role, amount in amounts.items():
            ApprovalThreshold.objects.create(client=client, kind=kind, role=role, amount=Decimal(amount))


def pay_instalments(client: Principal, account: int) -> None:
    """Every open request of the account is received in full."""
    items = list(OpenItem.objects.filter(subaccount_id=account, kind="instalment").order_by("id"))
    batch = PostingBatch(client.pk, None, make.NOW)
    for item in items:
        lines = ((item.pk, item.open_cents),)
        payment = Payment(f"p{item.pk}", "bank", account, item.open_cents, lines, TODAY, TODAY, "x", "x")
        post_payment(batch, account_table(client_id=client.pk), payment, {item.pk: item})
    batch.flush()
