"""Real threads against the real database: an item is never over-cleared."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import DatabaseError, connection

import factories as make
from turnus.ledger.models import Subaccount
from turnus.ledger.services import account_table, seed_accounts
from turnus.receivables import checks, services
from turnus.receivables.models import Clearing, OpenItem
from turnus.receivables.services import BillPosting, VatPart
from turnus.receivables.services.batch import PostingBatch
from turnus.receivables.services.settlement import Payment, post_payment
from turnus.system.isolation import allow

NOW = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 9)
THREADS, TRIES, PART = 8, 10, 500


def test_eight_threads_clearing_one_item_never_over_clear_it(committed_db: str) -> None:
    client = make.principal("stadtwerk-a")
    seed_accounts(client_id=client.pk)
    sub = Subaccount.objects.create(client=client, number="00000001").pk
    part = VatPart(Decimal(0), Decimal("50.00"), Decimal("0.00"))
    bill = BillPosting("1", sub, "R1", DAY, DAY, "electricity", (part,))
    made = services.post_bills(client_id=client.pk, bills=[bill], posting_date=DAY, user=None, at=NOW)
    item_id = made["1"]
    accounts = account_table(client_id=client.pk)
    barrier = threading.Barrier(THREADS)
    outcomes: list[str] = []

    def work(number: int) -> None:
        try:
            allow([client.pk])
            item = OpenItem.objects.get(pk=item_id)
            barrier.wait(timeout=60)
            for attempt in range(TRIES):
                key = f"{number}:{attempt}"
                batch = PostingBatch(client.pk, None, NOW)
                payment = Payment(key, "bank", sub, PART, ((item_id, PART),), DAY, DAY, key, "Test")
                post_payment(batch, accounts, payment, {item_id: item})
                try:
                    _in_one_transaction(batch)
                    outcomes.append("cleared")
                except DatabaseError as error:
                    assert "open_item_never_over_cleared" in str(error), error
                    outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (outcomes.count("cleared"), outcomes.count("refused")) == (10, THREADS * TRIES - 10)
    assert OpenItem.objects.get(pk=item_id).open_cents == 0
    assert Clearing.objects.count() == 10
    assert OpenItem.objects.filter(kind="payment").count() == 10, (
        "a refused clearing leaves no payment behind"
    )
    for check in (checks.check_open_items, checks.check_clearings):
        assert check(client_id=client.pk)[1] == []


def _in_one_transaction(batch: PostingBatch) -> None:
    from django.db import transaction

    with transaction.atomic():
        batch.flush()
