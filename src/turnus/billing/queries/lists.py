"""What the screens show: bills put aside, one bill with everything around it, plans of a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet

from turnus.billing.models import Bill, BillLine, Instalment, InstalmentPlan
from turnus.billing.queries.population import due_contracts
from turnus.documents.models import Document

__all__ = ["BillDetail", "bill_detail", "bills_of_contract", "deadline_breaches", "exceptions", "open_plans"]


@dataclass(frozen=True, slots=True)
class BillDetail:
    """A bill with its lines, its corrections, its letter and the instalments it settled."""

    bill: Bill
    lines: list[BillLine]
    corrections: list[Bill]
    document: Document | None
    instalments: list[Instalment]


def bills(client_ids: Sequence[int]) -> QuerySet[Bill]:
    """All bills with customer and location, newest first."""
    return (
        Bill.objects.filter(client_id__in=client_ids)
        .select_related(
            "client",
            "contract__customer",
            "contract__market_location",
            "prepared_by",
            "decided_by",
            "run",
        )
        .order_by("-id")
    )


def exceptions(client_ids: Sequence[int]) -> QuerySet[Bill]:
    """Bills that wait for release (Aussteuerung), oldest first; `bill.exceptions` says why."""
    return bills(client_ids).filter(state=Bill.State.EXCEPTED).order_by("id")


def deadline_breaches(client_id: int, today: date) -> tuple[QuerySet[Bill], list[int]]:
    """What should be out by now, six weeks after its period (§ 40c(2) EnWG).

    Returns bills that still wait for release, and ids of contracts that are not billed at all.
    """
    limit = today - timedelta(days=42)
    waiting = exceptions([client_id]).filter(period__endswith__lte=limit)
    return waiting, list(due_contracts(client_id=client_id, until=limit - timedelta(days=1)))


def bills_of_contract(contract_id: int) -> QuerySet[Bill]:
    """Bills of one contract, newest period first."""
    return Bill.objects.filter(contract_id=contract_id).order_by("-period", "-id")


def bill_detail(bill_id: int) -> BillDetail:
    """Everything one page shows. Raises Bill.DoesNotExist."""
    bill = (
        Bill.objects.select_related(
            "client",
            "contract__customer",
            "contract__contract_account",
            "contract__market_location__address",
            "prepared_by",
            "decided_by",
            "corrects",
            "run",
        )
        .prefetch_related(Prefetch("lines", BillLine.objects.order_by("position")))
        .get(id=bill_id)
    )
    letter = (
        Document.objects.filter(
            client_id=bill.client_id, object_kind="billing.bill", object_id=bill.pk, kind="bill"
        )
        .defer("data")
        .first()
    )
    return BillDetail(
        bill=bill,
        lines=list(bill.lines.all()),
        corrections=list(bill.corrections.order_by("id")),
        document=letter,
        instalments=list(bill.settled_instalments.order_by("due_date")),
    )


def open_plans(contract_id: int) -> QuerySet[InstalmentPlan]:
    """Instalment plans of a contract with their instalments, newest first."""
    return (
        InstalmentPlan.objects.filter(contract_id=contract_id)
        .prefetch_related("instalments")
        .order_by("-valid")
    )
