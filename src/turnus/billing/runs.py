"""The billing run: due contracts in chunks; each chunk is one transaction from reading to posting."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from turnus.billing.queries import due_contracts
from turnus.billing.services import prepare_bills
from turnus.contracts.models import SupplyContract
from turnus.lib.money import to_cents
from turnus.system import clock
from turnus.system.models import Run, User
from turnus.system.runs import ChunkResult
from turnus.worklist.services import NewCase, open_case

__all__ = ["BILLING"]


class BillingRun:
    """`system.runs.RunKind` of billing. Parameters: see `services.start_billing`."""

    title = "Abrechnung"
    chunk_size = 250

    def population(self, run: Run) -> Iterable[int]:
        """Contracts with a bill due by the run's `until`."""
        return due_contracts(
            client_id=run.client_id,
            until=date.fromisoformat(run.parameters["until"]),
            month=run.parameters.get("month"),
            contract_ids=run.parameters.get("contract_ids"),
        )

    def process(self, run: Run, subjects: list[int]) -> ChunkResult:
        """One chunk: bills, cases, postings; see `services.prepare_bills`."""
        with _collector_at_rest():
            prepared = prepare_bills(
                client_id=run.client_id,
                contract_ids=subjects,
                until=date.fromisoformat(run.parameters["until"]),
                today=date.fromisoformat(run.parameters["today"]),
                run=run,
                user=preparer(run),
                at=moment(),
                documents=bool(run.parameters.get("documents", True)),
            )
        figures = {
            "billed": len(prepared.bill_ids),
            "released": prepared.released,
            "excepted": prepared.excepted,
            "held": prepared.held,
            "not_due": prepared.not_due,
            "gross_cents": to_cents(prepared.gross),
        }
        return ChunkResult(len(subjects), figures=figures)

    def failed(self, run: Run, subject: int, reason: str) -> None:
        """A bug or a broken row: nothing was written for this contract, a person must look."""
        contract = SupplyContract.objects.get(pk=subject)
        new = NewCase(
            kind="billing_failed",
            service="M05",
            key=f"billing-failed-{subject}",
            title=f"Abrechnung gescheitert: Vertrag {contract.number}",
            reason=reason,
            object_kind="contracts.supplycontract",
            object_id=subject,
            object_label=contract.number,
            details={"run": run.pk},
        )
        open_case(client_id=run.client_id, new=new, at=moment())

    def finished(self, run: Run) -> None:
        """Nothing is left to do: every chunk posted and recorded its own bills."""


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A chunk makes some hundred thousand records without cycles, which all live until it is written.

    The collector of cycles would walk over them again and again and find nothing: 8 % of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def preparer(run: Run) -> User | None:
    """Who started the run prepared its bills and may not release them."""
    return run.created_by


def moment() -> datetime:
    """The job's clock: when the chunk is written (a demo stands still on its business date)."""
    return clock.now()


BILLING = BillingRun()
