"""Entering and changing customers, bank accounts, market locations and meters."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from turnus.clients.access import STAFF, StaffRequest, page, require, the_client
from turnus.masterdata import services
from turnus.masterdata.forms import (
    ADDRESS,
    BankAccountForm,
    CustomerEditForm,
    CustomerForm,
    LocationEditForm,
    LocationForm,
    MandateForm,
    MeterForm,
    RegisterForm,
)
from turnus.masterdata.models import Customer, Mandate, MarketLocation, Meter, MeteringLocation, Register
from turnus.masterdata.services.locations import BILLED_FACTS
from turnus.system import clock
from turnus.system.models import User
from turnus.ui.fields import show_error
from turnus.ui.links import url_of
from turnus.ui.pages import Page, render_form

CUSTOMERS = ("Kunden", "/kunden/")
LOCATIONS = ("Marktlokationen", "/stammdaten/lokationen/")
WAITS = "Damit ist schon abgerechnet: Die Änderung wartet auf die Freigabe durch eine zweite Person."


@page(*STAFF)
def customer_new(request: StaffRequest) -> HttpResponse:
    """A new customer; the number is drawn, the contract account follows with the first contract."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new = services.NewCustomer(address=form.address(), **form.own_values())
        try:
            made = services.create_customer(client_id=client_id, new=new, user=request.user, at=clock.now())
        except services.InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, f"Kunde {made.number} ist angelegt.")
            return HttpResponseRedirect(url_of("masterdata.customer", made.pk))
    shown = Page("Kunde anlegen", crumbs=[CUSTOMERS])
    return render_form(request, shown, form, submit="Kunde anlegen", back=reverse("masterdata:customers"))


@page(*STAFF)
def customer_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a customer and its postal address; history keeps every former value."""
    one = get_object_or_404(Customer.objects.select_related("address"), pk=pk)
    require(request, one.client_id, STAFF)
    known = {name: getattr(one, name) for name in CustomerEditForm.base_fields if hasattr(one, name)}
    known |= {name: getattr(one.address, name) for name in ADDRESS}
    form = CustomerEditForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            changed = _change_customer(request, one, form)
        except services.InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, "Gespeichert." if changed else "Es war nichts zu ändern.")
            return HttpResponseRedirect(url_of("masterdata.customer", pk))
    back = url_of("masterdata.customer", pk)
    shown = Page("Kunde bearbeiten", sub=str(one), crumbs=[CUSTOMERS, (one.full_name, back)])
    return render_form(request, shown, form, back=back)


def _change_customer(request: StaffRequest, one: Customer, form: CustomerEditForm) -> bool:
    values: dict[str, Any] = form.own_values()
    reason = values.pop("reason")
    at = clock.now()
    with transaction.atomic():
        own = services.update_customer(customer=one, values=values, user=request.user, at=at, reason=reason)
        moved = services.update_address(
            address=one.address,
            values={name: form.cleaned_data[name] for name in ADDRESS},
            user=request.user,
            at=at,
            reason=reason,
        )
    return own or moved


@page(*STAFF)
def bank_account_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Enter a bank account; it is used only after a second person has approved it."""
    one = get_object_or_404(Customer, pk=pk)
    require(request, one.client_id, STAFF)
    form = BankAccountForm(request.POST or None, customer=one)
    back = f"{url_of('masterdata.customer', pk)}?tab=konto"
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        accounts = list(data.pop("contract_accounts"))
        try:
            services.propose_bank_account(
                customer=one, user=request.user, at=clock.now(), contract_accounts=accounts, **data
            )
        except services.InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, "Die Bankverbindung wartet auf die Freigabe durch eine zweite Person.")
            return HttpResponseRedirect(back)
    shown = Page(
        "Bankverbindung erfassen",
        sub=str(one),
        crumbs=[CUSTOMERS, (one.full_name, back)],
        help="Eine zweite Person gibt die Bankverbindung frei, bevor sie genutzt wird.",
    )
    return render_form(request, shown, form, submit="Zur Freigabe geben", back=back)


@page(*STAFF)
def mandate(request: StaffRequest, pk: int) -> HttpResponse:
    """Block or revoke a mandate; nothing is collected by it from that moment on."""
    one = get_object_or_404(Mandate.objects.select_related("bank_account__customer"), pk=pk)
    require(request, one.client_id, STAFF)
    form = MandateForm(request.POST or None)
    customer = one.bank_account.customer
    back = f"{url_of('masterdata.customer', customer.pk)}?tab=konto"
    if request.method == "POST" and form.is_valid():
        act = services.revoke_mandate if form.cleaned_data["action"] == "revoke" else services.block_mandate
        act(mandate=one, reason=form.cleaned_data["reason"], user=request.user, at=clock.now())
        messages.success(request, f"Mandat {one.reference}: {one.get_status_display()}.")
        return HttpResponseRedirect(back)
    shown = Page(f"Mandat {one.reference}", sub=str(customer), crumbs=[CUSTOMERS, (customer.full_name, back)])
    return render_form(request, shown, form, back=back)


@page(*STAFF)
def location_new(request: StaffRequest) -> HttpResponse:
    """A new market location with its supply point and, if known, its metering location."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = LocationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _create_location(request, client_id, form)
        except services.InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, "Die Marktlokation ist angelegt. Als Nächstes den Zähler einbauen.")
            return redirect("masterdata:marketlocation", made.pk)
    shown = Page("Marktlokation anlegen", crumbs=[LOCATIONS])
    return render_form(request, shown, form, submit="Anlegen", back=reverse("masterdata:locations"))


def _create_location(request: StaffRequest, client_id: int, form: LocationForm) -> MarketLocation:
    skipped = {*ADDRESS, "metering_location_id"}
    values = {name: value for name, value in form.cleaned_data.items() if name not in skipped}
    at = clock.now()
    with transaction.atomic():
        new = services.NewMarketLocation(address=form.address(), **values)
        made = services.create_market_location(client_id=client_id, new=new, user=request.user, at=at)
        if form.cleaned_data["metering_location_id"]:
            services.add_metering_location(
                location=made,
                metering_location_id=form.cleaned_data["metering_location_id"],
                user=request.user,
                at=at,
            )
    return made


@page(*STAFF)
def location_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change what is billed and balanced at a market location."""
    one = get_object_or_404(MarketLocation, pk=pk)
    require(request, one.client_id, STAFF)
    known = {name: getattr(one, name) for name in LocationEditForm.base_fields if hasattr(one, name)}
    form = LocationEditForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        reason = values.pop("reason")
        try:
            told = _change_location(one, values, reason, request.user)
        except services.InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, told)
            return redirect("masterdata:marketlocation", pk)
    back = reverse("masterdata:marketlocation", args=[pk])
    shown = Page("Marktlokation bearbeiten", sub=str(one), crumbs=[LOCATIONS, (str(one), back)])
    return render_form(request, shown, form, back=back)


def _change_location(one: MarketLocation, values: dict[str, Any], reason: str, user: User) -> str:
    """Save what counts for the future at once; what was billed with waits for a second person."""
    at = clock.now()
    try:
        with transaction.atomic():
            services.update_market_location(location=one, values=values, user=user, at=at, reason=reason)
    except services.NeedsApproval:
        with transaction.atomic():
            services.propose_location_change(location=one, values=values, reason=reason, user=user, at=at)
            rest = {name: value for name, value in values.items() if name not in BILLED_FACTS}
            services.update_market_location(location=one, values=rest, user=user, at=at, reason=reason)
        return f"{WAITS} Alles andere ist gespeichert."
    return "Gespeichert."


@page(*STAFF)
def register_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct a register; once it has counted for a bill, a second person decides."""
    one = get_object_or_404(Register.objects.select_related("meter__metering_location"), pk=pk)
    require(request, one.client_id, STAFF)
    known = {name: getattr(one, name) for name in ("digits", "decimals", "transformer_factor")}
    form = RegisterForm(request.POST or None, initial=known)
    location_id = one.meter.metering_location.market_location_id
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        reason = values.pop("reason")
        try:
            told = _change_register(one, values, reason, request.user)
        except services.InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, told)
            return redirect("masterdata:marketlocation", location_id)
    back = reverse("masterdata:marketlocation", args=[location_id])
    shown = Page("Zählwerk bearbeiten", sub=f"Zähler {one.meter} · {one.obis_code}", crumbs=[LOCATIONS])
    return render_form(request, shown, form, back=back)


def _change_register(one: Register, values: dict[str, Any], reason: str, user: User) -> str:
    at = clock.now()
    try:
        services.update_register(register=one, values=values, user=user, at=at, reason=reason)
    except services.NeedsApproval:
        services.propose_register_change(register=one, values=values, reason=reason, user=user, at=at)
        return WAITS
    return "Gespeichert."


@page(*STAFF)
def meter_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Hang up a meter, or exchange the one that hangs there."""
    one = get_object_or_404(MarketLocation, pk=pk)
    require(request, one.client_id, STAFF)
    hanging = Meter.objects.filter(metering_location__market_location=one, installed__endswith=None)
    form = MeterForm(request.POST or None, hanging=[(str(meter.pk), meter.number) for meter in hanging])
    if request.method == "POST" and form.is_valid():
        try:
            _hang_up(request, one, form)
        except services.InvalidInput as error:
            show_error(form, error)
        else:
            messages.success(request, "Der Zähler ist eingebaut. Bitte den Stand am Einbautag erfassen.")
            return redirect("masterdata:marketlocation", pk)
    back = reverse("masterdata:marketlocation", args=[pk])
    shown = Page("Zähler einbauen", sub=str(one), crumbs=[LOCATIONS, (str(one), back)])
    return render_form(request, shown, form, submit="Einbauen", back=back)


def _hang_up(request: StaffRequest, location: MarketLocation, form: MeterForm) -> None:
    data, at = form.cleaned_data, clock.now()
    register = services.NewRegister(
        data["obis_code"], data["digits"], data["decimals"], data["transformer_factor"]
    )
    new = services.NewMeter(data["number"], data["installed_on"], (register,))
    with transaction.atomic():
        if data["replaces"]:
            old = Meter.objects.get(pk=data["replaces"])
            services.exchange_meter(old=old, new=new, user=request.user, at=at)
            return
        place = MeteringLocation.objects.filter(market_location=location).first()
        if place is None or data["metering_location_id"] not in {"", place.metering_location_id}:
            place = services.add_metering_location(
                location=location,
                metering_location_id=data["metering_location_id"],
                user=request.user,
                at=at,
            )
        services.add_meter(place=place, new=new, user=request.user, at=at)
