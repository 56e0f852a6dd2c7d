from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.lib.quantity import format_kwh, gas_energy, parse_decimal, register_difference, round_kwh


def test_gas_energy_of_the_handbook() -> None:
    energy = gas_energy(Decimal(1834), Decimal("0.9543"), Decimal("11.412"))
    assert round_kwh(energy) == 19973
    assert format_kwh(energy) == "19.973 kWh"


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_an_overflowing_register_counts_on(opening: int, advance: int) -> None:
    closing = (opening + advance) % 100_000
    assert register_difference(Decimal(opening), Decimal(closing), 5) == advance


def test_without_digits_a_backward_register_is_unknown() -> None:
    assert register_difference(Decimal(99_990), Decimal(10), None) is None
    assert register_difference(Decimal(99_990), Decimal(10), 5) == 20


@pytest.mark.parametrize("text", ["", "x", "1,5", "1_000", "NaN", "Infinity", "-Infinity"])
def test_only_finite_numbers_are_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="Zahl"):
        parse_decimal(text)
