"""Services on screen: what is not booked is not there, until the principal books it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import factories as make
from turnus.clients.catalogue import SERVICES
from turnus.clients.models import BookedService
from turnus.ledger.services import seed_accounts
from turnus.system.clock import set_business_date
from turnus.system.models import Principal

PASSWORD = "ein-langes-Kennwort"


@pytest.fixture
def client(committed_db: str) -> Principal:
    """A principal that books neither billing (M05) nor reminders (M20), its lead and its own user."""
    set_business_date(date(2026, 1, 15))
    made = make.principal("stadtwerk-a", name="Stadtwerk Lindental")
    seed_accounts(client_id=made.pk)
    BookedService.objects.bulk_create(
        BookedService(client=made, service=service, valid=(date(2025, 1, 1), None))
        for service in SERVICES
        if service not in {"M05", "M20"}
    )
    for name, role in (("lena", "lead"), ("chefin", "principal")):
        user = make.user(name, made, role)
        user.set_password(PASSWORD)
        user.save()
    return made


def signed_in(browser: Any, server: str, name: str) -> Any:
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="de-DE").new_page()
    page.set_default_timeout(10_000)
    page.goto(server)
    page.get_by_label("Benutzername").fill(name)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("heading", name="Mein Tag").wait_for()
    return page


def areas(page: Any) -> list[str]:
    return [name.strip() for name in page.locator("nav.nav a").all_inner_texts()]


def test_what_is_not_booked_is_not_there(client: Principal, server: str, browser: Any) -> None:
    page = signed_in(browser, server, "lena")
    assert not {"Rechnungen", "Aussteuerung", "Mahnvorschlag"} & set(areas(page))
    assert {"Klärungsliste", "Offene Posten", "Lastschriften"} <= set(areas(page))
    assert page.locator(".tile", has_text="Aussteuerung").count() == 0
    page.keyboard.press("g")
    page.keyboard.press("m")  # where the reminders were
    assert page.get_by_role("heading", name="Mein Tag").is_visible()
    page.goto(f"{server}/mahnungen/")
    assert page.get_by_role("heading", name="Nicht gebucht").is_visible()
    assert "Stadtwerk Lindental hat M20" in page.locator("main").inner_text()

    page = signed_in(browser, server, "chefin")
    page.goto(f"{server}/auftraggeber/{client.pk}/?tab=bausteine")
    page.get_by_role("link", name="Bausteine wählen").click()
    page.get_by_label("M20 Mahnstufe 1").check()
    page.get_by_role("button", name="Speichern").click()
    page.get_by_text("Gebucht: M20").wait_for()
    assert "Mahnvorschlag" in areas(page) and "Rechnungen" not in areas(page)
