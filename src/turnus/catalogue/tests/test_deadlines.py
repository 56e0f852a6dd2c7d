"""Deadlines in working days and in minutes, worked by hand."""

from datetime import UTC, date, datetime

import pytest

from turnus.catalogue.deadlines import (
    NoDeadline,
    add_working_days,
    deadline,
    due_at,
    due_on,
    is_working_day,
)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        ("2026-12-23", True),
        ("2026-12-24", False),  # a Thursday, but never a working day of this market
        ("2026-12-31", False),
        ("2026-10-31", False),  # Saturday
        ("2026-11-18", False),  # day of repentance, a holiday in Saxony alone
        ("2026-11-19", True),
    ],
)
def test_working_days_of_the_market(day: str, counts: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is counts


def test_the_day_itself_does_not_count() -> None:
    assert add_working_days(date(2026, 11, 2), 1) == date(2026, 11, 3)
    assert add_working_days(date(2026, 10, 30), 1) == date(2026, 11, 2)  # Friday → Monday
    # 23.12. is Wednesday; 24.–27. do not count: 28., 29., 30., then 31.12. and 1.1. (Friday) do not, 4.1.
    assert add_working_days(date(2026, 12, 23), 4) == date(2027, 1, 4)
    with pytest.raises(ValueError, match="keine Frist"):
        add_working_days(date(2026, 11, 2), 0)


def test_an_answer_and_a_reminder_have_their_days() -> None:
    assert due_on("value_request", date(2026, 11, 2)) == date(2026, 11, 9)
    assert due_on("value_reminder", date(2026, 11, 10)) == date(2026, 11, 13)
    assert deadline("value_request", date(2026, 11, 2)).source


def test_clocks_in_minutes() -> None:
    monday = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert due_at("contrl", monday) == datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    assert due_at("aperak_electricity", monday) == datetime(2026, 11, 2, 9, 45, tzinfo=UTC)
    saturday = datetime(2026, 10, 31, 9, 0, tzinfo=UTC)
    assert due_at("contrl", saturday) == datetime(2026, 10, 31, 15, 0, tzinfo=UTC)
    # On Saturday the 45 minutes begin on Monday at 00:00 in Berlin, 23:00 UTC of Sunday.
    assert due_at("aperak_electricity", saturday) == datetime(2026, 11, 1, 23, 45, tzinfo=UTC)


def test_what_is_not_in_force_is_not_guessed() -> None:
    with pytest.raises(NoDeadline, match="keine Frist"):
        due_at("aperak_electricity", datetime(2025, 6, 5, tzinfo=UTC))
    with pytest.raises(NoDeadline):
        deadline("mittagspause", date(2026, 11, 2))
