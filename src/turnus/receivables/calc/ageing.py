"""Ageing of open items: how long overdue on a key date. The buckets always sum to the account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Upper bound of each bucket in days overdue; the last is open-ended.
BOUNDS = (0, 30, 60, 90, 180, 360)
LABELS = (
    "nicht fällig",
    "1–30 Tage",
    "31–60 Tage",
    "61–90 Tage",
    "91–180 Tage",
    "181–360 Tage",
    "über 360 Tage",
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One line of the ageing list; credits count negative."""

    label: str
    count: int
    cents: int


def age(items: Iterable[tuple[date, int]], on: date) -> list[Bucket]:
    """Buckets of (due date, signed open cents) on a day; an item due that day is not overdue."""
    counts = [0] * len(LABELS)
    sums = [0] * len(LABELS)
    for due, cents in items:
        index = bucket_of((on - due).days)
        counts[index] += 1
        sums[index] += cents
    return [Bucket(label, counts[i], sums[i]) for i, label in enumerate(LABELS)]


def bucket_of(days_overdue: int) -> int:
    """Index into `LABELS`."""
    return next((i for i, bound in enumerate(BOUNDS) if days_overdue <= bound), len(BOUNDS))
