"""Consumption as it is drawn: between readings, per day, without guessing."""

import re
from datetime import date
from decimal import Decimal

import pytest

import factories as make
from turnus.masterdata.models import Register
from turnus.metering.models import IntervalDay, IntervalSeries, MeterReading
from turnus.metering.pictures import consumptions, day_picture, month_picture, reading_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def register() -> Register:
    return make.meter(make.market_location(make.principal()), digits=5, transformer_factor=Decimal(40))


def reading(of: Register, day: date, value: int, **fields: object) -> MeterReading:
    values = {"origin": "grid", "quality": "true", "taken_at": make.NOW, "document_at": make.NOW, **fields}
    return MeterReading(client=of.client, register=of, date=day, value=Decimal(value), **values)


def test_factor_and_overflow_count_and_estimates_are_marked(register: Register) -> None:
    rows = [
        reading(register, date(2026, 1, 1), 10),
        reading(register, date(2025, 1, 1), 99_900, quality="estimate"),
        reading(register, date(2024, 1, 1), 99_800),
    ]
    first, second = consumptions(rows)
    assert (first.amount, first.days, first.is_estimated) == (4000, 366, True)
    assert (second.amount, second.is_estimated) == (110 * 40, True)
    assert second.per_day == Decimal(4400) / 365


def test_blocked_and_replaced_readings_are_left_out(register: Register) -> None:
    rows = [
        reading(register, date(2025, 1, 1), 100),
        reading(register, date(2025, 7, 1), 900, is_blocked=True, is_current=False, blocked_reason="x"),
        reading(register, date(2026, 1, 1), 200),
    ]
    assert [(one.start, one.amount) for one in consumptions(rows)] == [(date(2025, 1, 1), 4000)]
    assert consumptions(rows[:1]) == []


def test_the_picture_names_the_last_day_and_the_unit(register: Register) -> None:
    rows = [reading(register, date(2025, 1, 1), 0), reading(register, date(2026, 1, 1), 365)]
    picture = reading_picture(consumptions(rows), "kWh")
    assert "bis 31.12.2025: 40 kWh je Tag" in picture


def test_months_of_a_load_profile_are_set_against_the_year_before(register: Register) -> None:
    place = register.meter.metering_location.market_location
    assert month_picture(place.pk, date(2026, 3, 31)) == ""
    series = IntervalSeries.objects.create(
        client=place.client, market_location=place, obis_code="1-0:1.29.0", unit="kWh"
    )
    for day, total in ((date(2025, 3, 5), 30), (date(2026, 3, 5), 20), (date(2026, 3, 6), 5)):
        IntervalDay.objects.create(
            client=place.client,
            series=series,
            day=day,
            values=b"",
            status=b"",
            total=total,
            document_at=make.NOW,
            taken_at=make.NOW,
        )
    assert "Mär 26: 25 kWh (davor 30 kWh)" in month_picture(place.pk, date(2026, 3, 31))


@pytest.mark.parametrize(("day", "count"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100)])
def test_a_day_of_a_load_profile_keeps_its_hours_when_the_clock_changes(day: date, count: int) -> None:
    """Quarter-hours of 0.25 kWh are 1 kW; what is missing is a gap, not a zero."""
    series = IntervalSeries(obis_code="1-1:1.29.0", unit="kWh", minutes=15)
    status = bytes([1] * (count - 2) + [0, 1])
    values = (250).to_bytes(4, "little") * count
    picture = day_picture(IntervalDay(series=series, day=day, scale=3, values=values, status=status))
    assert f"{count - 1} Werte von 1 bis 1 kW" in picture
    assert picture.count("M") >= 2
    # Every eighth or ninth quarter-hour stands below the axis in wall time: 02:00 is skipped or comes twice.
    written = re.findall(r">(\d\d:\d\d)<", picture)
    assert written[:3] == {92: ["00:00", "03:00", "05:00"], 100: ["00:00", "02:15", "03:30"]}[count]
