"""Products and their dated prices."""

from datetime import timedelta

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require, staff_only, the_client
from turnus.products import services
from turnus.products.forms import ProductForm
from turnus.products.models import Price, Product
from turnus.system import clock
from turnus.system.changes import InvalidInput
from turnus.ui.fields import show_error
from turnus.ui.filters import FilterForm, choice, words
from turnus.ui.pages import Action, Page, render_form, render_list
from turnus.ui.tables import Badge, Column, Empty, Table, light

ONE_DAY = timedelta(days=1)
CRUMBS = [("Stammdaten", "/stammdaten/")]


class ProductFilter(FilterForm):
    lookups = {"q": ("name__icontains", "code__istartswith"), "commodity": "commodity"}
    q = words(hint="Name oder Kürzel")
    commodity = choice("Sparte", [(one.value, str(one.label)) for one in Product.Commodity])


@page()
def products(request: StaffRequest) -> HttpResponse:
    filters = ProductFilter(request)
    today = clock.today()
    current = {
        price.product_id: price for price in mine(request, Price.objects.filter(valid__contains=today))
    }
    columns = [
        Column("Produkt", "name", sort="name", second="code"),
        Column("Sparte", "get_commodity_display", sort="commodity"),
        Column("Art", lambda row: "Grundversorgung" if row.is_default_supply else "Sondervertrag"),
        Column(
            "Arbeitspreis ct/kWh netto",
            lambda row: getattr(current.get(row.pk), "energy_ct_per_kwh", None),
            "decimal",
        ),
        Column(
            "Grundpreis €/Jahr netto",
            lambda row: getattr(current.get(row.pk), "base_eur_per_year", None),
            "euro",
        ),
        Column("Auftraggeber", "client.name"),
    ]
    table = Table(
        request,
        filters.apply(mine(request, Product.objects.select_related("client"))),
        columns,
        row_url=lambda row: reverse("products:product", args=[row.pk]),
        empty=Empty("Noch kein Produkt.", "Produkt anlegen", reverse("products:product_new")),
    )
    actions = staff_only(
        request,
        Action("Produkt anlegen", reverse("products:product_new"), tone="primary", icon="plus", key="e"),
    )
    return render_list(request, Page("Produkte", crumbs=CRUMBS, actions=actions), table, filters=filters)


@page(*STAFF)
def product_new(request: StaffRequest) -> HttpResponse:
    """A new product; its first price follows on the next page."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_product(
                client_id=client_id, values=form.cleaned_data, user=request.user, at=clock.now()
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, f"Produkt {made.code} ist angelegt. Als Nächstes der Preis.")
            return redirect("contracts:price_new", made.pk)
    shown = Page("Produkt anlegen", crumbs=[*CRUMBS, ("Produkte", reverse("products:products"))])
    return render_form(request, shown, form, submit="Anlegen", back=reverse("products:products"))


@page(*STAFF)
def product_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a product; history keeps every former value."""
    one = get_object_or_404(Product, pk=pk)
    require(request, one.client_id, STAFF)
    form = ProductForm(request.POST or None, initial=model_to_dict(one))
    if request.method == "POST" and form.is_valid():
        try:
            services.update_product(product=one, values=form.cleaned_data, user=request.user, at=clock.now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, "Gespeichert.")
            return redirect("products:product", pk)
    back = reverse("products:product", args=[pk])
    crumbs = [*CRUMBS, ("Produkte", reverse("products:products")), (one.name, back)]
    return render_form(request, Page("Produkt bearbeiten", crumbs=crumbs), form, back=back)


def _validity(price: Price) -> Badge:
    today = clock.today()
    if today in price.valid:
        return light("gilt", "ok")
    return (
        light("künftig", "warn") if price.valid.lower and price.valid.lower > today else Badge("abgelaufen")
    )


@page()
def product(request: StaffRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Product.objects.select_related("client"), pk=pk)
    columns = [
        Column("gültig ab", lambda row: row.valid.lower, "date"),
        Column("gültig bis", lambda row: row.valid.upper and row.valid.upper - ONE_DAY, "date"),
        Column("Stand", _validity),
        Column("Arbeitspreis ct/kWh netto", "energy_ct_per_kwh", "decimal"),
        Column("Grundpreis €/Jahr netto", "base_eur_per_year", "euro"),
        Column("mitgeteilt am", "announced_on", "date"),
    ]
    prices = Table(request, one.prices.order_by("-valid"), columns, empty=Empty("Noch kein Preis."))
    actions = []
    if may(request, one.client_id, STAFF):
        propose = reverse("contracts:price_new", args=[pk])
        actions.append(Action("Bearbeiten", reverse("products:product_edit", args=[pk]), icon="edit"))
        actions.append(Action("Preis vorschlagen", propose, tone="primary", icon="plus", key="e"))
    shown = Page(
        one.name,
        sub=f"{one.code} · {one.get_commodity_display()} · {one.client.name}",
        crumbs=[*CRUMBS, ("Produkte", reverse("products:products"))],
        actions=actions,
    )
    return render(request, "products/product.html", {"page": shown, "one": one, "table": prices})
