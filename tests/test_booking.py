"""What a principal has not booked is hidden, refused in a sentence, and does not run."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

import factories as make
from everything import NOW, Everything, everything
from test_isolation_pages import ALL
from turnus.cli.billing import app as billing
from turnus.cli.daily import STEPS, app
from turnus.clients import services
from turnus.clients.catalogue import BUILDS_ON, SERVICES
from turnus.clients.models import BookedService, Membership
from turnus.project.booking import ALWAYS, OFFERS, SERVICES_OF_JOB, SERVICES_OF_PAGE
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow
from turnus.system.models import AuditEntry, Principal

TODAY = NOW.date()


def book(client: Principal, *, without: str) -> None:
    """Everything but some services (blank-separated), since 2025."""
    BookedService.objects.bulk_create(
        BookedService(client=client, service=service, valid=(date(2025, 1, 1), None))
        for service in SERVICES
        if service not in without.split()
    )


def signed_in(user: object) -> Client:
    browser = Client()
    browser.force_login(user)  # type: ignore[arg-type]
    return browser


def links(browser: Client, url: str = "/") -> set[str]:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return set(re.findall(r'href="([^"?#]+)', answer.content.decode()))


@pytest.fixture
def one(db: None) -> Everything:
    set_business_date(TODAY)
    return everything("alpha")


def test_every_page_and_every_daily_job_is_named_once_and_rightly() -> None:
    pages = {name for name, _ in ALL}
    assert pages - ALWAYS - SERVICES_OF_PAGE.keys() == set(), "say in project.booking whose page that is"
    assert (ALWAYS | SERVICES_OF_PAGE.keys()) - pages == set(), "there is no such page"
    assert ALWAYS & SERVICES_OF_PAGE.keys() == set()
    commands = {"run_billing", "import_statements", "take_in_messages"}
    assert STEPS.keys() | commands == SERVICES_OF_JOB.keys()
    assert OFFERS.keys() | BUILDS_ON.keys() | set(BUILDS_ON.values()) <= SERVICES.keys()
    assert list(SERVICES) == [f"M{n:02d}" for n in range(1, 53)]


def test_fully_booked_shows_everything(one: Everything) -> None:
    before = links(signed_in(one.lead))
    allow([one.client.pk])
    book(one.client, without="")
    after = links(signed_in(one.lead))
    assert after == before >= {reverse("receivables:dunning_runs"), reverse("billing:exceptions")}


def test_without_reminders_there_is_no_dunning(one: Everything) -> None:
    book(one.client, without="M20")
    browser = signed_in(one.lead)
    dunning = reverse("receivables:dunning_runs")
    assert not any(link.startswith(dunning) for link in links(browser))
    run = one.ids["receivables.dunningrun"]
    for url in (
        dunning,
        reverse("receivables:dunning_propose"),
        reverse("receivables:dunning_run", args=[run]),
    ):
        for answer in (browser.get(url), browser.post(url)):
            text = answer.content.decode()
            assert answer.status_code == 403
            assert "M20 (Mahnstufe 1: Zahlungserinnerung) nicht gebucht" in text
            assert "das ändert der Auftraggeber selbst" in text
    assert reverse("receivables:items") in links(browser)  # others need the open items


def test_without_billing_there_are_no_bills_and_no_exceptions(one: Everything) -> None:
    book(one.client, without="M05")  # M06 to M09 build on it
    browser = signed_in(one.lead)
    start = browser.get("/").content.decode()
    for name in ("billing:bills", "billing:exceptions"):
        assert f'href="{reverse(name)}' not in start
        assert browser.get(reverse(name)).status_code == 403
    assert "Aussteuerung" not in start and "<h2>Abrechnung</h2>" not in start
    contract = reverse("contracts:contract", args=[one.supply.contract.pk])
    instalments = reverse("billing:instalments", args=[one.supply.contract.pk])
    assert instalments not in links(browser, contract)
    assert browser.get(reverse("billing:start")).status_code == 403


def test_what_one_principal_of_the_user_has_booked_is_there(one: Everything) -> None:
    book(one.client, without="M20")
    other = everything("beta")
    book(other.client, without="M05")
    Membership.objects.create(client=other.client, user=one.lead, role="lead")
    browser = signed_in(one.lead)
    shown = links(browser)
    assert {reverse("billing:bills"), reverse("receivables:dunning_runs")} <= shown
    browser.post(reverse("clients:switch"), {"principal": other.client.pk})
    assert reverse("billing:bills") not in links(browser)
    answer = browser.get(reverse("billing:bills"))
    assert answer.status_code == 403 and other.client.name in answer.content.decode()


def test_a_principal_that_has_not_chosen_yet_gets_everything(db: None) -> None:
    a, b = make.principal("a"), make.principal("b")
    BookedService.objects.create(client=b, service="M05", valid=(date(2025, 1, 1), date(2025, 7, 1)))
    found = services.booked_services(client_ids=[a.pk, b.pk], on=date(2025, 7, 1))
    assert found == {a.pk: frozenset(SERVICES), b.pk: frozenset()}
    assert services.booked_services(client_ids=[b.pk], on=date(2025, 6, 30)) == {b.pk: {"M05"}}


def test_only_the_principal_books(one: Everything) -> None:
    book(one.client, without="M20")
    url = reverse("clients:services", args=[one.client.pk])
    assert signed_in(one.lead).get(url).status_code == 403
    allow([one.client.pk])
    boss = signed_in(make.user("chefin", one.client, "principal"))
    chosen = [key for key in SERVICES if key not in {"M23", "M24"}]
    late = boss.post(url, {"since": "14.01.2026", "chosen": chosen})
    assert late.status_code == 422 and "rückwirkend" in late.content.decode()
    hollow = boss.post(url, {"since": "15.01.2026", "chosen": ["M09"]})
    assert hollow.status_code == 422 and "M09 setzt M05" in hollow.content.decode()
    assert boss.post(url, {"since": "15.01.2026", "chosen": chosen}).status_code == 302
    allow([one.client.pk])
    booked = services.booked_services(client_ids=[one.client.pk], on=TODAY)[one.client.pk]
    assert booked == set(chosen)
    assert services.is_booked(client_id=one.client.pk, service="M23", on=date(2026, 1, 14))
    entry = AuditEntry.objects.get(action="services_chosen")
    assert entry.details == {"booked": ["M20"], "ended": ["M23", "M24"]}
    assert reverse("receivables:dunning_runs") in links(boss)


def test_choosing_again_replaces_what_was_planned(db: None) -> None:
    a = make.principal("a")
    boss = make.user("boss", a, "principal")

    def choose(chosen: list[str], since: date) -> None:
        services.choose_services(client_id=a.pk, chosen=chosen, since=since, user=boss, at=NOW)

    choose(["M05", "M09"], date(2026, 2, 1))
    choose(["M05"], date(2026, 3, 1))
    choose(["M05", "M20"], date(2026, 3, 1))
    rows = BookedService.objects.order_by("service").values_list("service", "valid")
    assert [(s, v.lower, v.upper) for s, v in rows] == [
        ("M05", date(2026, 2, 1), None),
        ("M09", date(2026, 2, 1), date(2026, 3, 1)),
        ("M20", date(2026, 3, 1), None),
    ]
    with pytest.raises(ValueError, match="M99"):
        choose(["M99"], date(2026, 3, 1))


def test_a_job_asks_whether_it_is_due(db: None) -> None:
    a = make.principal("a")
    book(a, without="M14")
    assert services.is_due(client_id=a.pk, job="run_billing", on=TODAY)
    assert not services.is_due(client_id=a.pk, job="announce_debits", on=TODAY)
    services.require_booked(client_id=a.pk, job="run_billing", on=TODAY)
    with pytest.raises(services.NotBooked, match="M14"):
        services.require_booked(client_id=a.pk, job="announce_debits", on=TODAY)


def test_a_command_of_a_service_that_is_not_booked_is_refused(committed_db: str) -> None:
    book(make.principal("stadtwerk-a"), without="M05")
    refused = CliRunner().invoke(billing, ["run", "--principal", "stadtwerk-a", "--until", "2025-12-31"])
    assert refused.exit_code == 1
    assert "M05" in refused.output and "Auftraggeber" in refused.output


def test_the_day_skips_what_is_not_booked(committed_db: str) -> None:
    client = make.principal("stadtwerk-a")
    book(client, without="M05 M14 M17")
    done = CliRunner().invoke(app, ["--principal", "stadtwerk-a", "--json"])
    assert done.exit_code == 0, done.output
    every = {label for labels, _ in STEPS.values() for label in labels}
    assert every - set(json.loads(done.stdout)) == {
        "Abschläge angefordert",
        "Lastschriften angekündigt",
        "Rechnungen, die neuere Werte ändern",
        "Rechnungen mit nun vollständigen Pflichtangaben freigegeben",
        "Ungeklärtes Geld eskaliert",
    }
    shown = CliRunner().invoke(app, ["--principal", "stadtwerk-a"]).output
    assert shown.count("nicht gebucht") == 5
