"""Open items by age, as figures and as a picture."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Aggregate, Count, F, Q, QuerySet, Sum

from turnus.receivables.models import OpenItem
from turnus.ui import charts
from turnus.ui.charts.parts import Bucket

# Label and first and last day overdue; None: without end.
CLASSES: tuple[tuple[str, int | None, int | None], ...] = (
    ("nicht fällig", None, 0),
    ("1–30 Tage", 1, 30),
    ("31–60 Tage", 31, 60),
    ("61–90 Tage", 61, 90),
    ("über 90 Tage", 91, None),
)


def _overdue(today: date, first: int | None, last: int | None) -> Q:
    """Days overdue as a condition on the due date."""
    condition = Q()
    if first is not None:
        condition &= Q(due_date__lte=today - timedelta(days=first))
    if last is not None:
        condition &= Q(due_date__gte=today - timedelta(days=last))
    return condition


def ageing_buckets(rows: QuerySet[OpenItem], today: date) -> list[Bucket]:
    """Sum and number of open debts (side 1) per age class, in one query."""
    wanted: dict[str, Aggregate] = {}
    for n, (_, first, last) in enumerate(CLASSES):
        condition = _overdue(today, first, last)
        wanted[f"sum{n}"] = Sum(F("open_cents"), filter=condition)
        wanted[f"count{n}"] = Count("pk", filter=condition)
    found = rows.filter(side=1, open_cents__gt=0).order_by().aggregate(**wanted)
    return [
        Bucket(label, found[f"sum{n}"] or 0, found[f"count{n}"]) for n, (label, _, _) in enumerate(CLASSES)
    ]


def ageing_picture(rows: QuerySet[OpenItem], today: date) -> str:
    """The open sum by age; "" where nothing is open."""
    buckets = ageing_buckets(rows, today)
    if not any(bucket.count for bucket in buckets):
        return ""
    return charts.ageing(title="Offene Posten nach Alter", buckets=buckets)
