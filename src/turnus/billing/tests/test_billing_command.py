"""`turnus billing` from the terminal."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

import factories as make
from turnus.billing.models import Bill
from turnus.cli.billing import app
from turnus.metering.models import MeterReading
from turnus.system.isolation import allowed
from turnus.system.models import BusinessDate

RUNNER = CliRunner()


@pytest.mark.usefixtures("committed_db")
def test_run_and_run_again() -> None:
    client = make.billing_principal()
    BusinessDate.objects.create(day=date(2026, 1, 15))
    for closing in (3500, None):
        supply = make.supply(client)
        make.price(supply.product, date(2025, 1, 1), None, "30", "120")
        register = make.meter(supply.location)
        for day, value in ((date(2025, 1, 1), 0), (date(2026, 1, 1), closing)):
            if value is not None:
                MeterReading.objects.create(
                    client=client,
                    register=register,
                    date=day,
                    value=Decimal(value),
                    origin="grid",
                    quality="true",
                    taken_at=make.NOW,
                    document_at=make.NOW,
                )
    command = ["run", "--principal", "stadtwerk", "--until", "2025-12-31", "--processes", "1", "--json"]
    figures = []
    for _ in range(2):
        outcome = RUNNER.invoke(app, command)
        assert outcome.exit_code == 0, outcome.output
        figures.append(json.loads(outcome.stdout))
    assert figures[0] == figures[1]
    assert {name: figures[0][name] for name in ("total", "billed", "held")} == {
        "total": 2,
        "billed": 1,
        "held": 1,
    }
    with allowed(client.pk):
        assert Bill.objects.get().bill_date == date(2026, 1, 15)
    looked = RUNNER.invoke(app, ["rebills", "--principal", "stadtwerk", "--since", "2026-01-01"])
    assert looked.exit_code == 0
    assert "0 Rechnungen" in looked.output
    listed = RUNNER.invoke(app, ["missing", "--principal", "stadtwerk", "--until", "2025-12-31"])
    assert "abgerechnet bis 31.12.2025" in listed.output
    asked = RUNNER.invoke(app, ["instalments", "--principal", "stadtwerk", "--until", "2026-01-31"])
    assert "0 Abschläge" in asked.output


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--principal", "niemand", "--until", "2025-12-31"], "niemand"),
        (["--principal", "stadtwerk", "--until", "31.12.2025"], "31.12.2025"),
    ],
)
def test_wrong_options_are_named(options: list[str], words: str) -> None:
    make.principal("stadtwerk")
    outcome = RUNNER.invoke(app, ["run", *options])
    assert outcome.exit_code == 2
    assert words in outcome.output
