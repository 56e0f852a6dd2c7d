"""Recording a contact on the right file, and moving a note that stood on the wrong one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from turnus.care import services
from turnus.care.forms import ACCOUNT, ContactForm, MoveForm
from turnus.care.models import ContactNote
from turnus.clients.access import STAFF, StaffRequest, page, require
from turnus.masterdata.models import Customer
from turnus.system import clock
from turnus.ui.fields import show_error
from turnus.ui.pages import Page, render_form


@page(*STAFF)
def record(request: StaffRequest, pk: int) -> HttpResponse:
    """Document a contact: identity, contract, topic and result are mandatory; time and agent are set."""
    one = get_object_or_404(Customer, pk=pk)
    require(request, one.client_id, STAFF)
    form = ContactForm(request.POST or None, customer=one)
    back = reverse("care:customer", args=[pk])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        new = services.NewContact(
            customer=one,
            channel=data["channel"],
            identity=data["identity"],
            topic=data["topic"],
            result=data["result"],
            text=data["text"],
            contract=form.chosen(),
            on_account=data["contract"] == ACCOUNT,
        )
        try:
            services.record_contact(client_id=one.client_id, new=new, user=request.user, at=clock.now())
        except services.IncompleteContact as error:
            show_error(form, error)
        else:
            messages.success(request, "Der Kontakt ist dokumentiert.")
            return redirect(f"{back}?tab=kontakte")
    shown = Page(
        "Kontakt dokumentieren",
        sub=str(one),
        crumbs=[("Kunden", "/kunden/"), (one.full_name, back)],
        help=f"Zeitpunkt und Bearbeitung ({request.user}) werden beim Speichern festgehalten.",
    )
    return render_form(request, shown, form, submit="Dokumentieren", back=back)


@page()
def contact(request: StaffRequest, pk: int) -> HttpResponse:
    """One note with its trace."""
    one = get_object_or_404(
        ContactNote.objects.select_related("customer", "contract", "agent", "client"), pk=pk
    )
    shown = Page(
        str(one),
        sub=f"{one.customer} · {one.client.name}",
        crumbs=[
            ("Kunden", "/kunden/"),
            (one.customer.full_name, reverse("care:customer", args=[one.customer_id])),
        ],
    )
    moves = one.moves.select_related("from_customer", "to_customer", "user")
    return render(
        request, "care/contact.html", {"page": shown, "one": one, "moves": moves, "form": MoveForm()}
    )


@page(*STAFF)
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Move a note; it disappears from the former customer, the trace stays."""
    one = get_object_or_404(ContactNote.objects.select_related("customer"), pk=pk)
    require(request, one.client_id, STAFF)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        to = Customer.objects.filter(client_id=one.client_id, number=form.cleaned_data["number"]).first()
        try:
            if to is None:
                raise services.IncompleteContact("number", "Diese Kundennummer gibt es nicht.")
            services.move_contact(
                note=one,
                to=to,
                contract=None,
                reason=form.cleaned_data["reason"],
                user=request.user,
                at=clock.now(),
            )
        except services.IncompleteContact as error:
            show_error(form, error)
        else:
            messages.success(request, f"Die Notiz steht jetzt bei {to}.")
            return redirect("care:contactnote", pk)
    crumbs = [
        ("Kunden", "/kunden/"),
        (one.customer.full_name, reverse("care:customer", args=[one.customer_id])),
    ]
    shown = Page("Notiz verschieben", sub=f"{one} bei {one.customer}", crumbs=crumbs)
    back = reverse("care:contactnote", args=[pk])
    return render_form(request, shown, form, submit="Verschieben", back=back)
