"""The worked examples of docs/algorithms/billing.md as inputs, to be varied by tests."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

from turnus.billing.calc.bill import calculate
from turnus.billing.calc.fileformat import parse
from turnus.billing.calc.records import Bill

EXCHANGE: dict[str, Any] = {
    "commodity": "electricity",
    "period": {"start": "2025-01-01", "end": "2025-12-31"},
    "profile": "H0",
    "state": "NW",
    "split": "slp",
    "readings": [
        {"meter": "1EMH0000000001", "date": "2025-01-01", "value": "12345"},
        {"meter": "1EMH0000000001", "date": "2025-05-15", "value": "13742"},
        {"meter": "1EMH0000000002", "date": "2025-05-15", "value": "3"},
        {"meter": "1EMH0000000002", "date": "2026-01-01", "value": "2106"},
    ],
    "prices": [
        {
            "from": "2025-01-01",
            "to": "2025-06-30",
            "energy_ct_per_kwh": "24.80",
            "base_eur_per_year": "120.00",
        },
        {
            "from": "2025-07-01",
            "to": "2025-12-31",
            "energy_ct_per_kwh": "26.10",
            "base_eur_per_year": "132.00",
        },
    ],
    "vat": [{"from": "2021-01-01", "to": None, "percent": "19"}],
}

GAS: dict[str, Any] = {
    "commodity": "gas",
    "period": {"start": "2025-01-01", "end": "2025-12-31"},
    "profile": None,
    "state": "NW",
    "split": "slp",
    "readings": [
        {"meter": "7ELS0000000001", "date": "2025-01-01", "value": "4211"},
        {"meter": "7ELS0000000001", "date": "2026-01-01", "value": "6045"},
    ],
    "gas": [
        {
            "from": "2025-01-01",
            "to": "2025-12-31",
            "conversion_factor": "0.9543",
            "calorific_value": "11.412",
        }
    ],
    "prices": [
        {
            "from": "2025-01-01",
            "to": "2025-12-31",
            "energy_ct_per_kwh": "8.45",
            "base_eur_per_year": "144.00",
        }
    ],
    "vat": [{"from": "2024-04-01", "to": None, "percent": "19"}],
}

GAS_VAT: dict[str, Any] = {
    **GAS,
    "period": {"start": "2022-07-01", "end": "2023-06-30"},
    "split": "days",
    "readings": [
        {"meter": "7ELS0000000001", "date": "2022-07-01", "value": "1000"},
        {"meter": "7ELS0000000001", "date": "2023-07-01", "value": "2800"},
    ],
    "gas": [
        {"from": "2022-07-01", "to": "2023-06-30", "conversion_factor": "1.0000", "calorific_value": "10.000"}
    ],
    "prices": [
        {"from": "2022-07-01", "to": "2023-06-30", "energy_ct_per_kwh": "9.00", "base_eur_per_year": "0"}
    ],
    "vat": [
        {"from": "2021-01-01", "to": "2022-09-30", "percent": "19"},
        {"from": "2022-10-01", "to": "2024-03-31", "percent": "7"},
        {"from": "2024-04-01", "to": None, "percent": "19"},
    ],
}


def vary(example: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A deep copy with top-level fields replaced (None removes one)."""
    data = copy.deepcopy(example)
    data.update(copy.deepcopy(changes))
    return {name: value for name, value in data.items() if value is not None}


def bill(example: dict[str, Any], **changes: Any) -> Bill:
    return calculate(parse(vary(example, **changes)))


def simple(
    start: date, end: date, opening: str, closing: str, *, energy: str = "30.00", base: str = "0", **more: Any
) -> dict[str, Any]:
    """One meter, one price, 19 % VAT from `start` to `end`, both included."""
    day_after = (end + timedelta(days=1)).isoformat()
    return {
        "commodity": "electricity",
        "period": {"start": start.isoformat(), "end": end.isoformat()},
        "profile": "H0",
        "state": "NW",
        "split": "slp",
        "readings": [
            {"meter": "A", "date": start.isoformat(), "value": opening},
            {"meter": "A", "date": day_after, "value": closing},
        ],
        "prices": [
            {
                "from": start.isoformat(),
                "to": end.isoformat(),
                "energy_ct_per_kwh": energy,
                "base_eur_per_year": base,
            }
        ],
        "vat": [{"from": "1990-01-01", "to": None, "percent": "19"}],
        **more,
    }
