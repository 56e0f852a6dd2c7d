"""Whose arrears reach the threshold of a disconnection, with the calculation. Nothing is sent from here."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from turnus.clients.access import StaffRequest, mine, page
from turnus.receivables.forms import CUSTOMER, DisconnectionFilter
from turnus.receivables.models import DisconnectionCheck
from turnus.receivables.views.items import payer
from turnus.ui.formats import cents_de, date_de
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, Tile, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

DIVISIONS = {"electricity": "Strom", "gas": "Gas", "": "keine Lieferung"}


def verdict(row: DisconnectionCheck) -> Badge:
    return Badge("sperrfähig", "bad") if row.is_eligible else Badge("nicht sperrfähig", "ok")


@page()
def disconnections(request: StaffRequest) -> HttpResponse:
    """Accounts whose arrears reach the threshold; on demand every account that was calculated."""
    filters = DisconnectionFilter(request)
    rows = filters.apply(mine(request, DisconnectionCheck.objects.select_related(CUSTOMER, "client")))
    if not filters.with_all:
        rows = rows.filter(is_eligible=True)
    columns = [
        Column("Kunde", payer, second="client.name"),
        Column("Konto", "subaccount.number"),
        Column("Sparte", lambda row: DIVISIONS.get(row.division, row.division)),
        Column("Rückstand", "arrears_cents", "cents", sort="arrears_cents"),
        Column("Schwelle", "required_cents", "cents"),
        Column("Ergebnis", verdict, second="reason"),
        Column("seit", "eligible_since", "date", sort="eligible_since"),
        Column("gerechnet am", "computed_on", "date"),
    ]
    empty = "Bei niemandem reicht der Rückstand für eine Versorgungsunterbrechung."
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("receivables:disconnectioncheck", args=[row.pk]),
        sort="-arrears_cents",
        empty=Empty(empty, "Alle gerechneten Konten zeigen", "?everyone=on"),
    )
    shown = Page(
        "Sperrfähig",
        sub="Rückstände, die die Schwelle des § 41f EnWG erreichen; jede Nacht neu gerechnet. "
        "Angedroht oder verschickt wird dadurch nichts.",
    )
    return render_list(request, shown, table, filters=filters)


@page()
def disconnection(request: StaffRequest, pk: int) -> HttpResponse:
    """One calculation: what counts, what does not and why, and the thresholds."""
    one = get_object_or_404(DisconnectionCheck.objects.select_related(CUSTOMER, "client"), pk=pk)
    account = getattr(one.subaccount, "contract_account", None)
    customer_url = url_of("masterdata.customer", account.customer_id) if account else ""
    division = DIVISIONS.get(one.division, one.division)
    shown = Page(
        f"Sperrprüfung {payer(one)}",
        sub=f"Konto {one.subaccount.number} · {division} · {one.client.name}",
        crumbs=[("Sperrfähig", reverse("receivables:disconnections"))],
        badges=[verdict(one)],
        actions=[Action("Kundenakte", customer_url, icon="people", key="e")] if customer_url else [],
        tiles=[
            Tile("Rückstand", cents_de(one.arrears_cents)),
            Tile("Schwelle", cents_de(one.required_cents), one.legal),
            Tile("gerechnet am", date_de(one.computed_on)),
            Tile("sperrfähig seit", date_de(one.eligible_since)),
        ],
    )
    working = one.working
    counted = [{**part, "due": date.fromisoformat(part["due_date"])} for part in working["counted"]]
    context: dict[str, Any] = {
        "page": shown,
        "one": one,
        "steps": working["steps"],
        "counted": counted,
        "excluded": working["excluded"],
        "contracts": ", ".join(working["contracts"]),
    }
    return render(request, "receivables/disconnection.html", context)
