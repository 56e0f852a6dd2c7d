"""The customer file (Kundenakte): one page per customer, every action starts here."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from turnus.care.queries import CustomerFile, customer_file
from turnus.clients.access import STAFF, StaffRequest, may, page
from turnus.contracts.models import SupplyContract
from turnus.documents.models import Document
from turnus.market.models import Message
from turnus.masterdata.models import Customer
from turnus.metering.models import MeterReading
from turnus.metering.pictures import consumptions, reading_picture
from turnus.receivables.models import DisconnectionCheck, OpenItem
from turnus.system import clock
from turnus.ui.formats import cents_de, date_de, moment_de
from turnus.ui.pages import Action, Event, Page, Tab, Tile, tab_of
from turnus.ui.tables import Badge, Column, Empty, Table, light

ONE_DAY = timedelta(days=1)
TABS = {
    "uebersicht": "Übersicht",
    "vertraege": "Verträge",
    "messwerte": "Messwerte",
    "rechnungen": "Rechnungen und Abschläge",
    "konto": "Konto und Zahlung",
    "kontakte": "Kontakte",
    "nachrichten": "Nachrichten und Schreiben",
}
BILL_TONES = {"excepted": "warn", "released": "ok", "rejected": "bad"}
STATE_TONES = {"active": "ok", "draft": "warn"}


@page()
def customer(request: StaffRequest, pk: int) -> HttpResponse:
    """One customer seen from all sides."""
    today = clock.today()
    try:
        known = customer_file(client_ids=request.client_ids, customer_id=pk, today=today)
    except Customer.DoesNotExist as error:
        raise Http404("Diesen Kunden gibt es nicht.") from error
    tab = tab_of(request, list(TABS))
    context = {
        "page": _page(request, known, tab),
        "one": known.customer,
        "tab": tab,
        "accounts": [view.account for view in known.accounts],
        "cases": [case for case in known.cases if case.state != "done"],
        **CONTENT[tab](request, known, today),
    }
    return render(request, f"care/customer_{tab}.html", context)


def _page(request: StaffRequest, known: CustomerFile, tab: str) -> Page:
    one = known.customer
    actions = []
    if may(request, one.client_id, STAFF):
        record = reverse("care:record", args=[one.pk])
        actions = [
            Action("Kontakt dokumentieren", record, "link", "primary", "phone", "e"),
            Action("Bankverbindung", reverse("masterdata:bank_account_new", args=[one.pk]), icon="bank"),
            Action("Vertrag", f"{reverse('contracts:contract_new')}?kunde={one.number}", icon="plus"),
            Action("Bearbeiten", reverse("masterdata:customer_edit", args=[one.pk]), icon="edit"),
        ]
    badges = []
    if one.deceased_on:
        badges.append(Badge(f"verstorben {date_de(one.deceased_on)}", "bad"))
    if one.insolvent_on:
        badges.append(Badge(f"Insolvenz {date_de(one.insolvent_on)}", "bad"))
    for view in known.accounts:
        badges += [Badge(f"Mahnsperre: {block.get_reason_display()}", "warn") for block in view.blocks]
    shown = Page(
        one.full_name,
        sub=f"{one.number} · {one.address} · {one.client.name}",
        crumbs=[("Kunden", reverse("masterdata:customers"))],
        badges=badges,
        actions=actions,
        tabs=[Tab(label, f"?tab={name}", name == tab) for name, label in TABS.items()],
    )
    if one.note:
        shown.notices.append(("info", one.note))
    return shown


def _money(known: CustomerFile) -> list[Tile]:
    """What the customer owes, what of it is due, and how it is paid."""
    balance = sum(view.balance_cents for view in known.accounts)
    late = sum(view.overdue_cents for view in known.accounts)
    items = [item for view in known.accounts for item in view.open_items]
    level = max((item.dunning_level for item in items), default=0)
    ways = {str(view.account.get_payment_method_display()) for view in known.accounts}
    saldo = "schuldet" if balance > 0 else "Guthaben" if balance < 0 else "ausgeglichen"
    return [
        Tile("Saldo", cents_de(balance), saldo, "?tab=konto", "" if balance > 0 else "ok"),
        Tile("überfällig", cents_de(late), f"Mahnstufe {level}", "?tab=konto", "bad" if late else "ok"),
        Tile("Zahlweg", ", ".join(sorted(ways)) or "kein Konto", "", "?tab=konto"),
    ]


def _disconnections(known: CustomerFile) -> list[Tile]:
    """What the nightly check says about the customer's arrears, with the way to its calculation."""
    accounts = [view.account.pk for view in known.accounts]
    return [
        Tile(
            "Versorgungsunterbrechung",
            "sperrfähig" if check.is_eligible else "nicht sperrfähig",
            check.reason,
            reverse("receivables:disconnectioncheck", args=[check.pk]),
            "bad" if check.is_eligible else "ok",
        )
        for check in DisconnectionCheck.objects.filter(subaccount__in=accounts)
    ]


def _overview(request: StaffRequest, known: CustomerFile, today: date) -> dict[str, Any]:
    last = next((bill for bill in known.bills if bill.state == "released"), None)
    bill = Tile(
        "letzte Rechnung",
        date_de(last.bill_date) if last else "noch keine",
        (last.number or "") if last else "",
        reverse("billing:bill", args=[last.pk]) if last else "",
    )
    current = next((c for c in known.contracts if today in c.supply), next(iter(known.contracts), None))
    return {
        "tiles": [*_money(known), bill],
        "picture": _picture(known, current, 620) if current else "",
        "contract_table": _contract_table(request, known, today),
        "events": _events(known),
    }


def _picture(known: CustomerFile, contract: SupplyContract, width: int = 640) -> str:
    """Use at the contract's location between readings; "" without two readings."""
    place = contract.market_location
    found = consumptions(known.readings.get(place.pk, []))
    unit = "kWh" if place.commodity == "electricity" else "m³"
    return reading_picture(found, unit, width=width) if found else ""


def _events(known: CustomerFile) -> list[Event]:
    """The last things that happened, from contacts and letters, newest first."""
    found: list[tuple[Any, Event]] = []
    for note in known.contacts[:8]:
        url = reverse("care:contactnote", args=[note.pk])
        event = Event(moment_de(note.at), str(note), str(note.agent), note.result, "info", url)
        found.append((note.at, event))
    for document in known.documents[:8]:
        url = reverse("documents:document", args=[document.pk])
        state = str(document.get_state_display())
        found.append(
            (document.created_at, Event(moment_de(document.created_at), str(document), "", state, "ok", url))
        )
    return [event for _, event in sorted(found, key=lambda pair: pair[0], reverse=True)[:10]]


def _product(contract: SupplyContract, today: date) -> str | None:
    """Name of the product that holds today, else of the last one."""
    conditions = sorted(contract.conditions.all(), key=lambda one: one.valid.lower)
    current = next((one for one in conditions if today in one.valid), None)
    return (current or conditions[-1]).product.name if conditions else None


def _contract_table(request: StaffRequest, known: CustomerFile, today: date) -> Table:
    columns = [
        Column("Vertrag", "number", second="market_location.get_commodity_display"),
        Column("Lieferstelle", "market_location.address", second="market_location.market_location_id"),
        Column("Produkt", lambda row: _product(row, today)),
        Column("Beginn", lambda row: row.supply.lower, "date"),
        Column("Ende", lambda row: row.supply.upper and row.supply.upper - ONE_DAY, "date"),
        Column("Zustand", lambda row: light(row.get_state_display(), STATE_TONES.get(row.state, ""))),
    ]
    new = f"{reverse('contracts:contract_new')}?kunde={known.customer.number}"
    return Table(
        request,
        known.contracts,
        columns,
        row_url=lambda row: reverse("contracts:contract", args=[row.pk]),
        empty=Empty("Noch kein Vertrag.", "Vertrag anlegen", new),
    )


def _contracts_tab(request: StaffRequest, known: CustomerFile, today: date) -> dict[str, Any]:
    return {"table": _contract_table(request, known, today)}


def _readings_tab(request: StaffRequest, known: CustomerFile, today: date) -> dict[str, Any]:
    rows: list[MeterReading] = [row for place in known.readings.values() for row in place]
    columns = [
        Column("Zähler", "register.meter.number", second="register.obis_code"),
        Column("Stand 00:00 am", "date", "date"),
        Column("Zählerstand", "value", "decimal"),
        Column("Güte", "get_quality_display"),
        Column("Herkunft", "get_origin_display"),
        Column("", lambda row: Badge("gesperrt", "bad") if row.is_blocked else ""),
    ]
    first = {contract.market_location_id: contract for contract in reversed(known.contracts)}
    places = [(contract.market_location, _picture(known, contract, 520)) for contract in first.values()]
    return {"places": places, "table": Table(request, rows, columns, empty=Empty("Noch kein Messwert."))}


def _bills_tab(request: StaffRequest, known: CustomerFile, today: date) -> dict[str, Any]:
    bills = [
        Column("Rechnung", lambda row: row.number or "ohne Nummer", second="get_kind_display"),
        Column("Zeitraum bis", lambda row: row.period.upper - ONE_DAY, "date"),
        Column("kWh", "kwh", "number"),
        Column("brutto", "gross", "euro"),
        Column("Saldo", "balance", "euro"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), BILL_TONES[row.state])),
        Column("fällig", "due_date", "date"),
    ]
    instalments = [
        Column("fällig", "due_date", "date"),
        Column("Vertrag", "contract.number"),
        Column("brutto", "gross", "euro"),
        Column("Zustand", "get_state_display"),
    ]
    return {
        "bills": Table(
            request,
            known.bills,
            bills,
            row_url=lambda row: reverse("billing:bill", args=[row.pk]),
            empty=Empty("Noch keine Rechnung."),
        ),
        "instalments": Table(
            request, known.instalments, instalments, prefix="a", empty=Empty("Kein Abschlagsplan.")
        ),
    }


def _money_tab(request: StaffRequest, known: CustomerFile, today: date) -> dict[str, Any]:
    items: list[OpenItem] = [item for view in known.accounts for item in view.open_items]
    columns = [
        Column("Posten", "__str__"),
        Column("fällig", lambda row: _due(row, today)),
        Column("Betrag", lambda row: row.side * row.amount_cents, "cents"),
        Column("offen", lambda row: row.side * row.open_cents, "cents"),
        Column("Mahnstufe", "dunning_level", "number"),
        Column("Einzugssperre", "debit_blocked"),
    ]
    everything = f"{reverse('receivables:items')}?q={known.customer.number}&cleared=on"
    table = Table(
        request,
        items,
        columns,
        row_url=lambda row: reverse("receivables:openitem", args=[row.pk]),
        empty=Empty("Nichts ist offen.", "Ausgeglichene zeigen", everything),
    )
    notices = Table(
        request,
        known.notices,
        [
            Column("Nummer", lambda row: row.number or "–"),
            Column("Stufe", "level", "number"),
            Column("Forderung", "total_cents", "cents"),
            Column("zahlbar bis", "pay_until", "date"),
            Column("Zustand", "get_state_display"),
        ],
        prefix="m",
        empty=Empty("Nie gemahnt."),
    )
    return {
        "tiles": [*_money(known), *_disconnections(known)],
        "table": table,
        "notices": notices,
        "everything": everything,
        "banks": known.bank_accounts,
    }


def _due(row: OpenItem, today: date) -> Badge | str:
    late = row.side == 1 and row.due_date < today
    return light(date_de(row.due_date), "bad") if late else date_de(row.due_date)


def _contacts_tab(request: StaffRequest, known: CustomerFile, today: date) -> dict[str, Any]:
    columns = [
        Column("Zeitpunkt", "at", "moment"),
        Column("Kontakt", "__str__", second=lambda row: row.contract or "Konto insgesamt"),
        Column("Identität", "get_identity_display"),
        Column("Ergebnis", "result", second=lambda row: row.text[:160] or None),
        Column("Bearbeitung", "agent"),
    ]
    record = reverse("care:record", args=[known.customer.pk])
    table = Table(
        request,
        known.contacts,
        columns,
        row_url=lambda row: reverse("care:contactnote", args=[row.pk]),
        empty=Empty("Noch kein Kontakt.", "Kontakt dokumentieren", record),
    )
    return {"table": table}


def _messages_tab(request: StaffRequest, known: CustomerFile, today: date) -> dict[str, Any]:
    locations = {contract.market_location_id for contract in known.contracts}
    messages = Message.objects.filter(market_location__in=locations).select_related("partner").order_by("-id")
    message_columns = [
        Column("Nachricht", "__str__"),
        Column("Marktpartner", "partner.name"),
        Column("Zustand", "get_state_display"),
        Column("eingegangen", "received_at", "moment"),
    ]
    letter_columns: list[Column] = [
        Column("Schreiben", "__str__"),
        Column("Zustand", "get_state_display"),
        Column("erstellt", "created_at", "moment"),
    ]
    documents: list[Document] = known.documents
    return {
        "messages": Table(
            request,
            messages,
            message_columns,
            row_url=lambda row: reverse("market:message", args=[row.pk]),
            per_page=20,
            empty=Empty("Keine Nachricht zu den Lieferstellen."),
        ),
        "documents": Table(
            request,
            documents,
            letter_columns,
            row_url=lambda row: reverse("documents:document", args=[row.pk]),
            prefix="d",
            empty=Empty("Noch kein Schreiben."),
        ),
    }


CONTENT: dict[str, Callable[[StaffRequest, CustomerFile, date], dict[str, Any]]] = {
    "uebersicht": _overview,
    "vertraege": _contracts_tab,
    "messwerte": _readings_tab,
    "rechnungen": _bills_tab,
    "konto": _money_tab,
    "kontakte": _contacts_tab,
    "nachrichten": _messages_tab,
}
