"""The worked examples through the database: run, hold, put aside, release, correct."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import factories as make
from turnus.billing.checks import check_bills, check_bills_posted
from turnus.billing.models import Bill, Instalment, InstalmentPlan
from turnus.billing.queries import bill_detail, deadline_breaches, exceptions
from turnus.billing.services import (
    NotReleasable,
    adjust_instalments,
    cancel_bill,
    check_rebills,
    correct_bill,
    estimate_reading,
    plan_instalments,
    reject_bill,
    release_bills,
    request_due_instalments,
    start_billing,
)
from turnus.billing.services.correction import NotCancellable
from turnus.billing.services.estimates import CannotEstimate
from turnus.billing.services.release import Outdated
from turnus.clients.models import ApprovalThreshold, Setting
from turnus.ledger.queries import balances
from turnus.ledger.services import account_table, seed_accounts
from turnus.metering.models import GasQuality, MeterReading, ValueRequest
from turnus.receivables.models import OpenItem
from turnus.receivables.services.batch import PostingBatch
from turnus.receivables.services.settlement import Payment, post_payment
from turnus.system import runs
from turnus.system.models import Principal, Run
from turnus.worklist.models import Case
from turnus.worklist.services import AlreadyDecided, FourEyesViolation, run_action

pytestmark = pytest.mark.django_db

YEAR_END = date(2025, 12, 31)
TODAY = date(2026, 1, 15)


@pytest.fixture
def client() -> Principal:
    made = make.principal("stadtwerk")
    seed_accounts(client_id=made.pk)
    return made


def read(register: Any, day: str, value: str, quality: str = "true", origin: str = "grid") -> None:
    MeterReading.objects.create(
        client_id=register.client_id,
        register=register,
        date=date.fromisoformat(day),
        value=Decimal(value),
        origin=origin,
        quality=quality,
        taken_at=make.NOW,
        document_at=make.NOW,
    )


def better_reading(old: int, new: int, at: datetime = make.NOW) -> None:
    """A second version of a reading: the first stays, but counts no longer."""
    reading = MeterReading.objects.get(value=Decimal(old))
    MeterReading.objects.filter(pk=reading.pk).update(is_current=False)
    reading.pk, reading.value, reading.version, reading.taken_at = None, Decimal(new), 2, at
    reading.save(force_insert=True)


def exchange(client: Principal, removed: str = "13742", **location: Any) -> make.Supply:
    """The example of docs/algorithms/billing.md: exchange on 15 May, price change on 1 July 2025."""
    supply = make.supply(client, **location)
    make.price(supply.product, date(2025, 1, 1), date(2025, 7, 1), "24.80", "120.00")
    make.price(supply.product, date(2025, 7, 1), None, "26.10", "132.00")
    old = make.meter(supply.location, until=date(2025, 5, 15))
    new = make.meter(supply.location, since=date(2025, 5, 15))
    read(old, "2025-01-01", "12345")
    read(old, "2025-05-15", removed)
    read(new, "2025-05-15", "3")
    read(new, "2026-01-01", "2106")
    return supply


def bill_all(client: Principal, until: date = YEAR_END, user: Any = None, **more: Any) -> Run:
    run = start_billing(
        client_id=client.pk, until=until, today=TODAY, user=user, at=make.NOW, documents=False, **more
    )
    runs.execute(run)
    run.refresh_from_db()
    return run


def verified(client: Principal) -> bool:
    return not check_bills(client_id=client.pk)[1] and not check_bills_posted(client_id=client.pk)[1]


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
    assert (case.service, case.due_on) == ("M01", date(2026, 2, 12))
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


def limits(client: Principal, **amounts: str) -> None:
    for kind in ("bill_net", "bill_gross"):
        for role, amount in amounts.items():
            ApprovalThreshold.objects.create(client=client, kind=kind, role=role, amount=Decimal(amount))


def test_only_another_lead_releases_what_lies_above_the_limit(client: Principal) -> None:
    limits(client, clerk="500", lead="5000")
    preparer = make.user("paula", client, "lead")
    clerk, lead = make.user("karl", client), make.user("lea", client, "lead")
    exchange(client)
    run = bill_all(client, user=preparer)
    assert run.result["excepted"] == 1
    (bill,) = exceptions([client.pk])
    assert [e["rule"] for e in bill.exceptions] == ["net_limit", "gross_limit"]
    assert (bill.number, OpenItem.objects.count()) == (None, 0)
    decide = {"bill_ids": [bill.pk], "at": make.NOW, "today": TODAY, "documents": False}
    with pytest.raises(FourEyesViolation):
        release_bills(user=preparer, reason="passt", **decide)
    with pytest.raises(NotReleasable, match="Wertgrenze"):
        release_bills(user=clerk, reason="passt", **decide)
    with pytest.raises(ValueError, match="Begründung"):
        release_bills(user=lead, reason=" ", **decide)
    (released,) = release_bills(user=lead, reason="Zählerwechsel geprüft", **decide)
    assert released.number == "R00000001"
    assert (released.decided_by, released.decision_reason) == (lead, "Zählerwechsel geprüft")
    assert OpenItem.objects.get().amount_cents == 120928
    with pytest.raises(AlreadyDecided):
        release_bills(user=lead, reason="noch einmal", **decide)
    assert verified(client)


def test_deviation_puts_aside_with_its_figures_and_rejection_frees_the_period(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client, annual_forecast_kwh=2000)
    bill_all(client)
    (bill,) = exceptions([client.pk])
    assert bill.exceptions[0]["rule"] == "deviation"
    assert "75,0 %" in bill.exceptions[0]["value"]
    reject_bill(bill_id=bill.pk, user=lead, at=make.NOW, reason="Stand wird nachgefragt")
    bill.refresh_from_db()
    assert (bill.state, bill.decided_by, OpenItem.objects.count()) == ("rejected", lead, 0)
    again = start_billing(
        client_id=client.pk, until=YEAR_END, today=date(2026, 1, 20), user=None, at=make.NOW, documents=False
    )
    assert again.total == 1


def test_an_estimated_reading_is_put_aside(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "30", "120")
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2026-01-01", "3500", quality="estimate", origin="estimate")
    bill_all(client)
    bill = Bill.objects.get()
    assert bill.is_estimated
    assert [e["rule"] for e in bill.exceptions] == ["estimated"]


def test_correction_mirrors_and_bills_again(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    supply = exchange(client)
    bill_all(client)
    old = Bill.objects.get()
    better_reading(13742, 13724)
    cancellation, new = correct_bill(
        bill_id=old.pk, user=lead, at=make.NOW, today=TODAY, reason="Zahlendreher", documents=False
    )
    assert (str(cancellation.gross), str(new.gross)) == ("-1209.28", "1203.96")
    assert [c.net for c in cancellation.lines.all()] == [-line.net for line in old.lines.all()]
    assert (new.corrects, new.decision_reason) == (old, "Zahlendreher")
    assert [b.number for b in (old, cancellation, new)] == ["R00000001", "R00000002", "R00000003"]
    owed = OpenItem.objects.filter(subaccount=supply.account.pk)
    assert sum(item.side * item.open_cents for item in owed) == 120396
    assert verified(client)


def test_a_cancelled_bill_frees_its_period_and_cannot_be_cancelled_twice(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    how = {"user": lead, "at": make.NOW, "today": TODAY, "documents": False}
    cancellation = cancel_bill(bill_id=bill.pk, reason="falscher Vertrag", **how)
    assert (cancellation.kind, cancellation.balance) == ("cancellation", -bill.balance)
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == 0
    for again in (bill.pk, cancellation.pk):
        with pytest.raises(NotCancellable, match="storniert"):
            cancel_bill(bill_id=again, reason="noch einmal", **how)
    later = start_billing(
        client_id=client.pk, until=YEAR_END, today=date(2026, 1, 20), user=None, at=make.NOW, documents=False
    )
    assert later.total == 1
    assert verified(client)


def test_a_plan_is_adjusted_after_a_bill_only_where_one_ran(client: Principal) -> None:
    supply = exchange(client)
    ids = [supply.contract.pk]
    assert (
        adjust_instalments(client_id=client.pk, contract_ids=ids, since=TODAY, user=None, at=make.NOW) == []
    )
    assert not InstalmentPlan.objects.exists()
    plan_instalments(client_id=client.pk, contract_ids=ids, since=date(2025, 1, 1), user=None, at=make.NOW)
    bill_all(client)
    new = InstalmentPlan.objects.latest("id")
    assert (new.valid.lower, new.reason) == (TODAY, "nach Abrechnung angepasst")
    assert str(new.gross) == "113.05"  # 3,498 kWh: the twelve months from 15 January weigh a little less


def test_a_better_reading_after_the_bill_opens_a_rebill_check(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client)
    bill_all(client)
    old = Bill.objects.get()
    look = {"client_id": client.pk, "since": make.NOW, "today": TODAY, "at": make.NOW}
    assert check_rebills(**look) == []
    better_reading(13742, 13724, at=old.prepared_at + timedelta(days=3))
    (rebill,) = check_rebills(**look)
    assert str(rebill.gross) == "1203.96"
    case = Case.objects.get(kind="rebill_check")
    assert "13742 → 13724" in case.reason.replace(".0000", "")
    outcome = run_action(case=case, name="correct", user=lead, at=make.NOW, form={})
    assert "R00000003" in outcome
    assert check_rebills(**look) == []
    assert verified(client)


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
    late, unbilled = deadline_breaches(client.pk, date(2026, 2, 13))
    assert (late.count(), unbilled) == (0, [supply.contract.pk])
    assert deadline_breaches(client.pk, date(2026, 2, 11))[1] == []


def test_instalments_from_plan_to_final_balance(client: Principal) -> None:
    """3,500 kWh at the price of July 2025: 1,244.15 € a year, eleven times 113.10 €."""
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "26.10", "132.00")
    left = plan_instalments(
        client_id=client.pk, contract_ids=[supply.contract.pk], since=date(2025, 1, 1), user=None, at=make.NOW
    )
    plan = InstalmentPlan.objects.get()
    assert (left, str(plan.gross), plan.count) == ([], "113.10", 11)
    assert plan.working["expected_gross"] == "1244.15"
    for _ in range(2):
        request_due_instalments(client_id=client.pk, until=date(2025, 12, 31), user=None, at=make.NOW)
    assert Instalment.objects.filter(state="requested").count() == 11
    requested = OpenItem.objects.filter(kind="instalment")
    assert (requested.count(), sum(i.amount_cents for i in requested)) == (11, 124410)
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2026-01-01", "3500")
    bill_all(client)
    bill = Bill.objects.get()
    # Nothing was paid: nothing is credited, and the unpaid requests lapse into the bill.
    assert (str(bill.gross), str(bill.instalments), str(bill.balance)) == ("1244.15", "0.00", "1244.15")
    assert Instalment.objects.filter(state="lapsed", bill=bill).count() == 11
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == 124415


def pay_instalments(client: Principal, account: int) -> None:
    """Every open request of the account is received in full."""
    items = list(OpenItem.objects.filter(subaccount_id=account, kind="instalment").order_by("id"))
    batch = PostingBatch(client.pk, None, make.NOW)
    for item in items:
        lines = ((item.pk, item.open_cents),)
        payment = Payment(f"p{item.pk}", "bank", account, item.open_cents, lines, TODAY, TODAY, "x", "x")
        post_payment(batch, account_table(client_id=client.pk), payment, {item.pk: item})
    batch.flush()


def test_received_instalments_are_credited_with_their_vat(client: Principal) -> None:
    """Eleven times 98.00 € received: 905.85 net and 172.15 VAT; balance 131.28 €, corrected 125.96 €."""
    lead = make.user("lea", client, "lead")
    supply = exchange(client)
    plan = InstalmentPlan.objects.create(
        client=client,
        contract=supply.contract,
        valid=(date(2025, 1, 1), date(2026, 1, 1)),
        gross=Decimal(98),
        count=11,
        vat_percent=Decimal(19),
        reason="Vertragsbeginn",
        working={"expected_gross": "1078.00"},
        created_at=make.NOW,
    )
    for month in range(2, 13):
        Instalment.objects.create(
            client=client,
            plan=plan,
            contract=supply.contract,
            key=f"T{month}",
            due_date=date(2025, month, 15),
            gross=plan.gross,
            vat_percent=plan.vat_percent,
        )
    request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW)
    pay_instalments(client, supply.account.pk)
    bill_all(client)
    bill = Bill.objects.get()
    assert (str(bill.instalments), str(bill.balance)) == ("1078.00", "131.28")
    assert bill.instalments_vat == [{"percent": "19", "net": "905.85", "vat": "172.15"}]
    assert balances(client_id=client.pk)["1718"] == 0
    assert OpenItem.objects.get(pk=bill.open_item_id).open_cents == 13128
    better_reading(13742, 13724)
    _, new = correct_bill(
        bill_id=bill.pk, user=lead, at=make.NOW, today=TODAY, reason="Zahlendreher", documents=False
    )
    assert (str(new.gross), str(new.instalments), str(new.balance)) == ("1203.96", "1078.00", "125.96")
    assert sum(i.side * i.open_cents for i in OpenItem.objects.all()) == 12596
    assert verified(client)


def test_a_final_bill_ends_the_instalments(client: Principal) -> None:
    supply = make.supply(client, until=date(2025, 9, 1))
    make.price(supply.product, date(2025, 1, 1), None, "26.10", "132.00")
    ids = [supply.contract.pk]
    plan_instalments(client_id=client.pk, contract_ids=ids, since=date(2025, 1, 1), user=None, at=make.NOW)
    assert Instalment.objects.latest("due_date").due_date == date(2025, 8, 15)
    request_due_instalments(client_id=client.pk, until=date(2025, 6, 30), user=None, at=make.NOW)
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2025-09-01", "2300")
    bill_all(client)
    assert Bill.objects.get().kind == "final"
    states = list(Instalment.objects.order_by("due_date").values_list("state", flat=True))
    assert states == ["lapsed"] * 5 + ["cancelled"] * 2
    assert request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW) == 0


def test_a_payment_between_calculation_and_release_is_not_lost(client: Principal) -> None:
    limits(client, clerk="500", lead="5000")
    lead = make.user("lea", client, "lead")
    supply = exchange(client)
    plan_instalments(
        client_id=client.pk, contract_ids=[supply.contract.pk], since=date(2025, 1, 1), user=None, at=make.NOW
    )
    request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW)
    bill_all(client)
    (bill,) = exceptions([client.pk])
    pay_instalments(client, supply.account.pk)
    with pytest.raises(Outdated, match="neu abrechnen"):
        release_bills(
            bill_ids=[bill.pk], user=lead, at=make.NOW, today=TODAY, reason="passt", documents=False
        )
    reject_bill(bill_id=bill.pk, user=lead, at=make.NOW, reason="Abschläge eingegangen")
    assert Instalment.objects.filter(state="requested").count() == 11


def test_twelve_instalments(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "26.10", "132.00")
    plan_instalments(
        client_id=client.pk,
        contract_ids=[supply.contract.pk],
        since=date(2025, 1, 1),
        user=None,
        at=make.NOW,
        count=12,
    )
    assert str(InstalmentPlan.objects.get().gross) == "103.68"


def test_a_new_plan_replaces_what_was_not_requested(client: Principal) -> None:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), date(2025, 7, 1), "26.10", "132.00")
    make.price(supply.product, date(2025, 7, 1), None, "30.00", "132.00")
    ids = [supply.contract.pk]
    for since in (date(2025, 1, 1), date(2025, 7, 1)):
        plan_instalments(client_id=client.pk, contract_ids=ids, since=since, user=None, at=make.NOW)
        request_due_instalments(client_id=client.pk, until=date(2025, 6, 30), user=None, at=make.NOW)
    states = [i.state for i in Instalment.objects.order_by("plan_id", "due_date")]
    assert states == ["requested"] * 5 + ["cancelled"] * 6 + ["planned"] * 11
    assert InstalmentPlan.objects.latest("id").gross > InstalmentPlan.objects.earliest("id").gross


def test_a_released_bill_cannot_be_changed_or_deleted(client: Principal) -> None:
    from django.db import DatabaseError, transaction

    exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    for change in ({"gross": Decimal(1), "balance": Decimal(1)}, {"number": "R99999999"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Bill.objects.filter(pk=bill.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        bill.lines.update(net=Decimal(0))
    with pytest.raises(DatabaseError), transaction.atomic():
        Bill.objects.filter(pk=bill.pk).delete()


def test_verify_finds_a_line_that_was_tampered_with(client: Principal) -> None:
    from django.db import connections

    exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    assert connections["default"].vendor == "postgresql"
    bill.lines.all()  # lines are append-only, so the stored input is what a vandal could forge in a copy
    bill.input["prices"][0]["energy_ct_per_kwh"] = "24.90"
    from turnus.billing.checks import _fault

    assert "weichen" in _fault(bill, list(bill.lines.order_by("position")))


def test_nothing_to_estimate_from_is_refused(client: Principal) -> None:
    supply = make.supply(client, annual_forecast_kwh=None)
    register = make.meter(supply.location)
    where = {"client_id": client.pk, "contract_id": supply.contract.pk, "user": None, "at": make.NOW}
    with pytest.raises(CannotEstimate, match="keinen Stand"):
        estimate_reading(day=date(2026, 1, 1), **where)
    read(register, "2025-01-01", "100")
    with pytest.raises(CannotEstimate, match="Jahresverbrauchsprognose"):
        estimate_reading(day=date(2026, 1, 1), **where)
