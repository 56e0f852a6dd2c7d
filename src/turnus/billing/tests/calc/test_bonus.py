"""When a promised bonus falls due, and what stands in its way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from turnus.billing.calc.bonus import Default, Promise, decide, due_event
from turnus.lib.period import Period

D = Decimal
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
PROMISE = Promise(D("100.00"), 12)


@pytest.mark.parametrize(
    ("start", "months", "event"),
    [
        ("2025-01-01", 12, "2026-01-01"),
        ("2025-03-15", 6, "2025-09-15"),
        ("2025-01-31", 12, "2026-01-31"),
        # A month too short for the day is completed by its last day (§ 188(3) BGB).
        ("2025-01-31", 1, "2025-03-01"),
        ("2024-02-29", 12, "2025-03-01"),
        ("2025-10-31", 1, "2025-12-01"),
    ],
)
def test_due_event(start: str, months: int, event: str) -> None:
    assert due_event(date.fromisoformat(start), months) == date.fromisoformat(event)


def test_given_in_the_bill_that_reaches_the_event_and_in_no_other() -> None:
    start = YEAR.start
    given = decide(PROMISE, start, YEAR, None)
    assert given is not None
    assert (given.gross, given.text) == (
        D("100.00"),
        "100,00 € gewährt: 12 Monate beliefert bis 31.12.2025, kein Zahlungsverzug",
    )
    assert decide(PROMISE, start, Period(date(2025, 1, 1), date(2025, 12, 31)), None) is None
    assert decide(PROMISE, start, Period(date(2026, 1, 1), date(2027, 1, 1)), None) is None


def test_a_default_on_that_day_takes_it_away_and_is_named() -> None:
    refused = decide(PROMISE, YEAR.start, YEAR, Default("R00000007", date(2025, 11, 20), D("119.00")))
    assert refused is not None
    assert refused.gross == 0
    assert refused.text == (
        "100,00 € nicht gewährt: 12 Monate beliefert bis 31.12.2025, aber am 01.01.2026 in Verzug mit "
        "R00000007, fällig 20.11.2025, angemahnt, offen 119,00 €"
    )
