"""Stories of a meter and its prices as tables: what was read and agreed, and the lines of the bill.

Each story: readings `meter day value`, prices `from ct €/year`, then `→ kWh net` of the energy lines.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

import bill_examples as examples

STORIES = {
    "one meter, one price": """
        read  A 2025-01-01 100
        read  A 2026-01-01 3600
        price 2025-01-01 30 120
        → 3500 1050.00
    """,
    "meter exchanged in the middle, one line": """
        read  A 2025-01-01 100
        read  A 2025-05-15 1100
        read  B 2025-05-15 0
        read  B 2026-01-01 2500
        price 2025-01-01 30 120
        → 3500 1050.00
    """,
    "exchange on the very day of the price change: nothing is split": """
        read  A 2025-01-01 100
        read  A 2025-07-01 1100
        read  B 2025-07-01 0
        read  B 2026-01-01 2500
        price 2025-01-01 30 120
        price 2025-07-01 20 120
        → 1000 300.00
        → 2500 500.00
    """,
    "price change between readings, by days": """
        split days
        read  A 2025-01-01 0
        read  A 2026-01-01 3650
        price 2025-01-01 30 120
        price 2025-07-01 20 120
        → 1810 543.00
        → 1840 368.00
    """,
    "a control reading narrows what has to be split": """
        split days
        read  A 2025-01-01 0
        read  A 2025-06-01 2000
        read  A 2025-08-01 2061
        read  A 2026-01-01 3650
        price 2025-01-01 30 120
        price 2025-07-01 20 120
        → 2030 609.00
        → 1620 324.00
    """,
    "register overflow behind a transformer": """
        read  A 2025-01-01 99990 digits=5 factor=20
        read  A 2026-01-01 00160 digits=5 factor=20
        price 2025-01-01 30 120
        → 3400 1020.00
    """,
    "three prices, the last part takes the rest": """
        split days
        read  A 2025-01-01 0
        read  A 2026-01-01 1000
        price 2025-01-01 10 0
        price 2025-05-01 20 0
        price 2025-09-01 30 0
        → 329 32.90
        → 337 67.40
        → 334 100.20
    """,
}


def _input(story: str) -> tuple[dict[str, Any], list[list[str]]]:
    data = examples.vary(examples.EXCHANGE, readings=[], prices=[])
    data["readings"], data["prices"], expected = [], [], []
    for row in story.strip().splitlines():
        word, *rest = row.split()
        if word == "read":
            meter, day, value, *more = rest
            extra = dict(entry.split("=") for entry in more)
            data["readings"].append({"meter": meter, "date": day, "value": value, **extra})
        elif word == "price":
            data["prices"].append(
                dict(zip(("from", "energy_ct_per_kwh", "base_eur_per_year"), rest, strict=True))
            )
        elif word == "split":
            data["split"] = rest[0]
        else:
            expected.append(rest)
    starts = [date.fromisoformat(price["from"]) for price in data["prices"]]
    for price, following in zip(data["prices"], starts[1:], strict=False):
        price["to"] = (following - timedelta(days=1)).isoformat()
    return data, expected


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_story(story: str) -> None:
    data, expected = _input(story)
    bill = examples.bill(data)
    assert [[str(line.kwh), str(line.net)] for line in bill.lines if line.kwh is not None] == expected
