from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.lib.money import format_eur, format_number, from_cents, round_money, to_cents
from turnus.lib.rounding import distribute, half_up

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=6)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=10**6, places=4), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("2.345", 2, "2.35"),
        ("-2.345", 2, "-2.35"),
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("59.672131", 2, "59.67"),
        ("7", 2, "7.00"),
    ],
)
def test_half_up_is_commercial(value: str, places: int, expected: str) -> None:
    assert str(half_up(Decimal(value), places)) == expected


@given(AMOUNTS)
def test_rounding_mirrors_under_negation(value: Decimal) -> None:
    assert round_money(-value) == -round_money(value)


@given(AMOUNTS, st.integers(0, 6))
def test_rounding_moves_by_half_a_step_at_most(value: Decimal, places: int) -> None:
    assert abs(half_up(value, places) - value) <= Decimal(5).scaleb(-places - 1)


@given(AMOUNTS.map(round_money), WEIGHTS)
def test_parts_add_up_to_the_whole(total: Decimal, weights: list[Decimal]) -> None:
    parts = distribute(total, weights, 2)
    assert len(parts) == len(weights)
    assert sum(parts) == total


def test_last_part_takes_the_rest() -> None:
    assert distribute(Decimal(100), [Decimal(1)] * 3, 2) == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]


@pytest.mark.parametrize("weights", [[], [Decimal(1), Decimal(-1)]])
def test_distribute_refuses_impossible_weights(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="Aufteilung"):
        distribute(Decimal(1), weights, 2)


@given(st.integers(-(10**15), 10**15))
def test_cents_survive_the_round_trip(cents: int) -> None:
    assert to_cents(from_cents(cents)) == cents


def test_a_fraction_of_a_cent_is_no_amount() -> None:
    with pytest.raises(ValueError, match="Centbetrag"):
        to_cents(Decimal("1.005"))


def test_german_notation() -> None:
    assert format_eur(Decimal("1209.28")) == "1.209,28 €"
    assert format_eur(Decimal("-0.5")) == "-0,50 €"
    assert format_number(Decimal("19973.12"), 0) == "19.973"
    assert format_number(Decimal("26.1"), 4) == "26,1000"
