"""Entering on screen: what is right is stored and audited, what is wrong says why and stores nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

import factories as make
from everything import NOW, Everything, everything
from turnus.billing.models import InstalmentPlan
from turnus.care.models import ContactMove, ContactNote
from turnus.clients.models import ApprovalThreshold, Letterhead
from turnus.clients.services import change_letterhead, set_threshold
from turnus.contracts.models import SupplyContract
from turnus.masterdata.models import BankAccount, Customer, Mandate, MarketLocation, Meter
from turnus.metering.models import MeterReading
from turnus.products.models import Product
from turnus.receivables.models import DebitRun, DunningBlock, DunningNotice, StatementEntry
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow
from turnus.system.models import AuditEntry, Run
from turnus.worklist.models import Approval, Case

PERSON = {
    "kind": "person",
    "salutation": "ms",
    "first_name": "Mara",
    "name": "Linde",
    "street": "Am Markt",
    "house_number": "1",
    "postal_code": "45127",
    "city": "Essen",
    "is_household_customer": "on",
}


@pytest.fixture
def one(db: None) -> Everything:
    set_business_date(NOW.date())
    return everything("alpha")


class Desk:
    """A signed-in person who fills in forms."""

    def __init__(self, of: Everything, user: object) -> None:
        self.client_id = of.client.pk
        self.browser = Client()
        self.browser.force_login(user)  # type: ignore[arg-type]

    def send(self, page: str, /, *args: int, **values: object) -> HttpResponse:
        answer = self.browser.post(reverse(page, args=args), values, follow=True)
        allow([self.client_id])
        return answer  # type: ignore[return-value]


def told(answer: HttpResponse, words: str) -> bool:
    return words in answer.content.decode()


def test_a_customer_is_entered_and_edited(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    answer = desk.send("masterdata:customer_new", **{**PERSON, "postal_code": "123"})
    assert answer.status_code == 422
    assert told(answer, "hat keine fünf Ziffern")
    assert not Customer.objects.filter(name="Linde").exists()
    desk.send("masterdata:customer_new", **PERSON)
    made = Customer.objects.select_related("address").get(name="Linde")
    assert made.address.city == "Essen"
    changed = {**PERSON, "phone": "0201 1", "city": "Bochum", "reason": "Umzug"}
    desk.send("masterdata:customer_edit", made.pk, **changed)
    made = Customer.objects.select_related("address").get(pk=made.pk)
    assert (made.phone, made.address.city) == ("0201 1", "Bochum")
    assert AuditEntry.objects.filter(
        object_kind="masterdata.customer", action="changed", text="Umzug"
    ).exists()


def test_a_bank_account_waits_for_a_second_person(one: Everything) -> None:
    customer = make.customer(one.client)
    desk = Desk(one, one.clerk)
    entry = {"iban": "DE02 5001 0517 0137 0750 31", "holder": "Mara Linde", "scheme": "CORE"}
    answer = desk.send("masterdata:bank_account_new", customer.pk, **entry)
    assert told(answer, "Prüfziffer")
    desk.send("masterdata:bank_account_new", customer.pk, **{**entry, "iban": "DE02 5001 0517 0137 0750 30"})
    account = BankAccount.objects.get(customer=customer)
    assert (account.iban, account.approved_at) == ("DE02500105170137075030", None)
    approval = Approval.objects.get(kind="bank_account")
    answer = desk.send("worklist:approval_decide", approval.pk, decision="approve", reason="")
    assert told(answer, "Vier-Augen-Prinzip")
    Desk(one, one.lead).send(
        "worklist:approval_decide", approval.pk, decision="approve", reason="Ausweis gesehen"
    )
    account.refresh_from_db()
    assert account.approved_by == one.lead


def test_a_location_with_meter_and_contract_from_draft_to_end(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    number = make.market_location_id()
    location = {**{k: PERSON[k] for k in ("street", "house_number", "postal_code", "city")}, "state": "NW"}
    location |= {"market_location_id": number, "commodity": "electricity"}
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert told(
        desk.send("masterdata:location_new", **{**location, "market_location_id": wrong}), "Prüfziffer"
    )
    desk.send("masterdata:location_new", **location)
    place = MarketLocation.objects.get(market_location_id=number)
    meter = {"number": "1EMH77", "installed_on": "2026-01-01", "digits": "6", "decimals": "0"}
    meter |= {"transformer_factor": "1", "metering_location_id": f"DE{int(number):031d}"}
    desk.send("masterdata:meter_new", place.pk, **meter)
    assert Meter.objects.get(number="1EMH77").registers.get().obis_code == "1-0:1.8.0"
    draft = {"customer": one.supply.customer.number, "market_location": number, "start": "2026-02-01"}
    desk.send("contracts:contract_new", **draft, product=one.supply.product.pk)
    contract = SupplyContract.objects.get(market_location=place)
    assert contract.state == "draft"
    assert told(desk.send("contracts:activate", contract.pk), "Es fehlt")
    facts = {"grid_operator": make.grid_operator().pk, "profile": "H0", "annual_forecast_kwh": "3000"}
    facts |= {"concession_fee_class": "Tarifkunde", "reading_cycle_month": "2", "reason": "Anmeldung"}
    desk.send("masterdata:location_edit", place.pk, **facts)
    desk.send("contracts:activate", contract.pk)
    contract.refresh_from_db()
    assert contract.state == "active"
    desk.send("contracts:end_supply", contract.pk, last_day="2026-06-30", reason="Auszug")
    contract.refresh_from_db()
    assert contract.supply.upper == date(2026, 7, 1)


def test_an_unlikely_reading_is_asked_about_before_it_is_stored(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    register = make.meter(one.supply.location)
    for on, value in ((date(2025, 1, 1), 100), (date(2025, 7, 1), 1100)):
        MeterReading.objects.create(
            client=one.client,
            register=register,
            date=on,
            value=Decimal(value),
            origin="grid",
            quality="true",
            taken_at=NOW,
            document_at=NOW,
        )
    entry = {
        "register": register.pk,
        "date": "2026-01-01",
        "value": "50.000",
        "origin": "customer",
        "quality": "true",
    }
    answer = desk.send("metering:enter", one.supply.location.pk, **entry)
    assert answer.status_code == 422
    assert told(answer, "Wirklich?")
    assert register.readings.count() == 2
    desk.send("metering:enter", one.supply.location.pk, **entry, confirmed="1")
    assert register.readings.get(date=date(2026, 1, 1)).value == 50_000


def test_a_call_is_documented_and_moved_to_the_right_file(one: Everything) -> None:
    """M34: identity, contract, topic and result are mandatory; a moved note leaves its trace."""
    desk = Desk(one, one.clerk)
    wrong, right = one.supply.customer, make.customer(one.client, name="Richtig")
    ContactNote.objects.all().delete()
    answer = desk.send("care:record", wrong.pk, channel="phone_in", topic="bill", result="geklärt")
    assert answer.status_code == 422
    assert not ContactNote.objects.exists()
    entry = {"channel": "phone_in", "identity": "full", "topic": "bill", "result": "geklärt"}
    desk.send("care:record", wrong.pk, **entry, contract=one.supply.contract.pk)
    note = ContactNote.objects.get()
    assert (note.agent, note.contract) == (one.clerk, one.supply.contract)
    answer = desk.send("care:move", note.pk, number="gibt es nicht", reason="falsche Akte")
    assert told(answer, "Diese Kundennummer gibt es nicht.")
    desk.send("care:move", note.pk, number=right.number, reason="falsche Akte")
    note.refresh_from_db()
    assert (note.customer, ContactMove.objects.get().from_customer) == (right, wrong)
    page = desk.browser.get(reverse("care:customer", args=[wrong.pk]) + "?tab=kontakte")
    assert "Noch kein Kontakt" in page.content.decode()


def test_a_case_is_assigned_noted_and_closed(one: Everything) -> None:
    desk, key = Desk(one, one.clerk), one.ids["worklist.case"]
    desk.send("worklist:case_assign", key, owner=one.lead.pk, due_on="2026-02-01")
    desk.send("worklist:case_note", key, text="Angerufen")
    stranger = make.user("fremd")
    answer = desk.send("worklist:case_assign", key, owner=stranger.pk)
    assert told(answer, "arbeitet nicht für den Auftraggeber")
    case = Case.objects.get(pk=key)
    assert (case.owner, case.due_on) == (one.lead, date(2026, 2, 1))
    assert case.notes.filter(text="Angerufen", user=one.clerk).exists()
    assert told(desk.send("worklist:case_close", key, outcome=""), "Ergebnis in Worten")
    desk.send("worklist:case_close", key, outcome="Ablesung nachgereicht")
    case.refresh_from_db()
    assert (case.state, case.closed_by, case.outcome) == ("done", one.clerk, "Ablesung nachgereicht")


def test_limits_and_letterhead_are_set_by_those_who_may(one: Everything) -> None:
    values = {"kind": "bill_gross", "role": "clerk", "amount": "750,00"}
    for nobody in (one.clerk, one.lead):
        assert Desk(one, nobody).send("clients:threshold", one.client.pk, **values).status_code == 403
    Desk(one, make.user("otto", one.client, "principal")).send("clients:threshold", one.client.pk, **values)
    limit = ApprovalThreshold.objects.get(kind="bill_gross", role="clerk")
    assert limit.amount == Decimal("750.00")
    entry = AuditEntry.objects.get(action="threshold_changed")
    assert entry.details == {"amount": ["500.00", "750.00"]}
    again = set_threshold(
        client_id=one.client.pk, kind="plan", role="lead", amount=Decimal(10), user=one.lead, at=NOW
    )
    assert again.amount == 10
    head = Letterhead.objects.get(client=one.client)
    change_letterhead(letterhead=head, values={"hotline": "0800 1"}, user=one.lead, at=NOW)
    assert Letterhead.objects.get(client=one.client).hotline == "0800 1"
    assert AuditEntry.objects.filter(action="letterhead_changed", text="hotline").exists()


def test_a_table_with_errors_lists_them_by_row(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    template = desk.browser.get(reverse("masterdata:import_template", args=["customers"])).content
    head, example = template.decode("utf-8-sig").splitlines()[:2]
    wrong = SimpleUploadedFile("kunden.csv", b"falsch;spalten\n1;2\n")
    answer = desk.browser.post(reverse("masterdata:import", args=["customers"]), {"file": wrong})
    assert answer.status_code == 422
    broken = example.replace(
        next(cell for cell in example.split(";") if len(cell) == 5 and cell.isdigit()), "12"
    )
    file = SimpleUploadedFile("kunden.csv", f"{head}\n{broken}\n".encode())
    answer = desk.browser.post(reverse("masterdata:import", args=["customers"]), {"file": file})
    allow([one.client.pk])
    assert "Fehler je Zeile" in answer.content.decode()
    assert "1 abgewiesen" in answer.content.decode()
    assert Customer.objects.count() == 1


def test_letters_are_taken_out_of_a_proposal_with_a_reason(one: Everything) -> None:
    desk, key = Desk(one, one.clerk), one.ids["receivables.dunningrun"]
    notice = DunningNotice.objects.get(run=key)
    assert told(desk.send("receivables:dunning_remove", key, reason="Zusage"), "Bitte Schreiben ankreuzen")
    desk.send("receivables:dunning_remove", key, notices=notice.pk, reason="Zusage am Telefon")
    notice.refresh_from_db()
    assert (notice.state, notice.removed_reason) == ("removed", "Zusage am Telefon")


def test_a_payment_is_not_assigned_beyond_its_amount(one: Everything) -> None:
    desk, key = Desk(one, one.clerk), one.ids["receivables.statemententry"]
    item = one.ids["receivables.openitem"]
    for amount, words in (
        ("119,01", ""),
        ("viel", "Bitte einen Betrag eingeben"),
        ("", "mindestens einem Posten"),
    ):
        answer = desk.send("receivables:assign", key, **{f"betrag-{item}": amount})
        assert answer.status_code == 422, amount
        assert told(answer, words)
    assert StatementEntry.objects.get(pk=key).state == "suspense"
    desk.send("receivables:note", key, owner=one.clerk.pk, note="Kunde angeschrieben")
    entry = StatementEntry.objects.get(pk=key)
    assert (entry.owner, entry.note) == (one.clerk, "Kunde angeschrieben")


def test_a_proposed_collection_can_be_discarded(one: Everything) -> None:
    desk, key = Desk(one, one.clerk), one.ids["receivables.debitrun"]
    desk.send("receivables:debit_cancel", key, reason="falscher Tag")
    assert DebitRun.objects.get(pk=key).state == "cancelled"


def test_the_switch_of_principal_never_leaves_the_site(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    for wanted in ("https://example.org/", "//example.org/"):
        answer = desk.browser.post(reverse("clients:switch"), {"principal": "", "next": wanted})
        assert answer["Location"] == "/"


def test_a_product_gets_its_first_price_at_once_and_the_next_by_a_second_person(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    values = {"code": "NEU", "name": "Neu Strom", "commodity": "electricity", "minimum_term_months": "0"}
    values |= {"notice_weeks": "4", "bonus_gross": "0", "bonus_after_months": "12"}
    desk.send("products:product_new", **values)
    product = Product.objects.get(code="NEU")
    price = {"since": "2026-01-01", "energy_ct_per_kwh": "28,5", "base_eur_per_year": "120,00"}
    desk.send("contracts:price_new", product.pk, **price)
    assert product.prices.get().energy_ct_per_kwh == Decimal("28.5")
    desk.send(
        "contracts:price_new", product.pk, **{**price, "since": "2026-06-01", "energy_ct_per_kwh": "27"}
    )
    assert product.prices.count() == 1
    assert Approval.objects.filter(kind="price", object_id=product.pk).exists()
    desk.send("products:product_edit", product.pk, **{**values, "name": "Neu und gut"})
    product.refresh_from_db()
    assert product.name == "Neu und gut"


def test_a_mandate_is_revoked_and_dunning_rests(one: Everything) -> None:
    desk, item = Desk(one, one.clerk), one.ids["receivables.openitem"]
    desk.send(
        "masterdata:mandate", one.ids["masterdata.mandate"], action="revoke", reason="Schreiben vom 3.1."
    )
    mandate = Mandate.objects.get()
    assert (mandate.status, mandate.blocked_reason) == ("revoked", "Schreiben vom 3.1.")
    values = {"scope": "item", "reason": "objection", "since": "2026-01-15", "until": "2026-01-01"}
    assert desk.send("receivables:block", item, **values).status_code == 422
    desk.send("receivables:block", item, **{**values, "until": "", "amount": "50,00"})
    block = DunningBlock.objects.get()
    assert (block.open_item_id, block.amount_cents, block.until) == (item, 5000, None)
    page = desk.browser.get(reverse("receivables:openitem", args=[item]))
    assert "Widerspruch" in page.content.decode()


def test_instalments_are_planned_anew(one: Everything) -> None:
    desk, contract = Desk(one, one.clerk), one.supply.contract
    desk.send("billing:instalments", contract.pk, since="2026-02-01", reason="Wunsch des Kunden")
    plan = InstalmentPlan.objects.get(contract=contract)
    assert (plan.valid.lower, plan.reason) == (date(2026, 2, 1), "Wunsch des Kunden")
    assert Desk(one, make.user("chef", one.client, role="principal")).send(
        "billing:instalments", contract.pk, since="2026-03-01", reason="x"
    ).status_code == 403  # fmt: skip


def test_a_refused_page_says_why_in_german(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    refused = desk.browser.get(reverse("clients:threshold", args=[one.client.pk]))
    assert (refused.status_code, told(refused, "Ihre Rolle erlaubt diese Seite nicht.")) == (403, True)  # type: ignore[arg-type]
    missing = desk.browser.get("/gibt-es-nicht/")
    assert (missing.status_code, told(missing, "Das gibt es hier nicht")) == (404, True)  # type: ignore[arg-type]


def test_the_page_of_a_run_draws_itself_anew_when_the_run_has_ended(one: Everything) -> None:
    desk, key = Desk(one, one.clerk), one.ids["clients.run"]
    state = reverse("clients:run_state", args=[key])
    running = desk.browser.get(state, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in running
    assert "every 1s" in running.content.decode()
    allow([one.client.pk])
    Run.objects.filter(pk=key).update(finished_at=NOW, state="done")
    ended = desk.browser.get(state, headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert "every 1s" not in ended.content.decode()


def test_a_bank_file_that_is_refused_says_why_on_the_page(one: Everything) -> None:
    desk = Desk(one, one.clerk)
    file = SimpleUploadedFile("auszug.xml", b"<Document><halb")
    answer = desk.browser.post(reverse("receivables:upload"), {"file": file})
    assert answer.status_code == 422
    assert "auszug.xml" in answer.content.decode()
