"""A bill against its contract: each finding names the days, and the prices where they differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import bill_examples as examples
from turnus.billing.calc.agreement import Agreed, Agreement, Billed, check_agreement
from turnus.billing.calc.fileformat import parse
from turnus.billing.calc.records import Code
from turnus.lib.period import Period

D = Decimal
BILL = parse(examples.EXCHANGE)
BEGIN, CHANGE, END = date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)
ALWAYS = Period(BEGIN, date.max)
OLD = Agreed(Period(BEGIN, CHANGE), "Treue Strom", D("24.80"), D(120))
NEW = Agreed(Period(CHANGE, date.max), "Treue Strom", D("26.10"), D(132))
FITS = Agreement((Agreed(ALWAYS, "Treue Strom"),), (OLD, NEW), BEGIN, date.max, ())


def billed(start: date, end: date) -> dict[str, Any]:
    return {"billed": (Billed(Period(start, end), "R00000001"),)}


FOUND: list[tuple[Code, dict[str, Any], str]] = [
    (
        Code.PRODUCT_MISSING,
        {"products": (Agreed(Period(BEGIN, date(2025, 10, 1)), "Treue Strom"),)},
        "Dem Vertrag ist für 01.10.2025–31.12.2025 kein Produkt zugeordnet",
    ),
    (
        Code.PRICE_MISSING,
        {"prices": (OLD,)},
        "Das Produkt „Treue Strom“ hat für 01.07.2025–31.12.2025 keinen gültigen Preis",
    ),
    (
        Code.PRICE_NOT_AGREED,
        {"prices": (OLD, replace(NEW, energy_ct=D("25.905")))},
        "01.07.2025–31.12.2025: abgerechnet 26,10 ct/kWh und 132,00 €/Jahr, vereinbart 25,905 ct/kWh und "
        "132,00 €/Jahr („Treue Strom“)",
    ),
    (
        Code.PERIOD_GAP,
        {"begin": date(2024, 3, 1)} | billed(date(2024, 3, 1), date(2024, 12, 1)),
        "01.12.2024–31.12.2024 ist nach R00000001 nicht abgerechnet",
    ),
    (
        Code.PERIOD_GAP,
        {"begin": date(2024, 11, 1)},
        "01.11.2024–31.12.2024 ist seit Beginn der Lieferung nicht abgerechnet",
    ),
    (
        Code.PERIOD_OVERLAP,
        {"begin": date(2024, 3, 1)} | billed(date(2024, 3, 1), date(2025, 1, 16)),
        "01.01.2025–15.01.2025 ist schon mit R00000001 abgerechnet",
    ),
    (
        Code.PERIOD_OUTSIDE_SUPPLY,
        {"end": date(2025, 11, 1)},
        "01.11.2025–31.12.2025 gehört nicht zur Lieferung",
    ),
    (
        Code.PERIOD_OUTSIDE_SUPPLY,
        {"begin": date(2025, 2, 1)},
        "01.01.2025–31.01.2025 gehört nicht zur Lieferung",
    ),
]


@pytest.mark.parametrize(("code", "changes", "text"), FOUND)
def test_each_finding_names_the_days(code: Code, changes: dict[str, Any], text: str) -> None:
    findings = check_agreement(BILL, replace(FITS, **changes))
    assert [(finding.code, finding.text) for finding in findings] == [(code, text)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        billed(date(2025, 1, 1), date(2026, 1, 1)),
        {"begin": date(2024, 1, 1)} | billed(date(2024, 1, 1), BEGIN),
        {"end": END},
    ],
    ids=["first bill", "itself", "joins the bill before", "ends with the supply"],
)
def test_a_bill_that_fits(changes: dict[str, Any]) -> None:
    assert check_agreement(BILL, replace(FITS, **changes)) == []
