"""Statements M03.2 and M04.3: the past changes with a reason, a second person and corrections to propose."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import factories as make
from turnus.billing.models import Bill
from turnus.contracts import services as contracts
from turnus.contracts.models import ContractCondition
from turnus.masterdata import services as masterdata
from turnus.masterdata.models import MarketLocation, Register
from turnus.products.models import Price, Product
from turnus.products.services import NewPrice, check_notice, propose_price
from turnus.project.facts import billed_periods
from turnus.system.changes import InvalidInput
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow
from turnus.system.models import AuditEntry
from turnus.worklist.models import Approval, Case
from turnus.worklist.retroactive import NeedsApproval
from turnus.worklist.services import FourEyesViolation, actions_of, decide

DECEMBER = date(2025, 12, 1)
AT = make.NOW  # 15 January 2026


@pytest.fixture
def supply(db: None) -> make.Supply:
    """A supply whose year 2025 is billed under number R1, and whose year 2024 is billed and cancelled."""
    set_business_date(AT.date())
    made = make.supply(make.principal(), date(2024, 1, 1), concession_fee_class="Tarifkunde")
    make.price(made.product, date(2024, 1, 1), None, "24.80", "120.00")
    make.meter(made.location, since=date(2024, 1, 1))
    bill(made, "R0", 2024, is_cancelled=True)
    bill(made, "R1", 2025)
    bill(made, None, 2026, state="excepted")
    return made


def bill(of: make.Supply, number: str | None, year: int, **fields: Any) -> Bill:
    values = {"state": "released", "kwh": Decimal(3500), "instalments": Decimal(0), **fields}
    return Bill.objects.create(
        client=of.client,
        contract=of.contract,
        number=number,
        period=(date(year, 1, 1), date(year + 1, 1, 1)),
        net=Decimal(1000),
        gross=Decimal(1190),
        balance=Decimal(1190),
        vat=[],
        input={},
        prepared_at=AT,
        **values,
    )


def other_product(supply: make.Supply) -> Product:
    made = make.product(supply.client, name="Neu Strom")
    make.price(made, date(2024, 1, 1), None, "30.00", "96.00")
    return made


def people(supply: make.Supply) -> tuple[Any, Any, Any]:
    return (
        make.user("anna", supply.client),
        make.user("jonas", supply.client),
        make.user("lea", supply.client, "lead"),
    )


def products(supply: make.Supply) -> list[tuple[str, date | None]]:
    rows = ContractCondition.objects.filter(contract=supply.contract).order_by("valid")
    return [(row.product.name, row.valid.upper) for row in rows]


def propose(supply: make.Supply, user: Any, reason: str = "Kulanz") -> Approval:
    return contracts.propose_product_change(
        contract=supply.contract,
        product=other_product(supply),
        since=DECEMBER,
        reason=reason,
        user=user,
        at=AT,
    )


def test_only_standing_bills_after_the_day_are_concerned(supply: make.Supply) -> None:
    def numbers(since: date | None) -> list[str]:
        found = billed_periods(
            client_id=supply.client.pk,
            contract_ids=[supply.contract.pk],
            market_location_ids=[],
            since=since,
        )
        return [one.number for one in found]

    assert numbers(None) == numbers(DECEMBER) == numbers(date(2025, 12, 31)) == ["R1"]
    assert numbers(date(2026, 1, 1)) == []  # the bill ends before that day


def test_a_retroactive_product_waits_and_changes_nothing(supply: make.Supply) -> None:
    clerk, _, _ = people(supply)
    product = other_product(supply)
    change = {"contract": supply.contract, "product": product, "since": DECEMBER, "at": AT}
    with pytest.raises(NeedsApproval, match="zweite Person"):
        contracts.change_product(reason="Kulanz", user=clerk, **change)
    with pytest.raises(InvalidInput, match="Grund"):
        contracts.propose_product_change(reason=" ", user=clerk, **change)
    approval = contracts.propose_product_change(reason="Kulanz", user=clerk, **change)
    assert products(supply) == [("Treue Strom", None)]
    assert not Case.objects.exists()
    assert approval.details["change"] == [
        [
            "Produkt ab 01.12.2025",
            "Treue Strom (24,8 ct/kWh, 120 €/Jahr netto)",
            "Neu Strom (30 ct/kWh, 96 €/Jahr netto)",
        ]
    ]
    assert approval.details["billed"] == [["R1", supply.contract.number, "2025-01-01", "2026-01-01"]]
    with pytest.raises(InvalidInput, match="wartet schon"):
        contracts.propose_product_change(reason="noch einmal", user=clerk, **change)


def test_approved_by_a_second_person_with_power_it_proposes_the_correction(supply: make.Supply) -> None:
    clerk, colleague, lead = people(supply)
    approval = propose(supply, clerk)
    with pytest.raises(FourEyesViolation):
        decide(approval=approval, approve=True, user=clerk, at=AT, reason="selbst")
    with pytest.raises(PermissionError, match="Teamleitung"):
        contracts.approve_product_change(approval=approval, user=colleague, at=AT)
    decide(approval=approval, approve=True, user=lead, at=AT, reason="mit dem Auftraggeber besprochen")
    assert products(supply) == [("Treue Strom", DECEMBER), ("Neu Strom", None)]
    case = Case.objects.get()
    assert (case.kind, case.object_kind, case.service) == ("rebill_check", "billing.bill", "M04")
    assert case.object_id == Bill.objects.get(number="R1").pk
    assert [action.name for action in actions_of(case)] == ["correct"]
    assert AuditEntry.objects.filter(text="Kulanz", action="changed").exists()


def test_refused_it_changes_nothing_for_good(supply: make.Supply) -> None:
    clerk, _, lead = people(supply)
    decide(approval=propose(supply, clerk), approve=False, user=lead, at=AT, reason="nicht vereinbart")
    assert products(supply) == [("Treue Strom", None)]
    assert not Case.objects.exists()
    assert propose(supply, clerk).state == "open"  # another attempt is possible


def test_what_has_changed_since_the_proposal_is_not_overwritten(supply: make.Supply) -> None:
    clerk, _, lead = people(supply)
    approval = propose(supply, clerk)
    ContractCondition.objects.filter(contract=supply.contract).update(product=other_product(supply))
    with pytest.raises(InvalidInput, match="seit dem Vorschlag"):
        decide(approval=approval, approve=True, user=lead, at=AT, reason="geprüft")


def test_a_change_to_come_needs_nobody(supply: make.Supply) -> None:
    change = {"contract": supply.contract, "product": other_product(supply), "since": date(2026, 2, 1)}
    contracts.change_product(reason="", user=None, at=AT, **change)
    assert products(supply) == [("Treue Strom", date(2026, 2, 1)), ("Neu Strom", None)]
    assert not Case.objects.exists() and not Approval.objects.exists()


def test_a_location_that_was_billed_changes_by_two_people(supply: make.Supply) -> None:
    clerk, _, lead = people(supply)
    location = supply.location
    change = {"location": location, "user": clerk, "at": AT, "reason": "Gewerbe"}
    with pytest.raises(NeedsApproval, match="abgerechnet"):
        masterdata.update_market_location(values={"profile": "G0"}, **change)
    assert masterdata.update_market_location(values={"annual_forecast_kwh": 9000}, **change)
    with pytest.raises(InvalidInput, match="nichts"):
        masterdata.propose_location_change(values={"profile": "H0"}, **change)
    approval = masterdata.propose_location_change(values={"profile": "G0"}, **change)
    assert approval.details["change"] == [["Lastprofil", "H0", "G0"]]
    with pytest.raises(PermissionError):
        masterdata.approve_location_change(approval=approval, user=clerk, at=AT)
    decide(approval=approval, approve=True, user=lead, at=AT, reason="geprüft")
    assert MarketLocation.objects.get(pk=location.pk).profile == "G0"
    assert [case.kind for case in Case.objects.all()] == ["rebill_check"]


def test_a_location_that_nobody_was_billed_for_changes_at_once(db: None) -> None:
    location = make.supply(make.principal()).location
    assert masterdata.update_market_location(
        location=location, values={"profile": "G0"}, user=None, at=AT, reason="Gewerbe"
    )


def test_a_register_that_has_counted_for_a_bill(supply: make.Supply) -> None:
    clerk, _, lead = people(supply)
    register = Register.objects.get()
    change = {"register": register, "user": clerk, "at": AT, "reason": "Wandler 40:1"}
    with pytest.raises(InvalidInput, match="größer als 0"):
        masterdata.propose_register_change(values={"transformer_factor": Decimal(0)}, **change)
    with pytest.raises(NeedsApproval):
        masterdata.update_register(values={"transformer_factor": Decimal(40)}, **change)
    approval = masterdata.propose_register_change(values={"transformer_factor": Decimal(40)}, **change)
    assert Register.objects.get().transformer_factor == 1
    with pytest.raises(PermissionError):
        masterdata.approve_register_change(approval=approval, user=clerk, at=AT)
    decide(approval=approval, approve=True, user=lead, at=AT, reason="geprüft")
    assert Register.objects.get().transformer_factor == 40
    assert Case.objects.get().object_id == Bill.objects.get(number="R1").pk


def test_a_retroactive_price_proposes_the_correction_of_its_bills(supply: make.Supply) -> None:
    clerk, _, lead = people(supply)
    stranger = make.supply(supply.client)
    bill(stranger, "R9", 2025)
    approval = propose_price(
        product=supply.product, new=NewPrice(DECEMBER, Decimal("20.00"), Decimal("120.00")),
        household=True, reason="Irrtum", user=clerk, at=AT,
    )  # fmt: skip
    assert approval.details["change"][0] == ["Arbeitspreis (ct/kWh netto) ab 01.12.2025", "24,8", "20"]
    decide(approval=approval, approve=True, user=lead, at=AT, reason="geprüft")
    assert Price.objects.filter(product=supply.product).count() == 2
    assert [case.object_label[:2] for case in Case.objects.all()] == ["R1"]


def test_an_end_in_a_billed_period_proposes_the_correction(supply: make.Supply) -> None:
    contracts.end_contract(contract=supply.contract, end=DECEMBER, reason="Auszug", user=None, at=AT)
    assert [(case.kind, case.object_label[:2]) for case in Case.objects.all()] == [("rebill_check", "R1")]


def test_an_increase_that_the_law_has_come_to_forbid_is_not_activated(supply: make.Supply) -> None:
    """Proposed as a decrease, an increase by the time of its approval (§ 41(5) EnWG)."""
    clerk, _, lead = people(supply)
    new = NewPrice(date(2026, 2, 1), Decimal("24.00"), Decimal("120.00"))
    check_notice(product=supply.product, new=new, household=True)
    approval = propose_price(product=supply.product, new=new, household=True, reason="", user=clerk, at=AT)
    Price.objects.filter(product=supply.product).update(energy_ct_per_kwh=Decimal("20.00"))
    with pytest.raises(InvalidInput, match="§ 41 Abs"):
        decide(approval=approval, approve=True, user=lead, at=AT, reason="geprüft")
    assert Price.objects.get(product=supply.product).energy_ct_per_kwh == 20


def test_on_screen(supply: make.Supply) -> None:
    clerk, _, lead = people(supply)
    product = other_product(supply)
    register = Register.objects.get()
    browser = Client()
    browser.force_login(clerk)
    url = reverse("contracts:change_product", args=[supply.contract.pk])
    refused = browser.post(url, {"product": product.pk, "since": "01.12.2025", "reason": ""})
    assert refused.status_code == 422 and "braucht einen Grund" in refused.content.decode()
    answer = browser.post(
        url, {"product": product.pk, "since": "01.12.2025", "reason": "Kulanz"}, follow=True
    )
    assert "wartet auf die Freigabe" in answer.content.decode()
    url = reverse("masterdata:location_edit", args=[supply.location.pk])
    values = {
        "profile": "G0",
        "annual_forecast_kwh": 9000,
        "concession_fee_class": "Tarifkunde",
        "reason": "x",
    }
    answer = browser.post(url, values, follow=True)
    assert "Alles andere ist gespeichert" in answer.content.decode()
    url = reverse("masterdata:register_edit", args=[register.pk])
    values = {"digits": 6, "decimals": 0, "transformer_factor": "40", "reason": "Wandler"}
    answer = browser.post(url, values, follow=True)
    assert "wartet auf die Freigabe" in answer.content.decode()

    allow([supply.client.pk])
    assert MarketLocation.objects.get().annual_forecast_kwh == 9000
    kinds = dict(Approval.objects.values_list("kind", "pk"))
    assert kinds.keys() == {"product_change", "location_change", "register_change"}
    browser.force_login(lead)
    for pk in kinds.values():
        shown = browser.get(reverse("worklist:approval", args=[pk])).content.decode()
        assert "Abgerechnete Zeiträume" in shown and "R1" in shown and "bisher" in shown
        decided = {"decision": "approve", "reason": "geprüft"}
        answer = browser.post(reverse("worklist:approval_decide", args=[pk]), decided, follow=True)
        assert "ist freigegeben" in answer.content.decode()
    allow([supply.client.pk])
    assert [(case.kind, case.occurrences) for case in Case.objects.all()] == [("rebill_check", 3)]
