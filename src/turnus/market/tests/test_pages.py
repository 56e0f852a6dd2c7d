"""The message list and the message in plain German, as a clerk sees them."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import factories as make
from turnus.market.models import Message
from turnus.market.services import take_in

_path = Path(__file__).parents[2] / "catalogue" / "tests" / "mscons_text.py"
_spec = importlib.util.spec_from_file_location("mscons_text", _path)
assert _spec and _spec.loader
text = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(text)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, 6, tzinfo=UTC)


@pytest.fixture
def browser() -> Client:
    make.grid_operator(text.SENDER, "Netz Nord")
    principal = make.principal(market_partner_id=text.RECEIVER)
    make.market_location(principal, market_location_id=text.LOCATION)
    good = text.profile(date(2026, 10, 30), ["1,5"] * 96, reference="1")
    bad = text.profile(date(2026, 10, 30), ["1,5"] * 96, reference="2").replace(
        "QTY+220:1,5", "QTY+220:viel", 1
    )
    take_in(client_id=principal.pk, content=text.interchange([good, bad]), name="a.edi", at=AT, user=None)
    browser = Client()
    browser.force_login(make.user("anna", principal))
    return browser


def test_the_list_shows_what_became_of_each_message(browser: Client) -> None:
    page = browser.get(reverse("market:messages")).content.decode()
    assert "verarbeitet" in page
    assert "fehlerhaft" in page
    assert text.LOCATION in page


def test_the_message_is_shown_in_words_with_its_error_marked(browser: Client) -> None:
    row = Message.objects.get(reference="2", type="MSCONS")
    page = browser.get(reverse("market:message", args=[row.pk])).content.decode()
    assert "Lastgang Bezug, Strom" in page
    assert "„viel“ ist keine Zahl" in page
    assert "bad_number" in page
    assert "Bestätigung" in page


def test_our_answers_have_pages_too(browser: Client) -> None:
    for row in Message.objects.filter(interchange__direction="out"):
        response = browser.get(reverse("market:message", args=[row.pk]))
        assert response.status_code == 200
        assert row.type in response.content.decode()
