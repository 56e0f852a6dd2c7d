"""The input file: what is read, what is refused, and that the message names the field."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import bill_examples as examples
from turnus.billing.calc.fileformat import FileRefused, parse, read, to_data
from turnus.cli.calc import app

RUNNER = CliRunner()


def change(path: str, value: Any) -> dict[str, Any]:
    """The exchange example with the field at `path` ("readings.1.value") set."""
    data = examples.vary(examples.EXCHANGE)
    target: Any = data
    *way, last = path.split(".")
    for step in way:
        target = target[int(step)] if isinstance(target, list) else target[step]
    target[int(last) if isinstance(target, list) else last] = value
    return data


FAULTS: list[tuple[str, Any, str]] = [
    ("commodity", "water", "commodity"),
    ("commodity", None, "commodity"),
    ("period", None, "period"),
    ("period.end", "2024-12-31", "period.end"),
    ("period.start", "1.1.2025", "period.start"),
    ("period.start", "20250101", "period.start"),
    ("period.begin", "2025-01-01", "period.begin"),
    ("split", "weeks", "split"),
    ("vat_model", "both", "vat_model"),
    ("profile", 7, "profile"),
    ("readings", [], "readings"),
    ("readings", "none", "readings"),
    ("readings.1", 5, "readings[1]"),
    ("readings.1.value", "13.742,0", "readings[1].value"),
    ("readings.1.value", True, "readings[1].value"),
    ("readings.1.value", "NaN", "readings[1].value"),
    ("readings.1.value", "1e40", "readings[1].value"),
    ("readings.1.value", "-1", "readings[1].value"),
    ("readings.1.date", "2025-02-30", "readings[1].date"),
    ("readings.1.date", "0001-01-01", "readings[1].date"),
    ("readings.1.meter", "", "readings[1].meter"),
    ("readings.1.factor", 0, "readings[1].factor"),
    ("readings.1.digits", 2.5, "readings[1].digits"),
    ("readings.1.digits", 0, "readings[1].digits"),
    ("readings.1.colour", "red", "readings[1].colour"),
    ("prices.0.energy_ct_per_kwh", "-24.80", "prices[0].energy_ct_per_kwh"),
    ("prices.1.base_eur_per_year", None, "prices[1].base_eur_per_year"),
    ("prices.1.to", "2025-06-30", "prices[1].to"),
    ("vat.0.percent", "190", "vat[0].percent"),
    ("gas", [{"from": "2025-01-01", "conversion_factor": 1, "calorific_value": 11}], "gas"),
    ("instalments_received", [{"gross": "98.001", "vat_percent": 19}], "instalments_received[0].gross"),
    ("bonus_gross", "-5", "bonus_gross"),
    ("preise", [], "preise"),
]


@pytest.mark.parametrize(("path", "value", "field"), FAULTS, ids=[f"{p}={v}" for p, v, _ in FAULTS])
def test_a_fault_names_its_field(path: str, value: Any, field: str) -> None:
    with pytest.raises(FileRefused) as refused:
        parse(change(path, value))
    assert field in {fault.field for fault in refused.value.faults}


def test_all_faults_come_at_once() -> None:
    data = change("readings.1.value", "x") | {"split": "y", "vat": "z"}
    with pytest.raises(FileRefused) as refused:
        parse(data)
    assert [fault.field for fault in refused.value.faults] == ["split", "readings[1].value", "vat"]


@pytest.mark.parametrize("example", [examples.EXCHANGE, examples.GAS, examples.GAS_VAT])
def test_writing_mirrors_reading(example: dict[str, Any]) -> None:
    more = {"bonus_gross": "50", "instalments_received": [{"gross": "98.00", "vat_percent": "19"}]}
    read_once = parse(examples.vary(example, **more))
    assert parse(json.loads(json.dumps(to_data(read_once)))) == read_once


def test_numbers_keep_their_decimals() -> None:
    text = json.dumps(examples.EXCHANGE).replace('"26.10"', "26.10000000001")
    with pytest.raises(FileRefused, match="Nachkommastellen"):
        read(text)
    assert read(json.dumps(examples.EXCHANGE).replace('"26.10"', "26.1")).prices[1].energy_ct * 10 == 261


@pytest.mark.parametrize(
    ("text", "words"), [("{", "Zeile 1"), ("[]", "Objekt"), ('{"gas":1,"gas":2}', "gas")]
)
def test_what_is_no_object_is_refused(text: str, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        read(text)


def run(tmp_path: Path, text: str, *options: str) -> Any:
    file = tmp_path / "bill.json"
    file.write_text(text, encoding="utf-8")
    return RUNNER.invoke(app, ["bill", str(file), *options])


def test_command_gives_the_bill_as_json(tmp_path: Path) -> None:
    outcome = run(tmp_path, json.dumps(examples.EXCHANGE), "--json")
    assert outcome.exit_code == 0
    result = json.loads(outcome.stdout)
    assert (result["net"], result["gross"], result["balance"]) == ("1016.20", "1209.28", "1209.28")
    assert result["vat"] == [{"percent": "19", "net": "1016.20", "vat": "193.08"}]
    assert [line["kwh"] for line in result["lines"]] == ["1796", "1704", None, None]
    assert result["lines"][0]["unit_price"] == "24.80"
    assert "18,9626 %" in result["lines"][0]["working"]["text"]


def test_command_shows_the_bill_in_words(tmp_path: Path) -> None:
    outcome = run(tmp_path, json.dumps(examples.EXCHANGE))
    assert outcome.exit_code == 0
    assert "1.209,28 €" in outcome.stdout
    assert "13742 − 12345 = 1397" in outcome.stdout


def test_command_refuses_with_the_field(tmp_path: Path) -> None:
    outcome = run(tmp_path, json.dumps(change("prices.1.from", "2025-07-02")), "--json")
    assert outcome.exit_code == 1
    assert "prices" in outcome.stderr
    assert "01.07.2025" in outcome.stderr
    assert json.loads(outcome.stdout)["findings"][0]["code"] == "price_missing"


def test_command_refuses_a_missing_file(tmp_path: Path) -> None:
    outcome = RUNNER.invoke(app, ["bill", str(tmp_path / "absent.json")])
    assert outcome.exit_code == 1
    assert "absent.json" in outcome.stderr
