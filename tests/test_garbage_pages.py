"""Whatever is typed into an address or a form, a page answers with a sentence and never breaks."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import factories as make
from everything import NOW, Everything, everything
from test_isolation_pages import ALL, OBJECTS, OPEN_TO_ALL, OTHER_ARGUMENTS, PUBLIC, address
from turnus.system.clock import set_business_date

WORDS = [
    "q",
    "name",
    "first_name",
    "street",
    "house_number",
    "postal_code",
    "city",
    "kind",
    "salutation",
    "born_on",
    "email",
    "phone",
    "state",
    "since",
    "until",
    "on",
    "date",
    "value",
    "register",
    "origin",
    "quality",
    "reason",
    "decision",
    "outcome",
    "text",
    "owner",
    "due_on",
    "contract",
    "topic",
    "result",
    "channel",
    "identity",
    "number",
    "commodity",
    "market_location_id",
    "market_location",
    "customer",
    "contract_account",
    "product",
    "start",
    "last_day",
    "signed_on",
    "iban",
    "bic",
    "holder",
    "scheme",
    "mandate_signed_on",
    "amount",
    "role",
    "scope",
    "action",
    "note",
    "collect_on",
    "energy_ct_per_kwh",
    "base_eur_per_year",
    "announced_on",
    "code",
    "digits",
    "transformer_factor",
    "installed_on",
    "replaces",
    "tag",
    "sort",
    "seite",
    "tab",
    "principal",
    "next",
    "confirmed",
    "notices",
    "documents",
    "betrag-1",
    "betrag-999999999999",
    "service",
    "priority",
    "level",
    "side",
    "due",
]
TEXTS = ("", "x" * 300, "-1", "99999999999999999999", "0000-00-00")


@pytest.fixture
def one(db: None) -> Everything:
    set_business_date(NOW.date())
    return everything("alpha")


def every_address(of: Everything) -> list[str]:
    named = [address(name, of) for name in (*OBJECTS, *PUBLIC, *OTHER_ARGUMENTS)]
    plain = [reverse(name) for name, has_object in ALL if not has_object and name not in OPEN_TO_ALL]
    return sorted({*named, *plain})


@pytest.mark.parametrize("text", TEXTS)
def test_no_page_breaks_on_what_is_typed(one: Everything, text: str) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(one.lead)
    values = dict.fromkeys(WORDS, text)
    broken = []
    for url in every_address(one):
        for answer in (browser.get(url, values), browser.post(url, values)):
            if answer.status_code >= 500:
                broken.append((url, answer.request["REQUEST_METHOD"]))
    assert broken == []


def test_no_upload_breaks_a_page(one: Everything) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(one.lead)
    pages = [reverse(name) for name in ("market:upload", "receivables:upload")]
    pages += [reverse("masterdata:import", args=["customers"])]
    for url in pages:
        for content in (
            b"",
            b"\x00\xff\xfe",
            b"UNA:+.? 'UNB+",
            b"<?xml version='1.0'?><Document/>",
            b":20:x",
        ):
            file = SimpleUploadedFile("datei", content)
            answer = browser.post(url, {"file": file})
            assert answer.status_code < 500, (url, content)
            assert answer.status_code in {200, 302, 422}


def test_a_wrong_path_is_not_found(one: Everything) -> None:
    browser = Client()
    browser.force_login(one.lead)
    for path in (
        "/kunden/0/",
        "/kunden/999999999999999999999999/",
        "/kunden/-1/",
        "/stammdaten/import/nichts/",
    ):
        assert browser.get(path).status_code == 404, path
    assert make.NOW == NOW
