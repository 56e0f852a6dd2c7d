from datetime import date
from decimal import Decimal

import pytest

from turnus.lib.period import Period
from turnus.products.calc.levies import published_levies

LEVIES = published_levies()


@pytest.mark.parametrize(
    ("code", "day", "value"),
    [
        ("electricity_tax", date(2026, 6, 1), "2.05"),
        ("chp_levy", date(2025, 12, 31), "0.277"),
        ("chp_levy", date(2026, 1, 1), "0.446"),
        ("offshore_levy", date(2026, 1, 1), "0.941"),
        ("special_grid_use_levy", date(2025, 1, 1), "1.558"),
        ("special_grid_use_levy", date(2026, 1, 1), "1.559"),
        ("renewables_levy", date(2022, 6, 30), "3.723"),
        ("renewables_levy", date(2022, 7, 1), "0"),
        ("gas_storage_levy", date(2025, 12, 31), "0.289"),
        ("gas_storage_levy", date(2026, 1, 1), "0"),
        ("co2_price_gas", date(2026, 1, 1), "1.0884"),
        ("energy_tax_gas", date(2026, 1, 1), "0.55"),
    ],
)
def test_value_by_date(code: str, day: date, value: str) -> None:
    assert LEVIES.value(code, day) == Decimal(value)


def test_what_is_not_published_has_no_value() -> None:
    assert LEVIES.value("chp_levy", date(2027, 1, 1)) is None
    assert LEVIES.value("gas_balancing_levy_slp", date(2026, 10, 1)) is None
    assert LEVIES.value("chp_levy", date(2019, 12, 31)) is None


def test_a_revised_levy_is_known_from_its_publication_on() -> None:
    day = date(2024, 5, 1)
    assert LEVIES.value("special_grid_use_levy", day, as_of=date(2023, 11, 1)) == Decimal("0.403")
    assert LEVIES.value("special_grid_use_levy", day) == Decimal("0.643")
    assert LEVIES.value("special_grid_use_levy", day, as_of=date(2023, 10, 1)) is None


def test_vat_of_gas_is_cut_at_each_change() -> None:
    rates = LEVIES.vat_rates("gas", Period.inclusive(date(2020, 1, 1), date(2024, 12, 31)))
    assert [(p.start, percent) for p, percent in rates] == [
        (date(2020, 1, 1), 19),
        (date(2020, 7, 1), 16),
        (date(2021, 1, 1), 19),
        (date(2022, 10, 1), 7),
        (date(2024, 4, 1), 19),
    ]


def test_equal_neighbours_are_one_span() -> None:
    spans = LEVIES.spans("electricity_tax", Period.inclusive(date(2020, 1, 1), date(2026, 12, 31)))
    assert len(spans) == 1


def test_every_row_names_its_source_and_no_version_is_ambiguous() -> None:
    for code in LEVIES.codes():
        values = LEVIES.levy(code).values
        assert all(entry.source for entry in values), code
        for n, one in enumerate(values):
            for other in values[n + 1 :]:
                assert not one.period.overlaps(other.period) or one.published != other.published, code
