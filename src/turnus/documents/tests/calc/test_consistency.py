"""Figures on a bill must agree with each other to the cent; each contradiction is found and named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from turnus.documents.calc.bill import BillDocument
from turnus.documents.calc.consistency import inconsistencies
from turnus.documents.calc.letters import OverdueItem, ReminderLetter, Table
from turnus.documents.calc.parties import contrast_to_white
from turnus.documents.render.sample import (
    sample_electricity_bill,
    sample_gas_bill,
    sample_letterhead,
    sample_reminder,
)

D = Decimal
strom, gas = sample_electricity_bill(), sample_gas_bill()


def first_interval(bill: BillDocument, **fields: object) -> BillDocument:
    changed = replace(bill.intervals[0], **fields)  # type: ignore[arg-type]
    return replace(bill, intervals=(changed, *bill.intervals[1:]))


def first_line(bill: BillDocument, **fields: object) -> BillDocument:
    return replace(bill, lines=(replace(bill.lines[0], **fields), *bill.lines[1:]))  # type: ignore[arg-type]


@pytest.mark.parametrize("bill", [strom, gas], ids=["electricity", "gas"])
def test_the_worked_examples_add_up(bill: BillDocument) -> None:
    assert inconsistencies(bill) == []


@pytest.mark.parametrize(
    ("bill", "words"),
    [
        (first_interval(strom, consumption=D(1398), kwh=D(1398)), "Differenz 1397"),
        (first_interval(strom, kwh=D(1398)), "Verbrauch 1397"),
        (first_interval(strom, closing=replace(strom.intervals[0].closing, value=D(12000))), "unter dem"),
        (
            first_interval(gas, gas=(replace(gas.intervals[0].gas[0], calorific_value=D("11.5")),)),
            "V × z × H_s",
        ),
        (first_interval(gas, gas=(replace(gas.intervals[0].gas[0], volume=D(1800)),)), "1800 m³"),
        (first_line(strom, net=D("445.42")), "445,41"),
        (first_line(strom, quantity=D(1797)), "Arbeitspreiszeilen"),
        (first_line(strom, portions=strom.lines[0].portions[:1]), "Teilmengen"),
        (
            replace(strom, lines=(*strom.lines[:3], replace(strom.lines[3], net=D("66.60")))),
            "tagesgenau 66,54",
        ),
        (replace(strom, vat_totals=(replace(strom.vat_totals[0], vat=D("193.09")),)), "193,09"),
        (replace(strom, net=D("1016.21")), "1.016,21"),
        (replace(strom, gross=D("1209.29")), "1.209,29"),
        (replace(strom, balance=D("131.27")), "131,27"),
        (replace(strom, kwh=D(3501)), "3.501 kWh"),
        (replace(strom, instalments=(replace(strom.instalments[0], net=D("905.88")),)), "11 Abschläge"),
    ],
)
def test_each_contradiction_is_named(bill: BillDocument, words: str) -> None:
    assert any(words in finding for finding in inconsistencies(bill))


def test_an_overflow_and_a_transformer_factor_add_up() -> None:
    """10ⁿ − old + new, times the factor: 99 990 → 15 on five digits is 25, × 40 = 1 000 kWh."""
    reading = strom.intervals[0].opening
    turned = replace(
        strom.intervals[0],
        opening=replace(reading, value=D(99990)),
        closing=replace(reading, value=D(15)),
        factor=D(40),
        overflow_digits=5,
        consumption=D(1000),
        kwh=D(1000),
    )
    only = replace(strom, intervals=(turned,), kwh=D(1000))
    assert not [f for f in inconsistencies(only) if f.startswith("Zähler")]
    without_digits = replace(only, intervals=(replace(turned, overflow_digits=None),))
    assert [f for f in inconsistencies(without_digits) if "unter dem Anfangsstand" in f]


def test_a_reminder_must_add_up() -> None:
    letter = sample_reminder()
    with pytest.raises(ValueError, match="145"):
        replace(letter, total=D("145.57"))
    with pytest.raises(ValueError, match="Zahlungsziel"):
        replace(letter, pay_until=letter.frame.letter_date)
    one = (OverdueItem("Abschlag", letter.items[0].due_date, D(5), D(5)),)
    assert isinstance(replace(letter, items=one, fee=D(0), total=D(5)), ReminderLetter)


def test_table_rows_have_as_many_cells_as_the_header() -> None:
    with pytest.raises(ValueError, match="2 Spalten"):
        Table(("a", "b"), (("1", "2", "3"),))


def test_a_colour_nobody_can_read_is_darkened_for_text() -> None:
    head = sample_letterhead()
    assert contrast_to_white("#000000") == 21
    assert contrast_to_white("#767676") == D("4.54")
    assert head.ink == head.primary
    yellow = replace(head, primary="#f5d90a")
    assert contrast_to_white("#f5d90a") < D("4.5") <= contrast_to_white(yellow.ink) < 6
    assert contrast_to_white(replace(head, primary="#ffffff").ink) >= D("4.5")
    with pytest.raises(ValueError, match="#rrggbb"):
        replace(head, accent="orange")
