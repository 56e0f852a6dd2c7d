import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.lib.period import Period
from turnus.lib.rounding import half_up
from turnus.products.calc import profiles

YEAR_2025 = Period.inclusive(date(2025, 1, 1), date(2025, 12, 31))


def test_fraction_of_the_handbook() -> None:
    part = Period.inclusive(date(2025, 5, 15), date(2025, 6, 30))
    whole = Period.inclusive(date(2025, 5, 15), date(2025, 12, 31))
    assert half_up(profiles.share("electricity", "H0", "NW", part, whole), 6) == Decimal("0.189626")


@pytest.mark.parametrize(
    ("code", "places", "row"),
    [
        ("H0", 1, "101.9 89.4 93.3 83.3 78.5 70.4 69.6 71.4 73.1 83.1 86.5 99.5"),
        ("H25", 1, "100.6 87.7 88.4 81.8 77.6 72.0 73.7 73.5 72.6 83.2 88.6 100.2"),
        ("S25", 0, "207 124 79 43 15 11 14 19 22 70 151 247"),
    ],
)
def test_monthly_permille_of_the_handbook(code: str, places: int, row: str) -> None:
    """The printed rows were rounded twice (101.8465 → 101.85 → 101.9), so the test rounds twice as well."""
    shares = profiles.month_shares("electricity", code, "NW", 2025)
    assert [half_up(half_up(s * 1000, places + 1), places) for s in shares] == [
        Decimal(f) for f in row.split()
    ]


def test_winter_weighs_more_than_summer_only_when_dynamised() -> None:
    january, july = (profiles.month_shares("electricity", "H0", "NW", 2025)[m] for m in (0, 6))
    assert january > july * Decimal("1.4")


@pytest.mark.parametrize("commodity", ["electricity", "gas"])
def test_every_profile_covers_every_day(commodity: str) -> None:
    for code in profiles.profile_codes(commodity):
        for year in (2023, 2024):
            sums = profiles._cumulative(commodity, code, "BY", year)
            assert len(sums) == (367 if year == 2024 else 366)
            assert all(b > a for a, b in itertools.pairwise(sums)), (code, year)


@pytest.mark.parametrize("code", ["H0", "G0", "L0", "H25", "G25", "P25"])
def test_a_year_is_near_the_normalised_1000_kwh(code: str) -> None:
    assert abs(profiles.weight("electricity", code, "NW", YEAR_2025) / 10**12 - 1000) < 25


def test_holidays_depend_on_the_state() -> None:
    corpus_christi = Period.inclusive(date(2025, 6, 19), date(2025, 6, 19))
    day_before = Period.inclusive(date(2025, 6, 18), date(2025, 6, 18))
    in_bavaria, in_berlin = (profiles.weight("electricity", "G1", s, corpus_christi) for s in ("BY", "BE"))
    assert in_bavaria < in_berlin / 3
    assert in_berlin == profiles.weight("electricity", "G1", "BE", day_before)


@pytest.mark.parametrize(
    ("day", "same_as"),
    [
        (date(2025, 12, 24), date(2025, 12, 20)),
        (date(2025, 12, 31), date(2025, 12, 27)),
        (date(2023, 12, 24), date(2023, 12, 17)),
    ],
    ids=["Christmas Eve is a Saturday", "New Year's Eve is a Saturday", "a Sunday stays a Sunday"],
)
def test_the_last_days_of_the_year(day: date, same_as: date) -> None:
    weights = [profiles.weight("electricity", "G0", "NW", Period.inclusive(d, d)) for d in (day, same_as)]
    assert weights[0] == weights[1]


def test_gas_is_burnt_in_winter() -> None:
    shares = profiles.month_shares("gas", "HEF03", "NW", 2025)
    assert sum(shares[m] for m in (0, 1, 2, 10, 11)) > Decimal("0.65")
    assert min(shares) == shares[6] or min(shares) == shares[7]
    assert abs(sum(shares) - 1) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("commodity", "code"), [("electricity", "HEF"), ("electricity", "X9"), ("gas", "H0")]
)
def test_unknown_profiles_are_named(commodity: str, code: str) -> None:
    with pytest.raises(profiles.UnknownProfile, match=code):
        profiles.canonical_profile(commodity, code)


def test_unknown_state_is_named() -> None:
    with pytest.raises(profiles.UnknownState, match="XX"):
        profiles.weight("electricity", "H0", "XX", YEAR_2025)


@settings(max_examples=40)
@given(st.integers(1, 800), st.integers(1, 800), st.sampled_from(["H0", "G3", "S25"]))
def test_weights_add_up_over_any_cut(first: int, second: int, code: str) -> None:
    start = date(2023, 5, 5).toordinal()
    cut, end = date.fromordinal(start + first), date.fromordinal(start + first + second)
    whole = Period(date.fromordinal(start), end)
    parts = [profiles.weight("electricity", code, "SN", p) for p in whole.split_at(cut)]
    assert sum(parts) == profiles.weight("electricity", code, "SN", whole)
    assert min(parts) > 0
