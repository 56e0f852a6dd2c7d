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
    """One step of a procedure and how many cases reach it; `note` stands below the bar."""

    label: str
    count: int
    note: str = ""


def funnel(*, title: str, steps: Sequence[Step], width: int = WIDTH) -> str:
    """Centred bars, each as wide as its count in relation to the largest; `width` as in `bars`."""
    largest = max((step.count for step in steps), default=0)
    start = 150 if width >= 500 else 92
    room = width - start - (160 if width >= 500 else 40)
    body = []
    for row, step in enumerate(steps):
        y = row * 44
        length = max(step.count / largest * room if largest else 0.0, 1.5)
        css = "s1" if row < len(steps) - 1 else "s3"
        body.append(text(start - 8, y + 18, step.label, anchor="end"))
        body.append(rect(start, y + 4, length, 21, css, f"{step.label}: {step.count}"))
        body.append(text(start + length + 7, y + 19, number_de(step.count), anchor="start", css="value"))
        body.append(text(start, y + 38, step.note, anchor="start"))
    listed = "; ".join(f"{step.label}: {step.count} {step.note}".strip() for step in steps)
    return frame(title, listed, width, len(steps) * 44, "".join(body))
