"""Real threads against the real database: a payment while a bill is made is in the bill or after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

import factories as make
from billing_world import TODAY, YEAR_END, exchange, pay_instalments, verified
from turnus.billing.models import Bill
from turnus.billing.services import (
    plan_instalments,
    prepare_bills,
    request_due_instalments,
    start_billing,
    store,
)
from turnus.ledger.models import PostingPeriod
from turnus.ledger.services import open_periods
from turnus.receivables import checks
from turnus.receivables.models import OpenItem
from turnus.system.isolation import allow
from turnus.system.models import Principal

WORKERS = 8


def supplies(client: Principal, count: int) -> list[make.Supply]:
    """Contracts whose eleven instalments of 2025 are requested and not paid."""
    made = [exchange(client) for _ in range(count)]
    plan_instalments(
        client_id=client.pk,
        contract_ids=[supply.contract.pk for supply in made],
        since=date(2025, 1, 1),
        user=None,
        at=make.NOW,
    )
    request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW)
    # As `start_billing` does: whoever posts first in a month makes all others wait.
    open_periods(client_id=client.pk, months={f"{TODAY:%Y-%m}"})
    return made


def bill(client: Principal, contract_ids: list[int]) -> None:
    prepare_bills(
        client_id=client.pk, contract_ids=contract_ids, until=YEAR_END, today=TODAY,
        run=None, user=None, at=make.NOW, documents=False,
    )  # fmt: skip


class Threads:
    """Threads with a connection of their own; `join` raises what one of them raised."""

    def __init__(self, client: Principal) -> None:
        self._client = client
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def start(self, work: Callable[..., None], *arguments: Any) -> None:
        def run() -> None:
            try:
                allow([self._client.pk])
                work(*arguments)
            except BaseException as error:
                self._errors.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=120)
            assert not thread.is_alive(), "two threads wait for each other"
        if self._errors:
            raise self._errors[0]


def until_somebody_waits() -> None:
    """Look until a connection of this database waits for a lock of another one."""
    for _ in range(100_000):
        with connection.cursor() as cursor:
            # Inside a transaction the first look is remembered otherwise.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits: the requests are not locked")


def received(supply: make.Supply) -> Decimal:
    items = OpenItem.objects.filter(subaccount=supply.account.pk, kind="payment")
    return Decimal(sum(item.amount_cents for item in items)) / 100


def test_a_payment_in_flight_is_in_the_bill(committed_db: str) -> None:
    client = make.billing_principal()
    (supply,) = supplies(client, 1)
    threads = Threads(client)
    with transaction.atomic():
        pay_instalments(client, supply.account.pk)
        threads.start(bill, client, [supply.contract.pk])
        until_somebody_waits()
    threads.join()
    made = Bill.objects.get()
    assert (made.state, made.instalments) == ("released", received(supply))
    assert made.instalments > 1000
    assert verified(client)


def test_a_payment_during_the_calculation_waits_for_the_posting(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request has lapsed into the bill when the payment gets its turn, so it is not paid again."""
    client = make.billing_principal()
    (supply,) = supplies(client, 1)
    threads = Threads(client)
    outcome: list[str] = []

    def pay() -> None:
        try:
            with transaction.atomic():
                pay_instalments(client, supply.account.pk)
        except Exception as error:
            outcome.append(str(error))

    write = store.write

    def write_late(**arguments: Any) -> list[int]:
        threads.start(pay)
        until_somebody_waits()
        return write(**arguments)

    monkeypatch.setattr(store, "write", write_late)
    bill(client, [supply.contract.pk])
    threads.join()
    made = Bill.objects.get()
    assert (made.state, made.instalments, received(supply)) == ("released", 0, 0)
    assert "open_item_never_over_cleared" in outcome[0]
    assert not OpenItem.objects.filter(kind="instalment", open_cents__gt=0).exists()
    assert verified(client)


def test_a_run_opens_its_month_before_its_workers_post(committed_db: str) -> None:
    client = make.billing_principal()
    start_billing(client_id=client.pk, until=YEAR_END, today=TODAY, user=None, at=make.NOW)
    assert PostingPeriod.objects.filter(client=client, month="2026-01").exists()


def test_eight_workers_and_a_bank_import_never_wait_for_each_other(committed_db: str) -> None:
    """The import locks items in several steps and against the order of the workers, as a real one may."""
    client = make.billing_principal()
    made = supplies(client, 2 * WORKERS)
    threads = Threads(client)
    barrier = threading.Barrier(WORKERS + 1)

    def work(mine: list[make.Supply]) -> None:
        barrier.wait(timeout=60)
        bill(client, [supply.contract.pk for supply in mine])

    def pay() -> None:
        barrier.wait(timeout=60)
        with transaction.atomic():
            for supply in reversed(made):
                pay_instalments_left(client, supply)

    for number in range(WORKERS):
        threads.start(work, [made[number], made[-1 - number]])
    threads.start(pay)
    threads.join()
    bills = {bill.contract_id: bill for bill in Bill.objects.all()}
    assert len(bills) == len(made)
    for supply in made:
        assert bills[supply.contract.pk].instalments == received(supply), (
            "paid before the bill, or not at all"
        )
    assert not OpenItem.objects.filter(kind="instalment", open_cents__gt=0).exists()
    for check in (checks.check_open_items, checks.check_clearings):
        assert check(client_id=client.pk)[1] == []
    assert verified(client)


def pay_instalments_left(client: Principal, supply: make.Supply) -> None:
    """Lock, look and pay what is still open, as the posting of bank entries does."""
    items = OpenItem.objects.select_for_update().filter(subaccount=supply.account.pk, kind="instalment")
    if any(item.open_cents for item in items.order_by("-id")):
        pay_instalments(client, supply.account.pk)
