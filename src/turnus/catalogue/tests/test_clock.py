"""The vectorised Berlin clock against the time zone database."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from turnus.catalogue.mscons import clock
from turnus.catalogue.values import from_minutes, minutes
from turnus.lib import market_time

DAYS = [date(1997, 1, 1) + timedelta(days=number) for number in range(40 * 365)]


def test_every_day_of_forty_years() -> None:
    numbers = np.array([day.toordinal() - date(1970, 1, 1).toordinal() for day in DAYS])
    power = np.array([minutes(market_time.day_start(day)) for day in DAYS])
    gas = np.array([minutes(market_time.gas_day_start(day)) for day in DAYS])
    assert (clock.day_start(numbers, gas=False) == power).all()
    assert (clock.day_start(numbers, gas=True) == gas).all()
    for step in (0, 1, 75, 120, 1379):
        assert (clock.day_number(power + step, gas=False) == numbers).all()
        assert (clock.day_number(gas + step, gas=True) == numbers).all()


def test_offset_around_the_changes() -> None:
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        start = minutes(market_time.day_start(day))
        span = np.arange(start - 60, start + 300)
        expected = [market_time.to_local(from_minutes(int(at))).utcoffset() for at in span]
        assert [timedelta(minutes=int(offset)) for offset in clock.offset(span)] == expected
