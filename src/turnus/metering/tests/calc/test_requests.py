"""When a request is followed up, day by day, and how long the bill may wait for it."""

from datetime import date

import pytest

from turnus.metering.calc.requests import Requested, Stage, Step, bill_limit, next_step, stage

DUE, REMINDER = date(2026, 11, 9), date(2026, 11, 13)


@pytest.mark.parametrize(
    ("course", "today", "where", "step"),
    [
        (Requested(False, DUE, None, False, False), date(2026, 12, 1), Stage.RECORDED, Step.WAIT),
        (Requested(True, DUE, None, False, False), DUE, Stage.ASKED, Step.WAIT),
        (Requested(True, DUE, None, False, False), date(2026, 11, 10), Stage.ASKED, Step.REMIND),
        (Requested(True, DUE, REMINDER, False, False), REMINDER, Stage.REMINDED, Step.WAIT),
        (Requested(True, DUE, REMINDER, False, False), date(2026, 11, 14), Stage.REMINDED, Step.ESCALATE),
        (Requested(True, DUE, REMINDER, True, False), date(2026, 12, 1), Stage.ESCALATED, Step.WAIT),
        (Requested(True, DUE, REMINDER, True, True), date(2026, 12, 1), Stage.ANSWERED, Step.WAIT),
        (Requested(True, DUE, None, False, True), date(2026, 12, 1), Stage.ANSWERED, Step.WAIT),
    ],
)
def test_the_course_of_a_request(course: Requested, today: date, where: Stage, step: Step) -> None:
    assert (stage(course), next_step(course, today)) == (where, step)


def test_the_bill_has_six_weeks_after_the_period() -> None:
    # The reading for 1.1. 00:00 closes the period that ends on Wednesday 31.12.; the last day is a Wednesday.
    assert bill_limit(is_reading=True, start=date(2026, 1, 1), end=date(2026, 1, 2)) == date(2026, 2, 11)
    # Calorific values of a period until 31.12. (end excluded).
    assert bill_limit(is_reading=False, start=date(2025, 1, 1), end=date(2026, 1, 1)) == date(2026, 2, 11)
