"""The engine against the worked numbers of docs/algorithms/billing.md."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import bill_examples as examples
from turnus.billing.calc.records import Bill


def energy(bill: Bill) -> list[tuple[int, str]]:
    return [(int(line.kwh), str(line.net)) for line in bill.lines if line.kwh is not None]


def base(bill: Bill) -> list[str]:
    return [str(line.net) for line in bill.lines if line.kind == "base"]


def test_meter_exchange_and_price_change_by_profile() -> None:
    bill = examples.bill(examples.EXCHANGE)
    assert energy(bill) == [(1796, "445.41"), (1704, "444.74")]
    assert base(bill) == ["59.51", "66.54"]
    assert (bill.net, bill.vat[0].vat, bill.gross) == (
        Decimal("1016.20"),
        Decimal("193.08"),
        Decimal("1209.28"),
    )


def test_the_same_by_days() -> None:
    bill = examples.bill(examples.EXCHANGE, split="days")
    assert energy(bill) == [(1825, "452.60"), (1675, "437.18")]
    assert (str(bill.net), str(bill.vat[0].vat), str(bill.gross)) == ("1015.83", "193.01", "1208.84")


def test_contained_taxes_and_levies() -> None:
    bill = examples.bill(examples.EXCHANGE, concession_ct_per_kwh="1.59")
    assert {charge.code: str(charge.net) for charge in bill.contained} == {
        "electricity_tax": "71.75",
        "chp_levy": "9.70",
        "offshore_levy": "28.56",
        "special_grid_use_levy": "54.53",
        "concession_fee": "55.65",
    }


def test_correction_of_the_first_reading() -> None:
    """The old meter stood at 13,724 and not at 13,742: 5.32 € less."""
    readings = [dict(r) for r in examples.EXCHANGE["readings"]]
    readings[1]["value"] = "13724"
    assert str(examples.bill(examples.EXCHANGE, readings=readings).gross) == "1203.96"


def test_gas_from_volume_to_money() -> None:
    bill = examples.bill(examples.GAS)
    assert energy(bill) == [(19973, "1687.72")]
    assert (str(bill.net), str(bill.vat[0].vat), str(bill.gross)) == ("1831.72", "348.03", "2179.75")
    assert next(str(c.net) for c in bill.contained if c.code == "energy_tax_gas") == "109.85"
    assert bill.co2 is not None
    assert str(bill.co2.kg) == "3623.0"


@pytest.mark.parametrize(
    ("model", "lines", "gross"),
    [
        ("stichtag", [(18000, "1620.00")], "1733.40"),
        ("zeitscheiben", [(4537, "408.33"), (13463, "1211.67")], "1782.40"),
        (None, [(18000, "1620.00")], "1733.40"),
    ],
)
def test_both_vat_models_of_the_gas_price_crisis(model: str | None, lines: Any, gross: str) -> None:
    bill = examples.bill(examples.GAS_VAT, vat_model=model)
    assert energy(bill) == lines
    assert str(bill.gross) == gross


def test_vat_slices_are_days_even_where_prices_split_by_profile() -> None:
    bill = examples.bill(examples.GAS_VAT, vat_model="zeitscheiben", split="slp", profile="HEF03")
    assert energy(bill) == [(4537, "408.33"), (13463, "1211.67")]


def test_leap_year_base_price() -> None:
    def half_year(year: int) -> list[str]:
        first, last = date(year, 1, 1), date(year, 6, 30)
        data = examples.simple(first, last, "0", "1000", base="120.00")
        return base(examples.bill(data))

    assert half_year(2024) == ["59.67"]
    assert half_year(2025) == ["59.51"]


def test_new_year_does_not_split_a_line_but_each_year_has_its_daily_rate() -> None:
    data = examples.simple(date(2023, 7, 1), date(2024, 6, 30), "0", "3500", base="120.00")
    bill = examples.bill(data)
    assert [line.kind.value for line in bill.lines] == ["energy", "base"]
    exact = Decimal(120) * 184 / 365 + Decimal(120) * 182 / 366
    assert base(bill) == [str(exact.quantize(Decimal("0.01")))]


def test_instalments_are_credited_with_their_vat() -> None:
    received = [{"gross": "98.00", "vat_percent": "19"}] * 11
    bill = examples.bill(examples.EXCHANGE, instalments_received=received)
    assert (str(bill.instalments), str(bill.balance)) == ("1078.00", "131.28")
    assert (str(bill.instalments_vat[0].net), str(bill.instalments_vat[0].vat)) == ("905.85", "172.15")


def test_instalments_of_several_rates_stay_apart() -> None:
    received = [{"gross": "119.00", "vat_percent": "19"}, {"gross": "107.00", "vat_percent": 7}]
    bill = examples.bill(examples.GAS_VAT, instalments_received=received)
    assert [(int(v.percent), str(v.net), str(v.vat)) for v in bill.instalments_vat] == [
        (19, "100.00", "19.00"),
        (7, "100.00", "7.00"),
    ]
    assert str(bill.balance) == "1507.40"


def test_bonus_is_a_line_of_its_own() -> None:
    bill = examples.bill(examples.EXCHANGE, bonus_gross="100.00")
    line = bill.lines[-1]
    assert (line.kind.value, str(line.net)) == ("bonus", "-84.03")
    assert (str(bill.net), str(bill.vat[0].vat), str(bill.gross)) == ("932.17", "177.11", "1109.28")


def test_register_overflow() -> None:
    year = (date(2025, 1, 1), date(2025, 12, 31))
    data = examples.simple(*year, "98765", "1265")
    for reading in data["readings"]:
        reading["digits"] = 5
    bill = examples.bill(data)
    assert bill.kwh == 2500
    assert bill.intervals[0].overflow


def test_transformer_factor_multiplies_before_rounding() -> None:
    data = examples.simple(date(2025, 1, 1), date(2025, 12, 31), "100.0", "110.41")
    for reading in data["readings"]:
        reading["factor"] = 40
    assert examples.bill(data).kwh == 416


def test_a_reading_on_the_day_of_the_change_is_not_split() -> None:
    readings = [
        {"meter": "A", "date": "2025-01-01", "value": "0"},
        {"meter": "A", "date": "2025-07-01", "value": "1500"},
        {"meter": "A", "date": "2026-01-01", "value": "3500"},
    ]
    bill = examples.bill(examples.EXCHANGE, readings=readings)
    assert [kwh for kwh, _ in energy(bill)] == [1500, 2000]
    assert all(p.method == "measured" for line in bill.lines for p in getattr(line.working, "portions", ()))


def test_readings_outside_the_period_belong_to_other_bills() -> None:
    more = [
        {"meter": "1EMH0000000001", "date": "2024-01-01", "value": "9000"},
        {"meter": "1EMH0000000002", "date": "2026-03-01", "value": "9"},
        *examples.EXCHANGE["readings"],
    ]
    assert str(examples.bill(examples.EXCHANGE, readings=more).gross) == "1209.28"


def test_two_exchanges_on_one_line() -> None:
    readings = [
        {"meter": "A", "date": "2025-01-01", "value": "100"},
        {"meter": "A", "date": "2025-03-01", "value": "200"},
        {"meter": "B", "date": "2025-03-01", "value": "0"},
        {"meter": "B", "date": "2025-03-08", "value": "7"},
        {"meter": "C", "date": "2025-03-08", "value": "50"},
        {"meter": "C", "date": "2026-01-01", "value": "443"},
    ]
    price = {"from": "2025-01-01", "to": "2025-12-31", "energy_ct_per_kwh": "10", "base_eur_per_year": "0"}
    bill = examples.bill(examples.EXCHANGE, readings=readings, prices=[price])
    assert energy(bill) == [(500, "50.00")]


def test_one_day() -> None:
    bill = examples.bill(examples.simple(date(2024, 2, 29), date(2024, 2, 29), "5", "15", base="366.00"))
    assert (str(bill.lines[0].net), str(bill.lines[1].net)) == ("3.00", "1.00")


def test_vat_cut_of_2020() -> None:
    data = examples.simple(
        date(2020, 1, 1), date(2020, 12, 31), "0", "3660", energy="20", vat_model="zeitscheiben"
    )
    data["vat"] = [
        {"from": "2007-01-01", "to": "2020-06-30", "percent": 19},
        {"from": "2020-07-01", "to": "2020-12-31", "percent": 16},
    ]
    bill = examples.bill(data)
    assert energy(bill) == [(1820, "364.00"), (1840, "368.00")]
    assert [(int(v.percent), str(v.vat)) for v in bill.vat] == [(19, "69.16"), (16, "58.88")]


def test_calorific_value_is_the_quantity_weighted_mean() -> None:
    gas = [
        {
            "from": "2025-01-01",
            "to": "2025-06-30",
            "conversion_factor": "0.9543",
            "calorific_value": "11.400",
        },
        {
            "from": "2025-07-01",
            "to": "2025-12-31",
            "conversion_factor": "0.9543",
            "calorific_value": "11.500",
        },
    ]
    by_days = examples.bill(examples.GAS, gas=gas, split="days")
    (run,) = by_days.intervals[0].gas
    assert str(run.calorific_value) == "11.450"  # (181 × 11.400 + 184 × 11.500) / 365
    by_profile = examples.bill(examples.GAS, gas=gas, profile="HEF")
    assert by_profile.intervals[0].gas[0].calorific_value < run.calorific_value


def test_a_new_conversion_factor_splits_the_volume() -> None:
    gas = [
        {"from": "2025-01-01", "to": "2025-06-30", "conversion_factor": "0.95", "calorific_value": "11.4"},
        {"from": "2025-07-01", "to": "2025-12-31", "conversion_factor": "0.96", "calorific_value": "11.4"},
    ]
    bill = examples.bill(examples.GAS, gas=gas, split="days")
    runs = bill.intervals[0].gas
    assert [str(run.volume) for run in runs] == ["909.463", "924.537"]
    assert bill.kwh == 19968  # 909.463 × 0.95 × 11.4 + 924.537 × 0.96 × 11.4 = 19967.62


def test_unpublished_levies_are_named_not_taken_as_zero() -> None:
    bill = examples.bill(examples.simple(date(2027, 1, 1), date(2027, 12, 31), "0", "1000"))
    unknown = {charge.code for charge in bill.contained if charge.net is None}
    assert unknown == {"chp_levy", "offshore_levy", "special_grid_use_levy"}
