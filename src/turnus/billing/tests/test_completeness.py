"""What the law wants on a bill: without it no number, posting or letter; for run, person and correction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

import factories as make
from billing_world import (
    TODAY,
    YEAR_END,
    better_reading,
    bill_all,
    exchange,
    limits,
    pay_instalments,
    read,
    verified,
)
from turnus.billing.document import Incomplete
from turnus.billing.models import Bill
from turnus.billing.services import (
    cancel_bill,
    correct_bill,
    plan_instalments,
    release_bills,
    release_completed,
    request_due_instalments,
    start_billing,
)
from turnus.clients.models import HouseBank, Letterhead, Setting
from turnus.documents.models import Document
from turnus.products.models import EnergyMix
from turnus.receivables.models import OpenItem
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

pytestmark = pytest.mark.django_db

WHEN: dict[str, Any] = {"at": make.NOW, "today": TODAY}


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


def several(client: Principal, count: int, **location: Any) -> make.Supply:
    """Contracts with a year of 3,500 kWh each."""
    for _ in range(count):
        supply = make.supply(client, **location)
        make.price(supply.product, date(2025, 1, 1), None, "30", "120")
        register = make.meter(supply.location)
        read(register, "2025-01-01", "0")
        read(register, "2026-01-01", "3500")
    return supply


def no_mix(client: Principal) -> dict[str, Any]:
    """Take the energy mix away; returns what to create it from again."""
    mix = EnergyMix.objects.get(client=client)
    EnergyMix.objects.all().delete()
    names = ("year", "shares", "co2_g_per_kwh", "radioactive_mg_per_kwh")
    return {"client": client} | {name: getattr(mix, name) for name in names}


def test_a_run_releases_no_bill_without_energy_mix_and_one_case_stands_for_all(client: Principal) -> None:
    mix = no_mix(client)
    several(client, 5)
    run = bill_all(client)
    assert (run.result["billed"], run.result["released"], run.result["excepted"]) == (5, 0, 5)
    assert {(b.state, b.number) for b in Bill.objects.all()} == {("excepted", None)}
    assert (OpenItem.objects.count(), Document.objects.count()) == (0, 0)
    (exception,) = Bill.objects.all()[0].exceptions
    assert (exception["rule"], exception["place"], exception["value"]) == (
        "checklist",
        "energy_mix",
        "1 fehlt",
    )
    assert "Stromkennzeichnung mit Grafik" in exception["text"]
    assert "(§ 42 EnWG)" in exception["text"]
    case = Case.objects.get()
    assert (case.kind, case.service, case.key) == ("bill_incomplete", "M06", "bill-incomplete-energy_mix")
    assert "beim Auftraggeber hinterlegen" in case.reason

    EnergyMix.objects.create(**mix)
    clerk = make.user("clara", client)
    outcome = run_action(case=case, name="print", user=clerk, at=make.NOW, form={})
    assert outcome == "Rechnungen: 5 freigegeben"
    case.refresh_from_db()
    assert (case.state, case.closed_by) == ("done", clerk)
    assert sorted(b.number or "" for b in Bill.objects.all()) == [f"R0000000{n}" for n in range(1, 6)]
    assert {(b.decided_by, tuple(b.exceptions)) for b in Bill.objects.all()} == {(None, ())}
    assert (OpenItem.objects.count(), Document.objects.filter(kind="bill").count()) == (5, 5)
    assert verified(client)


def test_the_next_run_releases_what_is_complete_by_itself(client: Principal) -> None:
    mix = no_mix(client)
    several(client, 2)
    bill_all(client)
    EnergyMix.objects.create(**mix)
    start_billing(client_id=client.pk, until=YEAR_END, user=None, **WHEN)
    assert {bill.state for bill in Bill.objects.all()} == {"released"}
    case = Case.objects.get()
    assert (case.state, case.outcome) == ("done", "Angaben vollständig. Rechnungen: 2 freigegeben")


def test_no_letterhead_is_one_cause_although_four_items_miss_it(client: Principal) -> None:
    Letterhead.objects.all().delete()
    several(client, 3)
    bill_all(client)
    case = Case.objects.get()
    assert case.key == "bill-incomplete-letterhead"
    assert all(words in case.reason for words in ("Registergericht", "Hotline", "Steuernummer"))
    assert [e["value"] for e in Bill.objects.all()[0].exceptions] == ["4 fehlen"]


def test_a_house_bank_is_needed_too(client: Principal) -> None:
    HouseBank.objects.all().delete()
    several(client, 1)
    assert bill_all(client).result["released"] == 0
    assert Case.objects.get().key == "bill-incomplete-letterhead"


def test_two_causes_are_two_cases_and_each_closes_on_its_own(client: Principal) -> None:
    mix = no_mix(client)
    several(client, 2)
    one = several(client, 1, concession_fee_class="")
    bill_all(client)
    keys = {"bill-incomplete-energy_mix", "bill-incomplete-location"}
    assert {case.key for case in Case.objects.all()} == keys
    EnergyMix.objects.create(**mix)
    done = release_completed(client_id=client.pk, user=None, documents=False, **WHEN)
    assert (done.released, dict(done.lacking)) == (2, {"location": 1})
    (still,) = Case.objects.exclude(state="done")
    assert still.key == "bill-incomplete-location"
    (waiting,) = Bill.objects.filter(state="excepted")
    assert waiting.contract_id == one.contract.pk
    assert [e["place"] for e in waiting.exceptions] == ["location"], "what is there now is no reason any more"


def test_part_of_the_bills_goes_out_and_the_rest_is_a_case_again(client: Principal) -> None:
    """Two locations lack their concession fee; completed one by one. The fee is in what was calculated."""
    supplies = [several(client, 1, concession_fee_class="") for _ in range(2)]
    bill_all(client)
    case = Case.objects.get()
    click: dict[str, Any] = {"name": "print", "user": make.user("clara", client), "at": make.NOW, "form": {}}
    with pytest.raises(ValueError, match="2 Rechnungen fehlen weiterhin"):
        run_action(case=case, **click)
    complete(supplies[0])
    outcome = run_action(case=case, **click)
    assert outcome == "Rechnungen: 1 neu abgerechnet, 1 weiterhin ohne Pflichtangaben"
    first, second = Case.objects.order_by("id")
    assert [(c.key, c.state) for c in (first, second)] == [(case.key, "done"), (case.key, "open")]
    states = Bill.objects.order_by("contract_id", "id").values_list("state", flat=True)
    assert list(states) == ["rejected", "released", "excepted"]
    complete(supplies[1])
    run_action(case=second, **click)
    assert Bill.objects.filter(state="released").count() == 2
    assert not Case.objects.exclude(state="done").exists()
    assert verified(client)


def complete(supply: make.Supply) -> None:
    supply.location.concession_fee_class = "TK 1,59"
    supply.location.save()


def test_nobody_releases_an_incomplete_bill_by_hand(client: Principal) -> None:
    """Put aside by a value limit; the energy mix is deleted before the lead decides."""
    limits(client, clerk="500", lead="5000")
    lead = make.user("lea", client, "lead")
    exchange(client)
    bill_all(client)
    bill = Bill.objects.get()
    assert [e["rule"] for e in bill.exceptions] == ["net_limit", "gross_limit"]
    mix = no_mix(client)
    decide: dict[str, Any] = {"bill_ids": [bill.pk], "user": lead, "reason": "geprüft", **WHEN}
    with pytest.raises(Incomplete, match=r"Stromkennzeichnung mit Grafik.*§ 42 EnWG.*hinterlegen"):
        release_bills(**decide)
    bill.refresh_from_db()
    assert (bill.state, bill.number, OpenItem.objects.count()) == ("excepted", None, 0)
    EnergyMix.objects.create(**mix)
    (released,) = release_bills(**decide)
    assert (released.number, released.decided_by) == ("R00000001", lead)


def test_a_complete_bill_above_the_limit_still_waits_for_the_second_person(client: Principal) -> None:
    limits(client, clerk="500", lead="5000")
    mix = no_mix(client)
    exchange(client)
    bill_all(client)
    EnergyMix.objects.create(**mix)
    done = release_completed(client_id=client.pk, user=None, **WHEN)
    assert (done.released, done.for_a_person) == (0, 1)
    bill = Bill.objects.get()
    assert (bill.state, [e["rule"] for e in bill.exceptions]) == ("excepted", ["net_limit", "gross_limit"])
    log = {check["check"]: check for check in bill.checks}
    assert log["checklist"]["ok"]
    assert "vorhanden" in log["checklist"]["text"]
    assert not log["net_limit"]["ok"]


def test_instalments_received_while_it_waited_are_in_the_bill_that_goes_out(client: Principal) -> None:
    mix = no_mix(client)
    supply = exchange(client)
    since = date(2025, 1, 1)
    plan_instalments(
        client_id=client.pk, contract_ids=[supply.contract.pk], since=since, user=None, at=make.NOW
    )
    request_due_instalments(client_id=client.pk, until=YEAR_END, user=None, at=make.NOW)
    bill_all(client)
    pay_instalments(client, supply.account.pk)
    EnergyMix.objects.create(**mix)
    done = release_completed(client_id=client.pk, user=None, documents=False, **WHEN)
    assert (done.released, done.billed_anew) == (0, 1)
    old, new = Bill.objects.order_by("id")
    assert (old.state, old.decided_by, old.instalments) == ("rejected", None, 0)
    assert (new.state, new.instalments > 1000, new.number) == ("released", True, "R00000001")
    assert verified(client)


def test_a_correction_waits_for_what_is_missing_and_is_explained_when_it_goes_out(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client, concession_fee_class="TK 1,59")
    bill_all(client)
    old = Bill.objects.get()
    mix = no_mix(client)
    better_reading(13742, 13724)
    with pytest.raises(Incomplete, match="Storno zu Vertrag"):
        correct_bill(bill_id=old.pk, user=lead, reason="Zahlendreher", **WHEN)
    EnergyMix.objects.create(**mix)
    supply = old.contract.market_location
    supply.concession_fee_class = ""
    supply.save()
    cancellation, new = correct_bill(bill_id=old.pk, user=lead, reason="Zahlendreher", **WHEN)
    assert (cancellation.number, new.state, new.number) == ("R00000002", "excepted", None)
    assert [e["place"] for e in new.exceptions] == ["location"]
    assert Case.objects.filter(key="bill-incomplete-location").count() == 1
    assert not Document.objects.filter(kind="explanation").exists()
    supply.concession_fee_class = "TK 1,59"
    supply.save()
    assert release_completed(client_id=client.pk, user=lead, **WHEN).billed_anew == 1
    again = Bill.objects.get(kind="correction", state="released")
    assert (again.corrects, str(again.gross), again.number) == (old, "1203.96", "R00000003")
    assert Document.objects.get(kind="explanation").data["cause"] == "Zahlendreher"
    assert verified(client)


def test_a_cancellation_needs_the_same_content(client: Principal) -> None:
    lead = make.user("lea", client, "lead")
    exchange(client)
    bill_all(client)
    Setting.objects.filter(name="grid_fees").delete()
    with pytest.raises(Incomplete, match="Netzentgelte gesondert"):
        cancel_bill(bill_id=Bill.objects.get().pk, user=lead, reason="falscher Vertrag", **WHEN)
    assert Bill.objects.get().is_cancelled is False


def test_a_final_bill_is_checked_too(client: Principal) -> None:
    no_mix(client)
    supply = make.supply(client, until=date(2025, 7, 1))
    make.price(supply.product, date(2025, 1, 1), None, "30", "120")
    register = make.meter(supply.location)
    read(register, "2025-01-01", "0")
    read(register, "2025-07-01", "1000")
    bill_all(client)
    bill = Bill.objects.get()
    assert (bill.kind, bill.state) == ("final", "excepted")


def test_the_case_leads_to_the_list_of_its_bills_and_the_bill_offers_no_release(client: Principal) -> None:
    no_mix(client)
    several(client, 2)
    bill_all(client, user=make.user("paula", client, "lead"))
    case, bill = Case.objects.get(), Bill.objects.all()[0]
    browser = Browser()
    browser.force_login(make.user("lea", client, "lead"))
    listed = reverse("billing:incomplete", args=[29])
    assert listed in browser.get(reverse("worklist:case", args=[case.pk])).content.decode()
    page = browser.get(listed).content.decode()
    assert all(one.contract.number in page for one in Bill.objects.all())
    shown = browser.get(reverse("billing:exception", args=[bill.pk])).content.decode()
    assert "Stromkennzeichnung mit Grafik" in shown
    assert 'value="release"' not in shown
    assert 'value="reject"' in shown
