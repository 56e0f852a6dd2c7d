"""Plausibility of readings: one row per case of the trade."""

from datetime import date
from decimal import Decimal

import pytest

from turnus.metering.calc.plausibility import Limits, Point, ReadingCode, RegisterFacts, judge

TODAY = date(2026, 1, 15)
NEW_YEAR = date(2026, 1, 1)
YEAR_AGO = date(2025, 1, 1)


def facts(**fields: object) -> RegisterFacts:
    values = {
        "meter_number": "1EMH1",
        "digits": 5,
        "factor": Decimal(1),
        "installed": date(2020, 1, 1),
        "removed": None,
        "commodity": "electricity",
        "profile": "H0",
        "state": "NW",
        "forecast_kwh": 3500,
        **fields,
    }
    return RegisterFacts(**values)  # type: ignore[arg-type]


def codes(value: str, day: date = NEW_YEAR, before: str | None = "12345", after: str | None = None,
          confirmed: bool = False, **fields: object) -> list[ReadingCode]:  # fmt: skip
    judged = judge(
        Point(day, Decimal(value)),
        facts(**fields),
        before=[Point(YEAR_AGO, Decimal(before))] if before else [],
        after=Point(date(2026, 1, 10), Decimal(after)) if after else None,
        today=TODAY,
        limits=Limits(),
        confirmed=confirmed,
    )
    return [f.code for f in judged.blocking(confirmed=confirmed)]


@pytest.mark.parametrize(
    ("value", "situation", "expected"),
    [
        ("15845", {}, []),
        ("12345", {}, []),
        ("12344", {}, [ReadingCode.BELOW_LAST]),
        ("19345", {}, []),  # exactly twice the forecast of 3,500 kWh
        ("19346", {}, [ReadingCode.TWICE_EXPECTED]),
        ("19346", {"confirmed": True}, []),
        ("12344", {"confirmed": True}, [ReadingCode.BELOW_LAST]),
        ("19346", {"forecast_kwh": None}, []),  # nothing to compare with
        ("100000", {}, [ReadingCode.EXCEEDS_DIGITS, ReadingCode.TWICE_EXPECTED]),
        ("700", {"before": "97000"}, []),  # passed zero: 3,700 kWh
        ("700", {"before": "80000"}, [ReadingCode.BELOW_LAST]),  # passing zero would be 20,700 kWh
        ("700", {"before": "80000", "confirmed": True}, []),  # the sender says: overflow (Z85)
        ("700", {"before": "97000", "forecast_kwh": None}, []),
        ("700", {"before": "80000", "forecast_kwh": None}, [ReadingCode.BELOW_LAST]),
        ("15845", {"day": date(2026, 1, 16)}, [ReadingCode.FUTURE_DATE]),
        ("15845", {"installed": date(2026, 1, 2)}, [ReadingCode.BEFORE_INSTALLED]),
        ("15845", {"removed": date(2025, 12, 31)}, [ReadingCode.AFTER_REMOVED]),
        ("15845", {"removed": NEW_YEAR}, []),  # closing reading at the exchange
        ("15845", {"after": "15844"}, [ReadingCode.ABOVE_NEXT]),
        ("99990", {"before": "97000", "after": "12"}, []),  # it passes zero after this reading
        ("12345", {"before": None}, []),
    ],
)
def test_a_reading(value: str, situation: dict[str, object], expected: list[ReadingCode]) -> None:
    assert codes(value, **situation) == expected  # type: ignore[arg-type]


def test_expectation_is_the_larger_of_former_consumption_and_forecast() -> None:
    before = [Point(date(2024, 1, 1), Decimal(1000)), Point(YEAR_AGO, Decimal(9000))]
    judged = judge(
        Point(NEW_YEAR, Decimal(20000)), facts(), before=before, after=None, today=TODAY, limits=Limits()
    )
    assert judged.findings == ()
    assert judged.expected is not None
    assert Decimal(7900) < judged.expected < Decimal(8100)  # 8,000 kWh in a leap year, by profile
    assert judged.advance == 11000


def test_expectation_of_a_winter_month_follows_the_profile() -> None:
    # H0 in January: 101.9 ‰ of the year; by days it would be 84.9 ‰.
    january = judge(
        Point(date(2026, 2, 1), Decimal(200)),
        facts(forecast_kwh=10000),
        before=[Point(NEW_YEAR, Decimal(0))],
        after=None,
        today=date(2026, 2, 2),
        limits=Limits(),
    )
    assert january.expected is not None
    assert Decimal(1000) < january.expected < Decimal(1040)


def test_small_amounts_never_block() -> None:
    # One day of 9.6 kWh expected; a washing day has 60.
    day = [Point(date(2026, 1, 14), Decimal(500))]
    judged = judge(Point(TODAY, Decimal(560)), facts(), before=day, after=None, today=TODAY, limits=Limits())
    assert judged.findings == ()
    stricter = Limits(floor=Decimal(20))
    again = judge(Point(TODAY, Decimal(560)), facts(), before=day, after=None, today=TODAY, limits=stricter)
    assert [f.code for f in again.findings] == [ReadingCode.TWICE_EXPECTED]


def test_transformer_factor_scales_the_forecast_to_the_register() -> None:
    transformed = facts(factor=Decimal(40), forecast_kwh=40000)  # 1,000 at the register
    before = [Point(YEAR_AGO, Decimal(100))]
    ok, bad = (
        judge(Point(NEW_YEAR, v), transformed, before=before, after=None, today=TODAY, limits=Limits())
        for v in (Decimal(2000), Decimal(2200))
    )
    assert (ok.findings, [f.code for f in bad.findings]) == ((), [ReadingCode.TWICE_EXPECTED])


def test_gas_volumes_are_compared_with_a_forecast_in_kwh() -> None:
    gas = facts(commodity="gas", profile="HEF03", forecast_kwh=18000)  # about 2,000 m³
    before = [Point(YEAR_AGO, Decimal(100))]
    ok, bad = (
        judge(Point(NEW_YEAR, v), gas, before=before, after=None, today=TODAY, limits=Limits())
        for v in (Decimal(3900), Decimal(4300))
    )
    assert (ok.findings, [f.code for f in bad.findings]) == ((), [ReadingCode.TWICE_EXPECTED])
    assert "m³" in bad.findings[0].text


def test_doubts_name_values_and_dates() -> None:
    judged = judge(
        Point(NEW_YEAR, Decimal("12344.5")), facts(), before=[Point(YEAR_AGO, Decimal(12345))], after=None,
        today=TODAY, limits=Limits(),
    )  # fmt: skip
    assert "12.344,5" in judged.findings[0].text
    assert "12.345 vom 01.01.2025" in judged.findings[0].text
