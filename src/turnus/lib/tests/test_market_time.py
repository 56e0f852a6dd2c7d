from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.lib import market_time as mt

DAYS = st.dates(date(1997, 1, 1), date(2036, 12, 31))


@pytest.mark.parametrize(
    ("day", "count"),
    [(date(2026, 3, 28), 96), (date(2026, 3, 29), 92), (date(2026, 10, 25), 100), (date(2026, 10, 26), 96)],
)
def test_quarter_hours_of_a_day(day: date, count: int) -> None:
    assert mt.quarter_hours(day) == count
    assert mt.hours(day) == count // 4


def test_gas_day_before_the_change_has_the_odd_hour() -> None:
    assert [mt.gas_hours(date(2026, 3, day)) for day in (27, 28, 29)] == [24, 23, 24]
    assert [mt.gas_hours(date(2026, 10, day)) for day in (23, 24, 25)] == [24, 25, 24]


@given(DAYS)
def test_quarter_hours_tile_the_day(day: date) -> None:
    count = mt.quarter_hours(day)
    starts = [mt.quarter_hour_start(day, index) for index in range(count)]
    assert starts[0] == mt.day_start(day)
    assert starts[-1] + mt.QUARTER_HOUR == mt.day_end(day)
    assert [mt.quarter_hour_index(start) for start in starts] == list(range(count))
    assert {mt.market_day(start) for start in starts} == {day}
    with pytest.raises(ValueError, match="Viertelstunden"):
        mt.quarter_hour_start(day, count)


@given(DAYS, st.integers(0, 22 * 60))
def test_gas_day_contains_its_instants(day: date, minutes: int) -> None:
    assert mt.gas_day(mt.gas_day_start(day) + timedelta(minutes=minutes)) == day


def test_reading_date_is_local_midnight() -> None:
    assert mt.reading_date(datetime(2025, 3, 31, 22, tzinfo=UTC)) == date(2025, 4, 1)
    assert mt.reading_date(datetime(2025, 11, 13, 23, tzinfo=UTC)) == date(2025, 11, 14)
    assert mt.reading_date(datetime(2025, 11, 13, 22, tzinfo=UTC)) is None


def test_naive_and_aware_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="ohne Zeitzone"):
        mt.to_utc(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="mit Zeitzone"):
        mt.to_local(datetime(2026, 1, 1))  # noqa: DTZ001
