"""Parts of a whole: open items by age, and how many pass each step of a procedure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from turnus.ui.charts.svg import frame, legend, rect, text
from turnus.ui.formats import cents_de, number_de

COLOURS = ("s1", "s2", "s3", "s5", "s4", "s4")
WIDTH = 640


@dataclass(frozen=True, slots=True)
class Bucket:
    """One age class: what it is called, its sum in cents and its number of items."""

    label: str
    cents: int
    count: int


def ageing(*, title: str, buckets: Sequence[Bucket]) -> str:
    """One stacked bar of the open sum by age, and the figures below it."""
    total = sum(bucket.cents for bucket in buckets)
    body, x = [], 0.0
    for css, bucket in zip(COLOURS, buckets, strict=False):
        share = max(bucket.cents, 0) / total if total > 0 else 0.0
        tip = f"{bucket.label}: {cents_de(bucket.cents)} in {bucket.count} Posten"
        if share:
            body.append(rect(x, 4, share * WIDTH - 1, 30, css, tip))
        if share > 0.09:
            percent = number_de(Decimal(bucket.cents * 100) / Decimal(total), 0)
            body.append(text(x + share * WIDTH / 2, 48, f"{percent} %"))
        x += share * WIDTH
    if total <= 0:
        body.append(rect(0, 4, WIDTH, 30, "s2 hatch"))
    listed = "; ".join(f"{b.label}: {cents_de(b.cents)}, {b.count} Posten" for b in buckets)
    entries = [
        (css, f"{bucket.label}: {cents_de(bucket.cents)} ({bucket.count})")
        for css, bucket in zip(COLOURS, buckets, strict=False)
    ]
    return frame(title, listed, WIDTH, 52, "".join(body)) + legend(entries)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a procedure and how many cases reach it; `note` stands behind the figure."""

    label: str
    count: int
    note: str = ""


def funnel(*, title: str, steps: Sequence[Step]) -> str:
    """Centred bars, each as wide as its count in relation to the largest."""
    largest = max((step.count for step in steps), default=0)
    body = []
    for row, step in enumerate(steps):
        y = row * 30
        width = step.count / largest * 330 if largest else 0.0
        css = "s1" if row < len(steps) - 1 else "s4"
        body.append(text(150, y + 18, step.label, anchor="end"))
        body.append(rect(160, y + 4, max(width, 1.5), 21, css, f"{step.label}: {step.count}"))
        shown = f"{number_de(step.count)} {step.note}".strip()
        body.append(text(168 + max(width, 1.5), y + 19, shown, anchor="start", css="value"))
    listed = "; ".join(f"{step.label}: {step.count} {step.note}".strip() for step in steps)
    return frame(title, listed, WIDTH, len(steps) * 30 + 4, "".join(body))
