"""Customers, market locations and meters: finding and showing them."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from turnus.clients.access import STAFF, StaffRequest, in_order, may, mine, page, staff_only
from turnus.masterdata.models import BankAccount, Commodity, Customer, MarketLocation, Register
from turnus.masterdata.queries import in_city, locations_like, of_customers_like
from turnus.ui.filters import FilterForm, choice, words
from turnus.ui.formats import plain_de
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, Tile, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

ONE_DAY = timedelta(days=1)
CRUMBS = [("Stammdaten", "/stammdaten/")]


class CustomerFilter(FilterForm):
    lookups = {"kind": "kind"}
    q = words(hint="Name oder Kundennummer")
    city = words("Ort")
    kind = choice("Art", [(kind.value, str(kind.label)) for kind in Customer.Kind])

    def by_q(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        """Every word must occur in the name or the first name, or begin the number."""
        return rows.filter(of_customers_like(value))

    def by_city(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        return in_city(rows, value)


def marks(one: Customer) -> Badge | str:
    """What a clerk must know before talking to a customer."""
    if one.deceased_on:
        return Badge("verstorben", "bad")
    if one.insolvent_on:
        return Badge("Insolvenz", "bad")
    return Badge("Hinweis", "info") if one.note else ""


@page()
def customers(request: StaffRequest) -> HttpResponse:
    filters = CustomerFilter(request)
    known = mine(request, Customer.objects.select_related("address", "client"))
    rows = filters.apply(in_order(request, known, "number"))
    columns = [
        Column("Kunde", "full_name", sort="name", second="number"),
        Column("Anschrift", "address"),
        Column("Telefon", "phone"),
        Column("E-Mail", "email"),
        Column("Art", "get_kind_display"),
        Column("", marks),
        Column("Auftraggeber", "client.name"),
    ]
    empty = Empty("Kein Kunde gefunden.", "Kunde anlegen", reverse("masterdata:customer_new"))
    table = Table(
        request, rows, columns, row_url=lambda row: url_of("masterdata.customer", row.pk), empty=empty
    )
    actions = staff_only(request, Action("Kunde anlegen", empty.url, tone="primary", icon="plus", key="e"))
    return render_list(request, Page("Kunden", actions=actions), table, filters=filters)


@page()
def overview(request: StaffRequest) -> HttpResponse:
    """The way to every kind of master data."""
    tiles = [
        Tile("Kunden", "Kunden", "Personen und Firmen", reverse("masterdata:customers")),
        Tile(
            "Lieferstellen", "Marktlokationen", "mit Messlokation und Zähler", reverse("masterdata:locations")
        ),
        Tile("Tarife", "Produkte", "mit datierten Preisen", reverse("products:products")),
        Tile(
            "Netz und Messung", "Marktpartner", "Netz- und Messstellenbetreiber", reverse("partners:partners")
        ),
        Tile("In Mengen", "CSV-Import", "Vorlage je Objekt, Fehler je Zeile", reverse("masterdata:imports")),
        Tile("Nachweis", "Protokoll", "wer hat wann was getan", reverse("worklist:audit")),
    ]
    return render(request, "masterdata/overview.html", {"page": Page("Stammdaten", tiles=tiles)})


class LocationFilter(FilterForm):
    lookups = {"commodity": "commodity"}
    q = words(hint="MaLo, MeLo oder Zählernummer")
    commodity = choice("Sparte", [(one.value, str(one.label)) for one in Commodity])
    city = words("Ort")

    def by_q(self, rows: QuerySet[MarketLocation], value: str) -> QuerySet[MarketLocation]:
        return locations_like(rows, value)

    def by_city(self, rows: QuerySet[MarketLocation], value: str) -> QuerySet[MarketLocation]:
        return in_city(rows, value)


@page()
def locations(request: StaffRequest) -> HttpResponse:
    filters = LocationFilter(request)
    known = MarketLocation.objects.select_related("address", "grid_operator", "client")
    columns = [
        Column("Marktlokation", "market_location_id", sort="market_location_id"),
        Column("Sparte", "get_commodity_display", sort="commodity"),
        Column("Lieferstelle", "address"),
        Column("Netzbetreiber", "grid_operator.name"),
        Column("Profil", "profile"),
        Column("Prognose kWh", "annual_forecast_kwh", "number", sort="annual_forecast_kwh"),
        Column("Auftraggeber", "client.name"),
    ]
    empty = Empty(
        "Keine Marktlokation gefunden.", "Marktlokation anlegen", reverse("masterdata:location_new")
    )
    table = Table(
        request,
        filters.apply(in_order(request, mine(request, known), "market_location_id")),
        columns,
        row_url=lambda row: reverse("masterdata:marketlocation", args=[row.pk]),
        empty=empty,
    )
    actions = staff_only(
        request, Action("Marktlokation anlegen", empty.url, tone="primary", icon="plus", key="e")
    )
    return render_list(
        request, Page("Marktlokationen", crumbs=CRUMBS, actions=actions), table, filters=filters
    )


@page()
def location(request: StaffRequest, pk: int) -> HttpResponse:
    """One market location: facts, meters with registers, contracts over time."""
    one = get_object_or_404(
        MarketLocation.objects.select_related("address", "grid_operator", "metering_operator", "client"),
        pk=pk,
    )
    registers = (
        Register.objects.filter(meter__metering_location__market_location=one)
        .select_related("meter__metering_location")
        .order_by("-meter__installed", "obis_code")
    )
    actions = [Action("Messwerte", reverse("metering:location", args=[pk]), icon="meter", key="e")]
    if may(request, one.client_id, STAFF):
        actions.append(Action("Bearbeiten", reverse("masterdata:location_edit", args=[pk]), icon="edit"))
        actions.append(Action("Zähler einbauen", reverse("masterdata:meter_new", args=[pk]), icon="plus"))
    shown = Page(
        f"Marktlokation {one.market_location_id}",
        sub=f"{one.get_commodity_display()} · {one.address} · {one.client.name}",
        crumbs=[*CRUMBS, ("Marktlokationen", reverse("masterdata:locations"))],
        actions=actions,
    )
    context: dict[str, Any] = {
        "page": shown,
        "one": one,
        "meters": _meter_table(request, registers, editable=may(request, one.client_id, STAFF)),
        "contracts": _contract_table(request, one),
    }
    return render(request, "masterdata/location.html", context)


def _meter_table(request: StaffRequest, registers: QuerySet[Register], *, editable: bool) -> Table:
    columns = [
        Column("Zähler", "meter.number", second="meter.metering_location.metering_location_id"),
        Column("eingebaut", lambda row: row.meter.installed.lower, "date"),
        Column("ausgebaut", lambda row: row.meter.installed.upper, "date"),
        Column("Zählwerk", "obis_code"),
        Column("Stellen", lambda row: f"{row.digits},{row.decimals}"),
        Column("Wandlerfaktor", lambda row: plain_de(row.transformer_factor)),
    ]
    edit = "masterdata:register_edit"
    return Table(
        request,
        registers,
        columns,
        row_url=(lambda row: reverse(edit, args=[row.pk])) if editable else None,
        empty=Empty("Hier hängt noch kein Zähler."),
        prefix="z",
    )


def _contract_table(request: StaffRequest, one: MarketLocation) -> Table:
    rows = one.contracts.select_related("customer").order_by("-supply")
    columns = [
        Column("Vertrag", "number"),
        Column("Kunde", "customer.full_name"),
        Column("Lieferbeginn", lambda row: row.supply.lower, "date"),
        Column("Lieferende", lambda row: row.supply.upper and row.supply.upper - ONE_DAY, "date"),
        Column("Zustand", "get_state_display"),
    ]
    return Table(
        request,
        rows,
        columns,
        row_url=lambda row: url_of("contracts.supplycontract", row.pk),
        empty=Empty("Kein Vertrag beliefert diese Lokation."),
        prefix="v",
    )


@page()
def register(request: StaffRequest, pk: int) -> HttpResponse:
    """Where a register is named (an approval, an audit entry): its market location."""
    one = get_object_or_404(Register.objects.select_related("meter__metering_location"), pk=pk)
    return redirect("masterdata:marketlocation", one.meter.metering_location.market_location_id)


@page()
def bank_account(request: StaffRequest, pk: int) -> HttpResponse:
    """Where a bank account is named (an approval, an audit entry): the account tab of its customer."""
    one = get_object_or_404(BankAccount, pk=pk)
    return HttpResponseRedirect(f"{url_of('masterdata.customer', one.customer_id)}?tab=konto")
