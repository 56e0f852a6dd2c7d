"""Documents are kept as JSON beside their PDF: the way there and back loses nothing, bad data is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.documents.calc.bill import BillDocument, InstalmentReceived
from turnus.documents.render import sample
from turnus.documents.render.records import BadRecord, Record, from_data, to_data
from turnus.documents.render.wording import ct, eur, masked_iban, number

D = Decimal


@pytest.mark.parametrize(
    "record",
    [
        sample.sample_electricity_bill(),
        sample.sample_gas_bill(),
        sample.sample_reminder(),
        sample.sample_pre_notification(),
        sample.sample_explanation(),
        sample.sample_letter(),
    ],
    ids=lambda record: type(record).__name__,
)
def test_there_and_back_through_json(record: Record) -> None:
    assert from_data(json.loads(json.dumps(to_data(record)))) == record


@settings(max_examples=25, deadline=None)
@given(
    cents=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=4),
    day=st.dates(date(2020, 1, 1), date(2030, 1, 1)) | st.none(),
    label=st.text(max_size=20),
)
def test_any_instalments_survive(cents: list[int], day: date | None, label: str) -> None:
    paid = tuple(InstalmentReceived(day, D(c).scaleb(-2), D(c), D("0.00"), D(19), label) for c in cents)
    bill = replace(sample.sample_electricity_bill(), instalments=paid)
    assert from_data(json.loads(json.dumps(to_data(bill)))) == bill


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"record": "Postkarte"}, "unbekannte Art „Postkarte“"),
        ({"gross": "viel"}, r"BillDocument\.gross: „viel“"),
        ({"issue_date": "15.01.2026"}, r"BillDocument\.issue_date"),
        ({"kind": "monthly"}, r"BillDocument\.kind"),
        ({"number": 7}, r"BillDocument\.number"),
        ({"lines": "keine"}, r"BillDocument\.lines"),
        ({"colour": "red"}, "unbekannte Felder colour"),
        ({"supply": None}, r"BillDocument\.supply"),
    ],
)
def test_bad_data_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadRecord, match=words):
        from_data({**to_data(sample.sample_electricity_bill()), **change})


def test_a_missing_field_is_named() -> None:
    data = to_data(sample.sample_electricity_bill())
    del data["gross"]
    with pytest.raises(BadRecord, match="gross"):
        from_data(data)


def test_figures_in_german() -> None:
    assert eur(D("-1078")) == "\u22121.078,00\u00a0€"
    assert ct(D("24.80000")) == "24,80\u00a0ct"
    assert ct(D("26.105")) == "26,105\u00a0ct"
    assert number(D("12345.0000")) == "12.345"
    assert number(D("398.783478"), 0, 2) == "398,78"
    assert number(D("1E+3")) == "1.000"
    assert masked_iban("DE89 3704 0044 0532 0130 00") == "DE89\u00a0…\u00a03000"


def test_the_sample_is_a_bill_with_its_serial() -> None:
    bill = sample.sample_electricity_bill(42)
    assert isinstance(bill, BillDocument)
    assert bill.number == "R-2026-0000042"
    assert bill.payment.due_date - bill.issue_date >= timedelta(days=14)
