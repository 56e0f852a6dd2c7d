from datetime import date

import pytest

from turnus.receivables.calc.target_days import (
    add_target_days,
    collection_date,
    hand_in_by,
    is_target_day,
    next_target_day,
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 4, 3), date(2026, 4, 7)),  # Good Friday → Tuesday after Easter Monday
        (date(2026, 5, 1), date(2026, 5, 4)),  # Labour Day is a Friday
        (date(2026, 12, 25), date(2026, 12, 28)),
        (date(2027, 1, 1), date(2027, 1, 4)),
        (date(2026, 10, 3), date(2026, 10, 5)),  # German Unity Day falls on a Saturday
        (date(2024, 10, 3), date(2024, 10, 3)),  # … and is a TARGET day when it does not
    ],
)
def test_next_business_day_never_earlier(day: date, expected: date) -> None:
    assert next_target_day(day) == expected
    assert is_target_day(expected)


def test_presentation_lead() -> None:
    assert hand_in_by(date(2026, 4, 7)) == date(2026, 4, 1)  # Easter: two open days back
    assert add_target_days(date(2026, 4, 2), 1) == date(2026, 4, 7)
    # due on the 1st, handed in in time: collected on the 1st; handed in late: as soon as the bank can
    assert collection_date(date(2026, 12, 1), date(2026, 11, 20)) == date(2026, 12, 1)
    assert collection_date(date(2026, 12, 1), date(2026, 12, 1)) == date(2026, 12, 3)
    assert collection_date(date(2026, 12, 26), date(2026, 12, 1)) == date(2026, 12, 28)
