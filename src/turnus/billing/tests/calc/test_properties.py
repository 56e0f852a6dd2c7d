"""Truths of every bill, whatever it is made of."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import bill_examples as examples
from turnus.billing.calc.bill import calculate
from turnus.billing.calc.fileformat import parse

START = date(2023, 3, 1)


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, Any]:
    """Readings of one to three meters, one to four price periods, over up to two years."""
    days = draw(st.integers(1, 730))
    end = START + timedelta(days=days)
    exchanges = sorted(draw(st.sets(st.integers(1, days), max_size=2)) - {days})
    bounds = [0, *exchanges, days]
    readings = []
    for number, (first, last) in enumerate(itertools.pairwise(bounds)):
        opening, used = draw(st.integers(0, 9000)), draw(st.integers(0, 900))
        for offset, value in ((first, opening), (last, opening + used)):
            day = START + timedelta(days=offset)
            readings.append({"meter": f"M{number}", "date": day.isoformat(), "value": value})
    changes = sorted(draw(st.sets(st.integers(1, days), max_size=3)) - {days})
    edges = [0, *changes, days]
    prices = [
        {
            "from": (START + timedelta(days=first)).isoformat(),
            "to": (START + timedelta(days=last - 1)).isoformat(),
            "energy_ct_per_kwh": f"{draw(st.integers(0, 9999))}e-2",
            "base_eur_per_year": draw(st.integers(0, 500)),
        }
        for first, last in itertools.pairwise(edges)
    ]
    return {
        "commodity": "electricity",
        "period": {"start": START.isoformat(), "end": (end - timedelta(days=1)).isoformat()},
        "profile": draw(st.sampled_from(["H0", "G2", "S25"])),
        "state": "SN",
        "split": draw(st.sampled_from(["slp", "days"])),
        "readings": readings,
        "prices": prices,
        "vat": [
            {"from": "2021-01-01", "to": "2023-09-30", "percent": 19},
            {"from": "2023-10-01", "to": None, "percent": 7},
        ],
        "vat_model": draw(st.sampled_from(["stichtag", "zeitscheiben"])),
        "instalments_received": draw(st.lists(st.just({"gross": "98.00", "vat_percent": "19"}), max_size=3)),
    }


@settings(max_examples=120, deadline=None)
@given(inputs())
def test_parts_add_up(data: dict[str, Any]) -> None:
    bill = calculate(parse(data))
    energy = [line for line in bill.lines if line.kwh is not None]
    assert bill.kwh == sum(interval.quantity for interval in bill.intervals)
    assert all(
        line.kwh >= 0 and line.kwh == line.kwh.to_integral_value() for line in energy if line.kwh is not None
    )
    assert [line.period.start for line in energy[1:]] == [line.period.end for line in energy[:-1]]
    assert bill.net == sum(line.net for line in bill.lines) == sum(v.net for v in bill.vat)
    assert bill.gross == bill.net + sum(v.vat for v in bill.vat)
    assert bill.balance + bill.instalments == bill.gross
    assert sum(v.net + v.vat for v in bill.instalments_vat) == bill.instalments


@settings(max_examples=60, deadline=None)
@given(inputs())
def test_no_line_strays_from_its_exact_share_by_more_than_rounding(data: dict[str, Any]) -> None:
    bill = calculate(parse(data))
    parts = sum(1 for line in bill.lines if line.kwh is not None)
    for line in bill.lines:
        exact = getattr(line.working, "exact", None)
        if exact is not None and line.kwh is not None:
            assert abs(line.kwh - exact) <= Decimal(parts) / 2 + Decimal("0.000001")


def test_many_small_parts_never_go_below_zero() -> None:
    data = examples.simple(date(2025, 1, 1), date(2025, 1, 4), "0", "2", split="days")
    data["prices"] = [
        {"from": f"2025-01-0{n}", "to": f"2025-01-0{n}", "energy_ct_per_kwh": 30, "base_eur_per_year": 0}
        for n in range(1, 5)
    ]
    energy = [line.kwh for line in examples.bill(data).lines if line.kwh is not None]
    assert energy == [1, 1, 0, 0]
