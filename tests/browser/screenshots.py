"""Pictures of the main pages of a running demo, for the README and for looking at what a change did.

    turnus demo &  python tests/browser/screenshots.py http://127.0.0.1:8000 docs/screenshots

Pages are found by clicking as a clerk would, so that no number of the demo is written down here.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import ARGUMENTS, chromium_path
from PIL import Image

PASSWORD = "Lindental-2026"


def first_row(page: Any) -> None:
    page.locator("tr[data-href] a.rowlink").first.click()


def area(name: str, *then: Callable[[Any], None]) -> Callable[[Any], None]:
    """Go to an area, then do more there."""

    def go(page: Any) -> None:
        page.locator("nav.nav").get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name).wait_for()
        for step in then:
            step(page)
            page.wait_for_load_state()

    return go


def at(path: str, *then: Callable[[Any], None]) -> Callable[[Any], None]:
    def go(page: Any) -> None:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        for step in then:
            step(page)
            page.wait_for_load_state()

    return go


def until_suggested(page: Any) -> None:
    """The first unmatched payment that has suggestions."""
    for _ in range(20):
        following = page.locator("a[rel=next]")
        if page.locator("input[name^=betrag-]").count() or not following.count():
            return
        following.click()
        page.wait_for_load_state()


PAGES: dict[str, Callable[[Any], None]] = {
    "start": area("Mein Tag"),
    "customer": at("/kunden/?kind=person&q=Schulte", first_row),
    "readings": at("/messwerte/?origin=grid&quality=true", first_row),
    "message": at("/nachrichten/?state=case", first_row),
    "bill": at("/abrechnung/rechnungen/?state=released", first_row),
    "exception": area("Aussteuerung", first_row),
    "open-items": area("Offene Posten"),
    "assignment": area("Zahlungszuordnung", first_row, until_suggested),
    "dunning": area("Mahnvorschlag", first_row),
    "cases": area("Klärungsliste"),
    "case": area("Klärungsliste", first_row),
    "collections": area("Lastschriften", first_row),
}


def sign_in(browser: Any, server: str, scheme: str) -> Any:
    size = {"width": 1280, "height": 800}
    page = browser.new_context(viewport=size, locale="de-DE", color_scheme=scheme).new_page()
    page.goto(server)
    page.get_by_label("Benutzername").fill("lead")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("heading", name="Mein Tag").wait_for()
    return page


def keep(page: Any, path: Path) -> None:
    """A picture of what is seen, in few colours: a third of the size, no difference to the eye."""
    seen = Image.open(io.BytesIO(page.screenshot()))
    seen.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def take(server: str, folder: Path) -> None:
    """One picture per page, and the start page in the dark."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        page = sign_in(browser, server, "light")
        for name, go in PAGES.items():
            go(page)
            keep(page, folder / f"{name}.png")
        page = sign_in(browser, server, "dark")
        PAGES["customer"](page)
        keep(page, folder / "customer-dark.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1], Path(sys.argv[2]))
