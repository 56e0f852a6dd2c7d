"""The worked examples through the database: run, hold, ask, estimate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from billing_world import (
    YEAR_END,
    bill_all,
    exchange,
    limits,
    read,
    verified,
)
from turnus.billing.models import Bill
from turnus.billing.queries import bill_detail, deadline_breaches, left_out
from turnus.billing.services import (
    estimate_reading,
    start_billing,
)
from turnus.billing.services.estimates import CannotEstimate
from turnus.clients.models import Setting
from turnus.metering.models import GasQuality, ValueRequest
from turnus.receivables.models import OpenItem
from turnus.system import runs
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


@pytest.mark.parametrize(
    ("split", "kwh", "net", "vat", "gross"),
    [
        ("slp", (1796, 1704), "1016.20", "193.08", "1209.28"),
        ("days", (1825, 1675), "1015.83", "193.01", "1208.84"),
    ],
)
def test_exchange_and_price_change(
    client: Principal, split: str, kwh: tuple[int, int], net: str, vat: str, gross: str
) -> None:
    Setting.objects.create(client=client, name="split", value=split)
    exchange(client, concession_fee_class="TK 1,59")
    run = bill_all(client)
    assert run.result["billed"] == run.result["released"] == 1
    bill = bill_detail(Bill.objects.get().pk)
    energy = [line for line in bill.lines if line.kind == "energy"]
    assert tuple(int(line.kwh or 0) for line in energy) == kwh
    assert (str(bill.bill.net), bill.bill.vat[0]["vat"], str(bill.bill.gross)) == (net, vat, gross)
    assert {c["code"]: c["net"] for c in bill.bill.contained}["concession_fee"] == "55.65"
    item = OpenItem.objects.get(pk=bill.bill.open_item_id)
    assert (item.amount_cents, item.reference) == (int(Decimal(gross) * 100), "R00000001")
    assert all(check["ok"] for check in bill.bill.checks)
    assert verified(client)


def test_gas_and_its_emissions(client: Principal) -> None:
    gas = make.product(client, commodity="gas")
    supply = make.supply(client, of=gas, commodity="gas", profile="HEF03", annual_forecast_kwh=20000)
    make.price(gas, date(2025, 1, 1), None, "8.45", "144.00")
    register = make.meter(supply.location, digits=5, decimals=3)
    read(register, "2025-01-01", "4211")
    read(register, "2026-01-01", "6045")
    assert bill_all(client).result["held"] == 1
    case = Case.objects.get(kind="billing_hold")
    assert "Brennwert" in case.reason
    assert (case.service, case.due_on) == ("M01", date(2026, 2, 11))
    for kind, value in (("calorific_value", "11.412"), ("conversion_factor", "0.9543")):
        GasQuality.objects.create(
            client=client,
            market_location=supply.location,
            kind=kind,
            valid=(date(2025, 1, 1), date(2026, 1, 1)),
            value=Decimal(value),
            quality="true",
            taken_at=make.NOW,
            document_at=make.NOW,
        )
    again = start_billing(
        client_id=client.pk,
        until=YEAR_END,
        today=date(2026, 1, 16),
        user=None,
        at=make.NOW,
        documents=False,
    )
    runs.execute(again)
    bill = Bill.objects.get()
    assert (int(bill.kwh), str(bill.net), str(bill.gross)) == (19973, "1831.72", "2179.75")
    assert bill.co2 is not None
    assert bill.co2["kg"] == "3623.0"
    case.refresh_from_db()
    assert case.state == "done"
    assert verified(client)


@pytest.mark.parametrize(("model", "gross"), [("stichtag", "1733.40"), ("zeitscheiben", "1782.40")])
def test_vat_models(client: Principal, model: str, gross: str) -> None:
    Setting.objects.create(client=client, name="vat_model", value=model)
    gas = make.product(client, commodity="gas")
    supply = make.supply(
        client,
        date(2022, 7, 1),
        of=gas,
        commodity="gas",
        profile="",
        annual_forecast_kwh=18000,
        reading_cycle_month=6,
    )
    make.price(gas, date(2022, 7, 1), None, "9.00", "0")
    register = make.meter(supply.location, digits=5)
    read(register, "2022-07-01", "1000")
    read(register, "2023-07-01", "2800")
    for kind, value in (("calorific_value", "10"), ("conversion_factor", "1")):
        GasQuality.objects.create(
            client=client,
            market_location=supply.location,
            kind=kind,
            valid=(date(2022, 7, 1), date(2023, 7, 1)),
            value=Decimal(value),
            quality="true",
            taken_at=make.NOW,
            document_at=make.NOW,
        )
    bill_all(client, until=date(2023, 6, 30))
    assert str(Bill.objects.get().gross) == gross
    assert verified(client)


def test_leap_year_base_price_of_a_first_half(client: Principal) -> None:
    supply = make.supply(client, date(2024, 1, 1), reading_cycle_month=6, annual_forecast_kwh=None)
    make.price(supply.product, date(2024, 1, 1), None, "30", "120.00")
    register = make.meter(supply.location)
    read(register, "2024-01-01", "0")
    read(register, "2024-07-01", "1000")
    bill_all(client, until=date(2024, 6, 30))
    (base,) = bill_detail(Bill.objects.get().pk).bill.lines.filter(kind="base")
    assert str(base.net) == "59.67"


def test_a_second_run_bills_nothing_twice(client: Principal) -> None:
    exchange(client)
    first = bill_all(client)
    assert bill_all(client).pk == first.pk
    later = start_billing(
        client_id=client.pk, until=YEAR_END, today=date(2026, 1, 20), user=None, at=make.NOW, documents=False
    )
    assert later.total == 0
    assert Bill.objects.count() == 1


# What is wrong with the readings → words of the case; nothing is billed or guessed.
HELD = {
    "closing reading missing": (["2025-01-01 100"], "Endstand zum 01.01.2026"),
    "opening reading missing": (["2026-01-01 3600"], "Anfangsstand zum 01.01.2025"),
    "below the last": (["2025-01-01 3600", "2026-01-01 3000"], "liegt unter"),
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_missing_holds_the_bill_with_a_case(client: Principal, name: str) -> None:
    readings, words = HELD[name]
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "30", "120")
    register = make.meter(supply.location)
    for reading in readings:
        read(register, *reading.split())
    run = bill_all(client)
    assert (run.result["held"], Bill.objects.count(), OpenItem.objects.count()) == (1, 0, 0)
    assert words in Case.objects.get(kind="billing_hold").reason


def test_a_missing_price_names_the_days(client: Principal) -> None:
    supply = exchange(client)
    supply.product.prices.filter(energy_ct_per_kwh=Decimal("26.10")).delete()
    bill_all(client)
    assert "01.07.2025–31.12.2025" in Case.objects.get(kind="billing_hold").reason


def test_the_period_ends_at_the_reading_of_the_grid_operator(client: Principal) -> None:
    supply = make.supply(client, date(2025, 4, 1), reading_cycle_month=3)
    make.price(supply.product, date(2025, 1, 1), None, "30", "120")
    register = make.meter(supply.location)
    read(register, "2025-04-01", "0")
    read(register, "2026-03-27", "3400")
    bill_all(client, until=date(2026, 3, 31))
    assert Bill.objects.get().period.upper == date(2026, 3, 27)


def test_a_missing_reading_is_asked_for_once_and_can_be_estimated(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    supply = make.supply(client, annual_forecast_kwh=3650)
    make.price(supply.product, date(2025, 1, 1), None, "30", "120")
    register = make.meter(supply.location)
    read(register, "2025-01-01", "100")
    bill_all(client)
    (request,) = ValueRequest.objects.all()
    assert (request.kind, request.period.lower) == ("reading", date(2026, 1, 1))
    start_again = {
        "client_id": client.pk,
        "until": YEAR_END,
        "user": None,
        "at": make.NOW,
        "documents": False,
    }
    runs.execute(start_billing(today=date(2026, 1, 16), **start_again))
    assert ValueRequest.objects.count() == 1
    case = Case.objects.get(kind="billing_hold")
    assert case.occurrences == 2
    outcome = run_action(case=case, name="estimate", user=lead, at=make.NOW, form={"day": "2026-01-01"})
    assert "ausgesteuert" in outcome
    bill = Bill.objects.get()
    assert (int(bill.kwh), bill.is_estimated) == (3650, True)


def test_what_is_late_is_listed(client: Principal) -> None:
    supply = make.supply(client)
    late, unbilled = deadline_breaches(client.pk, date(2026, 2, 12))
    assert (late.count(), unbilled) == (0, [supply.contract.pk])
    assert deadline_breaches(client.pk, date(2026, 2, 11))[1] == []


def test_a_bill_that_waits_longer_than_six_weeks_is_late(client: Principal) -> None:
    limits(client, clerk="10")
    exchange(client)
    assert bill_all(client).result["excepted"] == 1
    assert deadline_breaches(client.pk, date(2026, 2, 11))[0].count() == 0
    assert deadline_breaches(client.pk, date(2026, 2, 12))[0].count() == 1


def test_nothing_to_estimate_from_is_refused(client: Principal) -> None:
    supply = make.supply(client, annual_forecast_kwh=None)
    register = make.meter(supply.location)
    where = {"client_id": client.pk, "contract_id": supply.contract.pk, "user": None, "at": make.NOW}
    with pytest.raises(CannotEstimate, match="keinen Stand"):
        estimate_reading(day=date(2026, 1, 1), **where)
    read(register, "2025-01-01", "100")
    with pytest.raises(CannotEstimate, match="Jahresverbrauchsprognose"):
        estimate_reading(day=date(2026, 1, 1), **where)


def test_what_was_billed_before_the_takeover_is_not_billed_again(client: Principal) -> None:
    Setting.objects.create(client=client, name="billing_from", value="2025-01-01")
    supply = make.supply(client, date(2019, 3, 1))
    make.price(supply.product, date(2019, 1, 1), None, "30", "120")
    register = make.meter(supply.location, since=date(2019, 3, 1))
    read(register, "2025-01-01", "20000")
    read(register, "2026-01-01", "23500")
    bill_all(client)
    bill = Bill.objects.get()
    assert (bill.period.lower, bill.period.upper, int(bill.kwh)) == (date(2025, 1, 1), date(2026, 1, 1), 3500)


def test_each_eligible_location_is_billed_once_and_the_rest_is_listed_with_a_reason(
    client: Principal,
) -> None:
    exchange(client)
    make.supply(client, reading_cycle_month=3)
    make.supply(client, date(2026, 2, 1))
    draft = make.supply(client)
    draft.contract.state = "draft"
    draft.contract.save()
    bill_all(client, month=12)
    listed = [entry.reason for entry in left_out(client_id=client.pk, until=YEAR_END, month=12)]
    assert listed == [
        "abgerechnet bis 31.12.2025",
        "Ablesemonat 3 statt 12",
        "Lieferung beginnt erst am 01.02.2026",
        "Vertrag ist noch ein Entwurf",
    ]
    assert Bill.objects.count() == 1
