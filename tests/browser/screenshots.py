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


PAGES: dict[str, Callable[[Any], None]] = {
    "mein-tag": area("Mein Tag"),
    "kundenakte": at("/kunden/?kind=person&q=Schulte", first_row),
    "messwerte": at("/messwerte/?origin=grid&quality=true", first_row),
    "nachricht": at("/nachrichten/?state=case", first_row),
    "rechnung": at("/abrechnung/rechnungen/?state=released", first_row),
    "aussteuerung": area("Aussteuerung", first_row),
    "offene-posten": area("Offene Posten"),
    "zahlungszuordnung": area("Zahlungszuordnung", first_row),
    "mahnvorschlag": area("Mahnvorschlag", first_row),
    "klaerungsliste": area("Klärungsliste"),
    "klaerungsfall": area("Klärungsliste", first_row),
    "lastschriften": area("Lastschriften", first_row),
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
    seen.convert("RGB").quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)


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
        PAGES["offene-posten"](page)
        keep(page, folder / "offene-posten-dunkel.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1], Path(sys.argv[2]))
