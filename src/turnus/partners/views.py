"""Market partners: who they are and how they are reached. Public identities, the same for everybody."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from turnus.clients.access import StaffRequest, page
from turnus.partners.models import MarketPartner
from turnus.ui.filters import FilterForm, choice, words
from turnus.ui.pages import Page, render_list
from turnus.ui.tables import Column, Empty, Table

CRUMBS = [("Stammdaten", "/stammdaten/")]


class PartnerFilter(FilterForm):
    lookups = {"q": ("name__icontains", "market_partner_id__startswith", "city__icontains"), "role": "role"}
    q = words(hint="Name, Code oder Ort")
    role = choice("Rolle", [(role.value, str(role.label)) for role in MarketPartner.Role])


@page()
def partners(request: StaffRequest) -> HttpResponse:
    filters = PartnerFilter(request)
    columns = [
        Column("Name", "name", sort="name"),
        Column("Marktpartner-ID", "market_partner_id", sort="market_partner_id"),
        Column("Rolle", "get_role_display"),
        Column("Ort", "city", sort="city"),
        Column("E-Mail", "email"),
        Column("Telefon", "phone"),
    ]
    table = Table(
        request,
        filters.apply(MarketPartner.objects.all()),
        columns,
        row_url=lambda row: reverse("partners:marketpartner", args=[row.pk]),
        empty=Empty("Kein Marktpartner. Sie kommen mit dem Stammdatenimport oder mit der ersten Nachricht."),
    )
    return render_list(request, Page("Marktpartner", crumbs=CRUMBS), table, filters=filters)


@page()
def partner(request: StaffRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(MarketPartner, pk=pk)
    crumbs = [*CRUMBS, ("Marktpartner", reverse("partners:partners"))]
    shown = Page(one.name, sub=f"{one.get_role_display()} · {one.market_partner_id}", crumbs=crumbs)
    return render(request, "partners/partner.html", {"page": shown, "one": one})
