"""Every reason to refuse a bill is reached, all reasons come at once, in the order of the checks."""

from dataclasses import replace
from typing import Any

import pytest

import bill_examples as examples
from turnus.billing.calc.bill import calculate
from turnus.billing.calc.checks import check
from turnus.billing.calc.fileformat import parse
from turnus.billing.calc.records import BillRefused, Code

PRICE = {"energy_ct_per_kwh": "24.80", "base_eur_per_year": "120.00"}


def reading(meter: str, day: str, value: str, **more: Any) -> dict[str, Any]:
    return {"meter": meter, "date": day, "value": value, **more}


YEAR = [reading("A", "2025-01-01", "100"), reading("A", "2026-01-01", "3600")]

# code, changes to the example, words a clerk needs to act
REFUSED: list[tuple[Code, dict[str, Any], str]] = [
    (Code.READING_CONFLICT, {"readings": [*YEAR, reading("A", "2025-01-01", "101")]}, "01.01.2025"),
    (
        Code.READING_EXCEEDS_DIGITS,
        {"readings": [YEAR[0], reading("A", "2026-01-01", "3600", digits=3)]},
        "3 Stellen",
    ),
    (
        Code.FACTOR_CONFLICT,
        {
            "readings": [
                reading("A", "2025-01-01", "1", factor=20),
                reading("A", "2026-01-01", "9", factor=30),
            ]
        },
        "30",
    ),
    (Code.READING_BACKWARDS, {"readings": [YEAR[0], reading("A", "2026-01-01", "99")]}, "digits"),
    (
        Code.READING_MISSING_START,
        {"readings": [reading("A", "2025-01-02", "1"), YEAR[1]]},
        "01.01.2025",
    ),
    (Code.READING_MISSING_END, {"readings": [YEAR[0], reading("A", "2025-12-31", "5")]}, "01.01.2026"),
    (
        Code.READING_GAP,
        {
            "readings": [
                YEAR[0],
                reading("A", "2025-05-15", "900"),
                reading("B", "2025-05-16", "0"),
                reading("B", "2026-01-01", "5"),
            ]
        },
        "15.05.2025–15.05.2025",
    ),
    (
        Code.READING_OVERLAP,
        {"readings": [*YEAR, reading("B", "2025-06-01", "0"), reading("B", "2025-07-01", "5")]},
        "01.06.2025–30.06.2025",
    ),
    (
        Code.PRICE_MISSING,
        {"prices": [{"from": "2025-01-01", "to": "2025-06-30"} | PRICE]},
        "01.07.2025–31.12.2025",
    ),
    (
        Code.PRICE_OVERLAP,
        {
            "prices": [
                {"from": "2025-01-01", "to": "2025-07-01"} | PRICE,
                {"from": "2025-07-01", "to": None} | PRICE,
            ]
        },
        "01.07.2025–01.07.2025",
    ),
    (
        Code.VAT_MISSING,
        {"vat": [{"from": "2021-01-01", "to": "2025-12-30", "percent": 19}]},
        "31.12.2025",
    ),
    (
        Code.VAT_OVERLAP,
        {
            "vat": [
                {"from": "2021-01-01", "percent": 19},
                {"from": "2025-12-31", "to": "2025-12-31", "percent": 7},
            ]
        },
        "31.12.2025",
    ),
    (Code.GAS_QUALITY_MISSING, {"commodity": "gas", "profile": None}, "Brennwert"),
    (
        Code.GAS_QUALITY_OVERLAP,
        {
            "commodity": "gas",
            "gas": [
                {"from": "2025-01-01", "conversion_factor": "0.95", "calorific_value": 11},
                {
                    "from": "2025-03-01",
                    "to": "2025-03-31",
                    "conversion_factor": "0.95",
                    "calorific_value": 11,
                },
            ],
        },
        "01.03.2025–31.03.2025",
    ),
    (Code.PROFILE_MISSING, {"profile": None}, "Profil"),
    (Code.PROFILE_UNKNOWN, {"profile": "H7"}, "H7"),
    (Code.STATE_UNKNOWN, {"state": "NRW"}, "NRW"),
]

# Its case is below: registers come from master data and are no part of the file.
MASTER_DATA_CODES = {Code.SEVERAL_REGISTERS}
# Their cases are in test_agreement.py.
AGREEMENT_CODES = {
    Code.PRODUCT_MISSING,
    Code.PRICE_NOT_AGREED,
    Code.PERIOD_GAP,
    Code.PERIOD_OVERLAP,
    Code.PERIOD_OUTSIDE_SUPPLY,
}


@pytest.mark.parametrize(("code", "changes", "words"), REFUSED, ids=[code.value for code, _, _ in REFUSED])
def test_each_reason_is_found_and_says_where(code: Code, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BillRefused) as refused:
        calculate(parse(examples.vary(examples.EXCHANGE, **changes)))
    found = [finding for finding in refused.value.findings if finding.code is code]
    assert found
    assert words in found[0].text


def test_every_code_has_its_case() -> None:
    assert {code for code, _, _ in REFUSED} | MASTER_DATA_CODES | AGREEMENT_CODES == set(Code)


def test_peak_and_off_peak_registers_are_refused_even_if_only_one_was_read() -> None:
    bill = replace(parse(examples.EXCHANGE), registers=(("A", ("1-1:1.8.1", "1-1:1.8.2")),))
    with pytest.raises(BillRefused) as refused:
        calculate(bill)
    (finding,) = refused.value.findings
    assert finding.code is Code.SEVERAL_REGISTERS
    assert "Zähler A" in finding.text and "1-1:1.8.1, 1-1:1.8.2" in finding.text
    assert check(replace(bill, registers=(("A", ("1-1:1.8.0",)), ("B", ("1-1:1.8.0",))))) == []


def test_the_example_is_free_of_findings() -> None:
    assert check(parse(examples.EXCHANGE)) == []


def test_all_reasons_come_at_once_in_fixed_order() -> None:
    changes = {"readings": YEAR[:1], "prices": [], "vat": [], "state": "XX"}
    changes["prices"] = [{"from": "2024-01-01", "to": "2024-12-31"} | PRICE]
    changes["vat"] = [{"from": "2024-01-01", "to": "2024-12-31", "percent": 19}]
    findings = check(parse(examples.vary(examples.EXCHANGE, **changes)))
    assert [finding.code for finding in findings] == [
        Code.READING_MISSING_END,
        Code.PRICE_MISSING,
        Code.VAT_MISSING,
        Code.STATE_UNKNOWN,
    ]


def test_vat_by_day_needs_a_rate_for_every_day() -> None:
    vat = [{"from": "2025-07-01", "to": None, "percent": 19}]
    data = examples.vary(examples.EXCHANGE, vat=vat)
    assert check(parse(data)) == []
    findings = check(parse(data | {"vat_model": "zeitscheiben"}))
    assert [finding.code for finding in findings] == [Code.VAT_MISSING]


def test_gas_without_profile_is_split_by_days_and_an_unused_profile_does_not_matter() -> None:
    prices = [
        {"from": "2025-01-01", "to": "2025-06-30"} | PRICE,
        {"from": "2025-07-01", "to": None} | PRICE,
    ]
    bill = examples.bill(examples.GAS, prices=prices)
    assert {p.method for line in bill.lines for p in getattr(line.working, "portions", ())} == {"days"}
    assert examples.bill(examples.GAS, profile="H0").kwh == 19973
    with pytest.raises(BillRefused, match="H0"):
        examples.bill(examples.GAS, prices=prices, profile="H0")
