"""The clerk's day on screen (acceptance 10): from signing in to sending reminders."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import factories as make
from turnus.billing.models import Bill
from turnus.billing.services import start_billing
from turnus.clients.models import ApprovalThreshold, HouseBank, Letterhead, Setting
from turnus.documents.models import Document
from turnus.ledger.services import seed_accounts
from turnus.metering.models import MeterReading
from turnus.products.models import EnergyMix
from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.models import DunningNotice, OpenItem, StatementEntry
from turnus.receivables.services import BillPosting, VatPart, import_statement, post_bills
from turnus.system import runs
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow
from turnus.system.models import Principal, User

TODAY = date(2026, 1, 15)
PASSWORD = "ein-langes-Kennwort"
HOUSE = "DE02120300000000202051"


@dataclass
class Day:
    """What lies on the desk this morning."""

    client: Principal
    clerk: User
    lead: User
    billed: make.Supply
    late: make.Supply


@pytest.fixture
def day(committed_db: str) -> Day:
    set_business_date(TODAY)
    client = make.principal("stadtwerk-a", name="Stadtwerk Lindental")
    seed_accounts(client_id=client.pk)
    people = [make.user("klara", client), make.user("lena", client, role="lead")]
    for person in people:
        person.set_password(PASSWORD)
        person.save()
    for role, amount in (("clerk", 500), ("lead", 5000)):
        ApprovalThreshold.objects.create(client=client, kind="bill_gross", role=role, amount=Decimal(amount))
    _stationery(client)
    made = Day(client, people[0], people[1], _billed(client, people[0]), make.supply(client))
    _owed_and_paid(made)
    return made


def _stationery(client: Principal) -> None:
    """What the law wants on a bill: letterhead, energy mix, the grid fees inside the price."""
    HouseBank.objects.create(
        client=client, iban=HOUSE, bank_name="Bank", holder="Stadtwerk", creditor_id="DE98ZZZ09999999999"
    )
    words = ("company", "street", "city", "register_court", "register_number", "tax_number", "hotline", "web")
    Letterhead.objects.create(
        client=client,
        postal_code="45127",
        managing_directors="A. B.",
        email="a@b.de",
        **dict.fromkeys(words, "x"),
    )
    mix = {"co2_g_per_kwh": Decimal(148), "radioactive_mg_per_kwh": Decimal("0.1")}
    EnergyMix.objects.create(client=client, year=2024, shares={"renewables_eeg": "60", "gas": "40"}, **mix)
    germany = {"shares": {"renewables_eeg": "55", "coal": "45"}, "co2_g_per_kwh": "312"}
    settings = {
        "energy_mix_germany": {**germany, "radioactive_mg_per_kwh": "0.2"},
        "grid_fees": {
            "electricity": {"ct_per_kwh": "7.40", "eur_per_year": "85", "metering_eur_per_year": "16.81"}
        },
    }
    Setting.objects.bulk_create(
        Setting(client=client, name=name, value=value) for name, value in settings.items()
    )


def _billed(client: Principal, clerk: User) -> make.Supply:
    """A customer whose bill of 1,209.28 € the run of the clerk has put aside."""
    supply = make.supply(client, concession_fee_class="1,59")
    supply.customer.name = "Sonnenschein"
    supply.customer.save()
    make.price(supply.product, date(2025, 1, 1), date(2025, 7, 1), "24.80", "120.00")
    make.price(supply.product, date(2025, 7, 1), None, "26.10", "132.00")
    change = date(2025, 5, 15)
    old, new = make.meter(supply.location, until=change), make.meter(supply.location, since=change)
    for register, on, value in (
        (old, date(2025, 1, 1), 12345),
        (old, change, 13742),
        (new, change, 3),
        (new, date(2026, 1, 1), 2106),
    ):
        MeterReading.objects.create(
            client=client,
            register=register,
            date=on,
            value=Decimal(value),
            origin="grid",
            quality="true",
            taken_at=make.NOW,
            document_at=make.NOW,
        )
    run = start_billing(client_id=client.pk, until=date(2025, 12, 31), today=TODAY, user=clerk, at=make.NOW)
    runs.execute(run)
    return supply


def _owed_and_paid(day: Day) -> None:
    """An overdue bill, and a payment that names nothing but the payer."""
    day.late.customer.name = "Regenbogen"
    day.late.customer.save()
    second = make.supply(day.client)
    second.customer.name = "Wolkenstein"
    second.customer.save()
    part = VatPart(Decimal(19), Decimal("100.00"), Decimal("19.00"))
    bills = [
        BillPosting(
            key=number,
            subaccount_id=supply.account.pk,
            bill_number=number,
            bill_date=date(2025, 11, 1),
            due_date=date(2025, 11, 20),
            division="electricity",
            parts=(part,),
        )
        for number, supply in (("R-1", day.late), ("R-2", second))
    ]
    post_bills(client_id=day.client.pk, bills=bills, posting_date=date(2025, 11, 1), user=None, at=make.NOW)
    payment = Payment(Decimal("119.00"), name="Familie Wolkenstein", remittance="danke schön")
    target = io.BytesIO()
    page = Page("S1", HOUSE, "Stadtwerk", Decimal(0), payment.amount, TODAY)
    write_camt053(page, [Booking("REF1", TODAY, (payment,))], target)
    import_statement(
        client_id=day.client.pk, content=target.getvalue(), name="auszug.xml", at=make.NOW, user=day.clerk
    )


@pytest.fixture
def sign_in(server: str, browser: Any) -> Callable[[User], Any]:
    def signed_in(user: User) -> Any:
        page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="de-DE").new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: pytest.fail(f"JavaScript: {error}"))
        page.goto(server)
        page.get_by_label("Benutzername").fill(user.username)
        page.get_by_label("Passwort").fill(PASSWORD)
        page.get_by_role("button", name="Anmelden").click()
        page.get_by_role("heading", name="Mein Tag").wait_for()
        return page

    return signed_in


def test_the_clerks_day(day: Day, sign_in: Callable[[User], Any]) -> None:
    clerk = sign_in(day.clerk)
    # With the browser's event loop running, this thread has a new connection of its own.
    allow([day.client.pk])
    _finds_the_customer(clerk, day)
    _is_refused_as_preparer(clerk, day)
    _releases(sign_in(day.lead), day)
    _sees_the_bill(clerk, day)
    _assigns_the_payment(clerk)
    _sends_reminders(clerk)
    assert not OpenItem.objects.filter(reference="R-2", open_cents__gt=0).exists()
    assert set(Document.objects.values_list("kind", flat=True)) == {"bill", "reminder"}


def _area(page: Any, name: str) -> None:
    """Go to an area through the navigation on the left."""
    page.locator("nav.nav").get_by_role("link", name=name).click()
    page.get_by_role("heading", name=name).wait_for()
    page.wait_for_load_state()


def _finds_the_customer(page: Any, day: Day) -> None:
    """The key / leads to the search; three letters are enough."""
    page.keyboard.press("/")
    page.keyboard.type("sonnen")
    page.locator("#search-results a", has_text="Sonnenschein").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sonnenschein").wait_for()
    assert day.billed.customer.number in page.content()
    assert page.locator("svg.chart[role=img]").count() >= 1


def _is_refused_as_preparer(page: Any, day: Day) -> None:
    _area(page, "Aussteuerung")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sonnenschein").wait_for()
    assert "1.209,28" in page.content()
    assert "Vier-Augen-Prinzip" in page.content()
    assert page.get_by_role("button", name="Freigeben").count() == 0
    # Whoever forges the form is refused by the service and by the database.
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    bill = Bill.objects.get(state="excepted")
    answer = page.request.post(
        f"{page.url}entscheiden/",
        form={"decision": "release", "reason": "geht schon", "csrfmiddlewaretoken": token},
        headers={"Referer": page.url},
    )
    assert "Vier-Augen-Prinzip" in answer.text()
    bill.refresh_from_db()
    assert bill.state == "excepted"


def _releases(page: Any, day: Day) -> None:
    _area(page, "Aussteuerung")
    page.get_by_role("link", name=day.billed.contract.number).click()
    page.get_by_placeholder("Begründung").fill("Zählerstand geprüft")
    page.get_by_role("button", name="Freigeben").click()
    page.get_by_text("ist freigegeben, gebucht").wait_for()
    bill = Bill.objects.get(contract=day.billed.contract)
    assert (bill.state, bill.decided_by, bill.decision_reason) == (
        "released",
        day.lead,
        "Zählerstand geprüft",
    )
    assert OpenItem.objects.get(pk=bill.open_item_id).amount_cents == 120928


def _sees_the_bill(page: Any, day: Day) -> None:
    number = Bill.objects.get(contract=day.billed.contract).number
    _area(page, "Rechnungen")
    page.get_by_role("link", name=str(number)).click()
    page.get_by_role("heading", name=str(number)).wait_for()
    assert "Positionen mit Rechenweg" in page.content()
    document = Document.objects.get(kind="bill")
    answer = page.request.get(page.url.split("/abrechnung")[0] + f"/dokumente/{document.pk}/pdf/")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def _assigns_the_payment(page: Any) -> None:
    _area(page, "Zahlungszuordnung")
    page.get_by_role("link", name="Familie Wolkenstein").click()
    row = page.locator("tr", has_text="R-2")
    assert "Name" in row.inner_text()
    assert row.locator("input[name^=betrag-]").input_value() == "119,00"
    page.get_by_role("button", name="Zuordnen").click()
    page.get_by_text("Die Zahlung ist zugeordnet.").wait_for()
    assert OpenItem.objects.get(reference="R-2", kind="bill").open_cents == 0
    assert StatementEntry.objects.get().state == "assigned"


def _sends_reminders(page: Any) -> None:
    _area(page, "Mahnvorschlag")
    page.get_by_role("link", name="Vorschlag erstellen").first.click()
    page.get_by_role("button", name="Vorschlag erstellen").click()
    page.get_by_role("heading", name=re.compile("Mahnlauf")).wait_for()
    assert page.locator("#list tbody tr").count() == 1
    assert "Regenbogen" in page.locator("#list").inner_text()
    page.get_by_role("button", name="Freigeben und Schreiben erzeugen").click()
    page.get_by_text("Freigegeben. Die Schreiben liegen unter Dokumente.").wait_for()
    notice = DunningNotice.objects.get()
    assert (notice.state, notice.level) == ("sent", 1)
    _area(page, "Dokumente")
    page.get_by_label("Art").select_option("reminder")
    page.wait_for_url(re.compile("kind=reminder"))
    page.get_by_label("Zeile auswählen").check()
    page.get_by_role("button", name="Angekreuzte versenden").click()
    page.get_by_text("1 Schreiben ist versendet.").wait_for()
    assert Document.objects.get(kind="reminder").state == "dispatched"


def test_a_wrong_password_says_so_and_the_page_needs_no_script(day: Day, server: str, browser: Any) -> None:
    page = browser.new_context(java_script_enabled=False, locale="de-DE").new_page()
    page.goto(f"{server}/kunden/")
    page.get_by_label("Benutzername").fill(day.clerk.username)
    page.get_by_label("Passwort").fill("falsch")
    page.get_by_role("button", name="Anmelden").click()
    assert page.locator(".notice.bad").count() == 1
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    assert page.url == f"{server}/kunden/"
    page.get_by_label("Suche", exact=True).fill("Regenbogen")
    page.get_by_role("button", name="Filtern").click()
    assert page.locator("#list tbody tr").count() == 1


def test_labels_focus_and_dark_theme(
    day: Day, server: str, browser: Any, sign_in: Callable[[User], Any]
) -> None:
    """Every field has a label, the keyboard shows where it is, and the choice of theme lasts."""
    page = sign_in(day.clerk)
    for path in ("/kunden/neu/", "/offene-posten/", "/klaerung/", "/stammdaten/lokationen/neu/"):
        page.goto(server + path)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
                 .filter((field) => !field.labels?.length && !field.getAttribute("aria-label"))
                 .map((field) => field.name)"""
        )
        assert unnamed == [], path
    page.keyboard.press("Tab")
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Dunkle Darstellung").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    ground = page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(15, 23, 26)"
