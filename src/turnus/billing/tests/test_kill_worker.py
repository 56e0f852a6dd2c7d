"""A worker that is killed in the middle of a run: nothing is lost, nothing is billed twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

import factories as make
from turnus.billing.checks import check_bills, check_bills_posted
from turnus.billing.models import Bill
from turnus.billing.runs import BILLING
from turnus.billing.services import start_billing
from turnus.contracts.models import SupplyContract
from turnus.ledger.checks import check_journals
from turnus.metering.models import MeterReading
from turnus.receivables.models import OpenItem
from turnus.system import runs
from turnus.system.isolation import allowed
from turnus.system.models import Run, RunChunk

CONTRACTS = 60


def contracts() -> int:
    """Contracts with readings for 2025; returns the principal's id."""
    client = make.billing_principal()
    product = make.product(client)
    make.price(product, date(2025, 1, 1), None, "30", "120")
    for n in range(CONTRACTS):
        supply = make.supply(client, of=product)
        register = make.meter(supply.location)
        for day, value in ((date(2025, 1, 1), n), (date(2026, 1, 1), n + 3500)):
            MeterReading.objects.create(
                client=client,
                register=register,
                date=day,
                value=Decimal(value),
                origin="grid",
                quality="true",
                taken_at=make.NOW,
                document_at=make.NOW,
            )
    return client.pk


def kill_after_first_chunk(run: Run) -> int:
    """Let a process of its own work on the run and kill it without warning. Returns chunks left open."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "turnus.cli.main", "work-run", str(run.client_id), str(run.pk)],
        env=os.environ.copy(),
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and worker.poll() is None:
        if RunChunk.objects.filter(run=run, state="done").exists():
            break
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    return RunChunk.objects.filter(run=run, state="pending").count()


@pytest.mark.usefixtures("committed_db")
def test_kill_and_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BILLING, "chunk_size", 2)
    client_id = contracts()
    with allowed(client_id):
        run = start_billing(
            client_id=client_id,
            until=date(2025, 12, 31),
            today=date(2026, 1, 15),
            user=None,
            at=make.NOW,
            documents=False,
        )
        left = kill_after_first_chunk(run)
        assert 0 < left < CONTRACTS / 2
        runs.execute(run)
        run.refresh_from_db()
        assert (run.state, run.result["billed"]) == ("done", CONTRACTS)
        per_contract = Counter(Bill.objects.values_list("contract_id", flat=True))
        assert per_contract == Counter(SupplyContract.objects.values_list("id", flat=True))
        numbers = sorted(Bill.objects.values_list("number", flat=True))
        assert numbers == [f"R{n:08d}" for n in range(1, CONTRACTS + 1)]
        assert OpenItem.objects.count() == CONTRACTS
        for check in (check_bills, check_bills_posted, check_journals):
            looked_at, findings = check(client_id=client_id)
            assert looked_at >= CONTRACTS
            assert findings == []
