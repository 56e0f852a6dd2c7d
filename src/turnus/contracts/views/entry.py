"""Drafting, activating, changing and ending contracts; proposing prices."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.clients.access import STAFF, StaffRequest, page, require, the_client
from turnus.contracts import services
from turnus.contracts.forms import ContractForm, EndForm, PriceForm, ProductChangeForm
from turnus.contracts.models import SupplyContract
from turnus.contracts.queries import billed_with, has_household_customers
from turnus.masterdata.services import open_contract_account
from turnus.products.models import Product
from turnus.products.services import NewPrice, propose_price, record_price
from turnus.system import clock
from turnus.system.changes import InvalidInput
from turnus.ui.fields import show_error
from turnus.ui.pages import Page, render_form
from turnus.worklist.retroactive import NeedsApproval

ONE_DAY = timedelta(days=1)
CONTRACTS = ("Verträge", "/vertraege/")


@page(*STAFF)
def contract_new(request: StaffRequest) -> HttpResponse:
    """A draft; it is activated once nothing is missing."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    start = {"customer": request.GET.get("kunde", ""), "market_location": request.GET.get("malo", "")}
    form = ContractForm(request.POST or None, client_id=client_id, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            made = _draft(request, client_id, form)
        except InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, f"Vertrag {made.number} ist als Entwurf angelegt.")
            return redirect("contracts:contract", made.pk)
    shown = Page("Vertrag anlegen", crumbs=[CONTRACTS])
    return render_form(request, shown, form, submit="Entwurf anlegen", back=reverse("contracts:contracts"))


def _draft(request: StaffRequest, client_id: int, form: ContractForm) -> SupplyContract:
    data, at = form.cleaned_data, clock.now()
    with transaction.atomic():
        account = data["contract_account"] or open_contract_account(
            customer=data["customer"], user=request.user, at=at
        )
        new = services.NewContract(
            customer=data["customer"],
            contract_account=account,
            market_location=data["market_location"],
            start=data["start"],
            product=data["product"],
            end=data["last_day"] and data["last_day"] + ONE_DAY,
            signed_on=data["signed_on"],
        )
        return services.draft_contract(client_id=client_id, new=new, user=request.user, at=at)


def _contract(request: StaffRequest, pk: int) -> SupplyContract:
    one = get_object_or_404(SupplyContract.objects.select_related("market_location", "customer"), pk=pk)
    require(request, one.client_id, STAFF)
    return one


@page(*STAFF)
@require_POST
def activate(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a draft active, or say everything that is missing."""
    one = _contract(request, pk)
    try:
        services.activate_contract(contract=one, user=request.user, at=clock.now())
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Vertrag {one.number} ist aktiv.")
    return redirect("contracts:contract", pk)


@page(*STAFF)
def change_product(request: StaffRequest, pk: int) -> HttpResponse:
    """Another product from a day on; for a day in the past a second person decides."""
    one = _contract(request, pk)
    products = Product.objects.filter(client_id=one.client_id, commodity=one.market_location.commodity)
    form = ProductChangeForm(request.POST or None, products=products)
    if request.method == "POST" and form.is_valid():
        try:
            told = _change_product(request, one, form)
        except InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, told)
            return redirect("contracts:contract", pk)
    back = reverse("contracts:contract", args=[pk])
    shown = Page("Tarif ändern", sub=f"Vertrag {one.number}", crumbs=[CONTRACTS, (one.number, back)])
    return render_form(request, shown, form, back=back)


def _change_product(request: StaffRequest, one: SupplyContract, form: ProductChangeForm) -> str:
    at, data = clock.now(), form.cleaned_data
    try:
        services.change_product(contract=one, user=request.user, at=at, **data)
    except NeedsApproval:
        services.propose_product_change(contract=one, user=request.user, at=at, **data)
        return "Die rückwirkende Tarifänderung wartet auf die Freigabe durch eine zweite Person."
    return "Die Tarifänderung ist gespeichert."


@page(*STAFF)
def end_supply(request: StaffRequest, pk: int) -> HttpResponse:
    """End the supply after a last day."""
    one = _contract(request, pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        end = form.cleaned_data["last_day"] + ONE_DAY
        try:
            services.end_contract(
                contract=one, end=end, reason=form.cleaned_data["reason"], user=request.user, at=clock.now()
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(
                request, "Das Lieferende ist gespeichert; die Schlussrechnung folgt im nächsten Lauf."
            )
            return redirect("contracts:contract", pk)
    back = reverse("contracts:contract", args=[pk])
    shown = Page("Lieferung beenden", sub=f"Vertrag {one.number}", crumbs=[CONTRACTS, (one.number, back)])
    return render_form(request, shown, form, submit="Lieferung beenden", back=back)


@page(*STAFF)
def price_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Propose a price of a product; notice periods of the law are checked."""
    product = get_object_or_404(Product, pk=pk)
    require(request, product.client_id, STAFF)
    form = PriceForm(request.POST or None)
    back = reverse("products:product", args=[pk])
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        reason = data.pop("reason")
        try:
            told = _price(request, product, NewPrice(**data), reason)
        except InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, told)
            return redirect("products:product", pk)
    crumbs = [("Produkte", reverse("products:products")), (product.name, back)]
    shown = Page("Preis vorschlagen", sub=str(product), crumbs=crumbs)
    return render_form(request, shown, form, submit="Zur Freigabe geben", back=back)


def _price(request: StaffRequest, product: Product, new: NewPrice, reason: str) -> str:
    """Record the first price of a product at once; every later one waits for a second person."""
    if not product.prices.exists():
        record_price(product=product, new=new, user=request.user, at=clock.now())
        return "Der erste Preis gilt."
    household = has_household_customers(product=product, day=new.since)
    at = clock.now()
    billed = billed_with(product=product, since=new.since) if new.since <= at.date() else []
    propose_price(
        product=product, new=new, household=household, reason=reason, user=request.user, at=at, billed=billed
    )
    return "Der Preis wartet auf die Freigabe durch eine zweite Person."
