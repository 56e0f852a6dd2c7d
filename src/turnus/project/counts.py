"""How much work waits in an area. Bounded counts on indexed columns: they run on every page."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from turnus.billing.models import Bill
from turnus.receivables.models import StatementEntry
from turnus.system.models import User
from turnus.worklist.models import Approval, Case

BOUND = 100


def bounded(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:BOUND].count()


def open_cases(user: User) -> int:
    return bounded(Case.objects.exclude(state=Case.State.DONE))


def open_approvals(user: User) -> int:
    return bounded(Approval.objects.filter(state=Approval.State.OPEN).exclude(proposed_by=user))


def exceptions(user: User) -> int:
    return bounded(Bill.objects.filter(state=Bill.State.EXCEPTED))


def suspense(user: User) -> int:
    return bounded(StatementEntry.objects.filter(state=StatementEntry.State.SUSPENSE))


COUNTS: dict[str, Callable[[User], int]] = {
    "cases": open_cases,
    "approvals": open_approvals,
    "exceptions": exceptions,
    "suspense": suspense,
}
