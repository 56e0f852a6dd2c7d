import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.lib.period import Period, days_in_year

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
PERIODS = st.builds(
    lambda start, days: Period(start, start + timedelta(days=days)), DAYS, st.integers(1, 900)
)


def test_inclusive_days_are_half_open_inside() -> None:
    year = Period.inclusive(date(2025, 1, 1), date(2025, 12, 31))
    assert year == Period(date(2025, 1, 1), date(2026, 1, 1))
    assert (year.days, year.last, year.iso()) == (365, date(2025, 12, 31), "2025-01-01/2025-12-31")
    assert year.german() == "01.01.2025–31.12.2025"
    assert year.contains(date(2025, 12, 31))
    assert not year.contains(date(2026, 1, 1))


def test_half_year_of_a_leap_year() -> None:
    assert Period.inclusive(date(2024, 1, 1), date(2024, 6, 30)).days == 182
    assert days_in_year(date(2024, 6, 30)) == 366
    assert days_in_year(date(2100, 6, 30)) == 365


@pytest.mark.parametrize("end", [date(2025, 1, 1), date(2024, 12, 31)])
def test_a_period_has_at_least_one_day(end: date) -> None:
    with pytest.raises(ValueError, match="Zeitraum"):
        Period(date(2025, 1, 1), end)


@given(PERIODS, st.lists(DAYS, max_size=5))
def test_parts_cover_the_whole_without_gap(period: Period, cuts: list[date]) -> None:
    parts = period.split_at(*cuts)
    assert parts[0].start == period.start
    assert parts[-1].end == period.end
    assert all(a.end == b.start for a, b in itertools.pairwise(parts))
    assert {part.start for part in parts[1:]} == {day for day in cuts if period.start < day < period.end}


@given(PERIODS, PERIODS)
def test_intersection_agrees_with_overlap(one: Period, other: Period) -> None:
    common = one.intersect(other)
    assert (common is not None) == one.overlaps(other)
    if common is not None:
        assert common == other.intersect(one)
        assert one.contains(common.start)
        assert other.contains(common.last)


@given(PERIODS)
def test_each_day_is_inside_and_counted(period: Period) -> None:
    days = list(period.each_day())
    assert len(days) == period.days
    assert all(period.contains(day) for day in days)
