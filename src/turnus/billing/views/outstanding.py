"""What is not billed: contracts a run leaves out with their reason, and bills past their deadline."""

from itertools import islice

from django.http import HttpResponse
from django.urls import reverse

from turnus.billing import queries
from turnus.billing.queries.lists import deadline_breaches
from turnus.billing.views.bills import PERIOD, state_of, tabs
from turnus.clients.access import StaffRequest, page, the_client
from turnus.contracts.models import SupplyContract
from turnus.system import clock
from turnus.ui.pages import Page, render_list
from turnus.ui.tables import Column, Empty, Table

MOST = 2_000


@page()
def left_out(request: StaffRequest) -> HttpResponse:
    """The contracts a run of today would not bill, each with its reason (at most 2,000)."""
    found = list(islice(queries.left_out(client_id=the_client(request), until=clock.today()), MOST))
    columns = [Column("Vertrag", "number"), Column("Grund", "reason")]
    table = Table(
        request,
        found,
        columns,
        row_url=lambda row: reverse("contracts:contract", args=[row.contract_id]),
        empty=Empty("Jeder Vertrag ist fällig."),
    )
    more = " Gezeigt werden die ersten 2.000." if len(found) == MOST else ""
    shown = Page(
        "Nicht fällig", sub=f"Was ein Lauf heute nicht abrechnet, und warum.{more}", tabs=tabs("left_out")
    )
    return render_list(request, shown, table)


@page()
def overdue(request: StaffRequest) -> HttpResponse:
    """What should be out six weeks after its period (§ 40c(2) EnWG): waiting bills and unbilled contracts."""
    waiting, unbilled = deadline_breaches(the_client(request), clock.today())
    bills = Table(
        request,
        waiting,
        [
            Column("Rechnung", lambda row: row.contract.customer.full_name, second="contract.number"),
            PERIOD,
            Column("brutto", "gross", "euro"),
            Column("Zustand", state_of),
        ],
        row_url=lambda row: reverse("billing:exception", args=[row.pk]),
        empty=Empty("Keine ausgesteuerte Rechnung ist über die Frist."),
    )
    contracts = Table(
        request,
        SupplyContract.objects.filter(pk__in=unbilled[:MOST]).select_related("customer", "market_location"),
        [
            Column("Vertrag", "number", second="customer.full_name"),
            Column("Marktlokation", "market_location.market_location_id"),
        ],
        row_url=lambda row: reverse("contracts:contract", args=[row.pk]),
        prefix="v",
        empty=Empty("Jeder fällige Vertrag ist abgerechnet."),
    )
    shown = Page(
        "Fristverletzungen",
        sub="Sechs Wochen nach dem Ende des Zeitraums muss die Rechnung beim Kunden sein (§ 40c EnWG)",
        tabs=tabs("overdue"),
    )
    return render_list(request, shown, bills, template="billing/overdue.html", contracts=contracts)
