"""Every page of the project, opened by users of principal A with the objects of principal B.

The list of pages comes from the URLs themselves: a page added later is covered or fails here until
`OBJECTS` says which kind of object its address names.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import factories as make
from everything import Everything, everything
from turnus.system.clock import set_business_date

# Page (or its whole room, "room:*") → kind of the object whose id stands in the address.
OBJECTS = {
    "clients:run": "clients.run",
    "clients:run_state": "clients.run",
    "clients:principal": "clients.principal",
    "clients:threshold": "clients.principal",
    "clients:services": "clients.principal",
    "clients:letterhead": "clients.principal",
    "worklist:case": "worklist.case",
    "worklist:case_note": "worklist.case",
    "worklist:case_assign": "worklist.case",
    "worklist:case_close": "worklist.case",
    "worklist:case_action": "worklist.case",
    "worklist:approval": "worklist.approval",
    "worklist:approval_decide": "worklist.approval",
    "documents:document": "documents.document",
    "documents:pdf": "documents.document",
    "products:product": "products.product",
    "products:product_edit": "products.product",
    "masterdata:customer_edit": "masterdata.customer",
    "masterdata:bank_account_new": "masterdata.customer",
    "masterdata:bankaccount": "masterdata.bankaccount",
    "masterdata:mandate": "masterdata.mandate",
    "masterdata:marketlocation": "masterdata.marketlocation",
    "masterdata:register": "masterdata.register",
    "masterdata:register_edit": "masterdata.register",
    "masterdata:location_edit": "masterdata.marketlocation",
    "masterdata:meter_new": "masterdata.marketlocation",
    "metering:location": "masterdata.marketlocation",
    "metering:enter": "masterdata.marketlocation",
    "metering:meterreading": "metering.meterreading",
    "metering:valuerequest": "metering.valuerequest",
    "contracts:contract": "contracts.supplycontract",
    "contracts:activate": "contracts.supplycontract",
    "contracts:change_product": "contracts.supplycontract",
    "contracts:end_supply": "contracts.supplycontract",
    "contracts:price_new": "products.product",
    "market:message": "market.message",
    "market:reprocess": "market.message",
    "billing:bill": "billing.bill",
    "billing:exception": "billing.bill",
    "billing:decide": "billing.bill",
    "billing:instalments": "contracts.supplycontract",
    "billing:correct": "billing.bill",
    "ledger:postingperiod": "ledger.postingperiod",
    "ledger:period_lock": "ledger.postingperiod",
    "ledger:period_unlock": "ledger.postingperiod",
    "ledger:journal": "ledger.journal",
    "receivables:openitem": "receivables.openitem",
    "receivables:block": "receivables.openitem",
    "receivables:send_back": "receivables.statemententry",
    "receivables:payout": "receivables.payout",
    "receivables:payout_cancel": "receivables.payout",
    "receivables:payoutfile": "receivables.payoutfile",
    "receivables:disconnectioncheck": "receivables.disconnectioncheck",
    "receivables:statemententry": "receivables.statemententry",
    "receivables:assign": "receivables.statemententry",
    "receivables:undo": "receivables.statemententry",
    "receivables:note": "receivables.statemententry",
    "receivables:debit_run": "receivables.debitrun",
    "receivables:debit_release": "receivables.debitrun",
    "receivables:debit_cancel": "receivables.debitrun",
    "receivables:debit_file": "receivables.debitrun",
    "receivables:dunning_run": "receivables.dunningrun",
    "receivables:dunning_release": "receivables.dunningrun",
    "receivables:dunning_cancel": "receivables.dunningrun",
    "receivables:dunning_remove": "receivables.dunningrun",
    "care:customer": "masterdata.customer",
    "care:record": "masterdata.customer",
    "care:contactnote": "care.contactnote",
    "care:move": "care.contactnote",
}
# Market partners are public: the same code numbers for everybody (BDEW, DVGW).
PUBLIC = {"partners:marketpartner"}
OTHER_ARGUMENTS = {
    "masterdata:import": {"name": "customers"},
    "masterdata:import_template": {"name": "customers"},
    "billing:incomplete": {"item": 29},
}
# Nobody raises the limit that binds himself.
PRINCIPAL_ONLY = {"clients:threshold", "clients:services"}
OPEN_TO_ALL = {"clients:login", "clients:logout"}


def pages(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, bool]]:
    """(name, whether the address names an object) of every page."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from pages(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}", bool(entry.pattern.converters)


ALL = sorted(pages(get_resolver()))


def address(name: str, of: Everything) -> str:
    if name in OTHER_ARGUMENTS:
        return reverse(name, kwargs=OTHER_ARGUMENTS[name])
    if name in PUBLIC:
        return reverse(name, args=[make.grid_operator().pk])
    extra = ["BILL_AGAIN"] if name == "worklist:case_action" else []
    return reverse(name, args=[of.ids[OBJECTS[name]], *extra])


@pytest.fixture
def two(db: None) -> tuple[Everything, Everything]:
    set_business_date(make.NOW.date())
    return everything("alpha"), everything("beta")


def signed_in(user: object) -> Client:
    browser = Client()
    browser.force_login(user)  # type: ignore[arg-type]
    return browser


def test_the_list_of_objects_names_real_pages_only() -> None:
    known = {name for name, _ in ALL}
    assert {*OBJECTS, *PUBLIC, *OTHER_ARGUMENTS, *OPEN_TO_ALL} - known == set()
    assert [
        name for name, has_object in ALL if has_object and name not in {*OBJECTS, *PUBLIC, *OTHER_ARGUMENTS}
    ] == []


@pytest.mark.parametrize("role", ["clerk", "lead"])
def test_no_page_shows_or_changes_an_object_of_another_principal(
    two: tuple[Everything, Everything], role: str
) -> None:
    ours, theirs = two
    browser = signed_in(getattr(ours, role))
    leaks = []
    for name in OBJECTS:
        url = address(name, theirs)
        for method in (browser.get, browser.post):
            answer = method(url)
            if answer.status_code not in {403, 404, 405} or b"Geheim-beta" in answer.content:
                leaks.append((name, method.__name__, answer.status_code))
    assert leaks == []


def test_lists_and_search_never_mention_another_principal(two: tuple[Everything, Everything]) -> None:
    ours, theirs = two
    browser = signed_in(ours.clerk)
    seen = 0
    for name, has_object in ALL:
        if has_object or name in OPEN_TO_ALL:
            continue
        for query in ("", "?q=Geheim", f"?q={theirs.supply.customer.number}"):
            answer = browser.get(reverse(name) + query, follow=True)
            assert b"Geheim-beta" not in answer.content, name + query
            seen += b"Geheim-alpha" in answer.content
    assert seen > 5, "the pages show our own objects"


def test_our_own_pages_open(two: tuple[Everything, Everything]) -> None:
    ours, _ = two
    browser, boss = signed_in(ours.lead), signed_in(make.user("boss", ours.client, role="principal"))
    wrong = []
    for name in [*OBJECTS, *PUBLIC, *OTHER_ARGUMENTS]:
        if name == "documents:pdf":
            continue
        answer = (boss if name in PRINCIPAL_ONLY else browser).get(address(name, ours))
        if answer.status_code not in {200, 302, 405} and name != "receivables:debit_file":
            wrong.append((name, answer.status_code))
    for name, has_object in ALL:
        if not has_object and name not in OPEN_TO_ALL:
            answer = browser.get(reverse(name))
            if answer.status_code not in {200, 302, 405}:
                wrong.append((name, answer.status_code))
    assert wrong == []


def test_nobody_sees_anything_without_signing_in(two: tuple[Everything, Everything]) -> None:
    ours, _ = two
    browser = Client()
    for name, has_object in ALL:
        if name in OPEN_TO_ALL:
            continue
        url = address(name, ours) if has_object else reverse(name)
        answer = browser.get(url)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/anmelden/?next="), name


def test_a_user_without_a_principal_is_refused(two: tuple[Everything, Everything]) -> None:
    ours, _ = two
    browser = signed_in(make.user("nobody"))
    for name, has_object in ALL:
        if name in OPEN_TO_ALL:
            continue
        url = address(name, ours) if has_object else reverse(name)
        assert browser.get(url).status_code == 403, name


def test_the_principal_itself_reads_but_does_not_enter(two: tuple[Everything, Everything]) -> None:
    ours, _ = two
    browser = signed_in(make.user("boss", ours.client, role="principal"))
    assert browser.get(address("care:customer", ours)).status_code == 200
    for name in (
        "masterdata:customer_edit",
        "care:record",
        "contracts:end_supply",
        "receivables:debit_release",
    ):
        assert browser.post(address(name, ours)).status_code == 403, name
    for name in ("masterdata:customer_new", "billing:start", "receivables:dunning_propose"):
        assert browser.get(reverse(name)).status_code == 403, name
    # What it may not do is not offered either.
    for name in ("masterdata:customers", "billing:bills", "receivables:debit_runs", "market:messages"):
        assert 'data-key="e"' not in browser.get(reverse(name)).content.decode(), name


def test_a_user_of_two_principals_sees_only_the_chosen_one(two: tuple[Everything, Everything]) -> None:
    ours, theirs = two
    user = make.user("both", ours.client)
    from turnus.clients.models import Membership

    Membership.objects.create(client=theirs.client, user=user, role="clerk")
    browser = signed_in(user)
    both = browser.get(reverse("masterdata:customers")).content
    assert b"Geheim-alpha" in both
    assert b"Geheim-beta" in both
    browser.post(reverse("clients:switch"), {"principal": str(ours.client.pk), "next": "/"})
    chosen = browser.get(reverse("masterdata:customers")).content
    assert b"Geheim-alpha" in chosen
    assert b"Geheim-beta" not in chosen
    assert browser.get(address("care:customer", theirs)).status_code == 404
    asked = browser.post(reverse("clients:switch"), {"principal": "999999"})
    assert asked.status_code == 302
    assert browser.session["principal"] == ours.client.pk
