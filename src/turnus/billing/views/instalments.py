"""Instalments of a contract: the plans, how they were calculated, and planning anew."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from turnus.billing import queries, services
from turnus.billing.forms import PlanForm
from turnus.billing.models import Instalment, InstalmentPlan
from turnus.clients.access import STAFF, StaffRequest, may, page, require
from turnus.contracts.models import SupplyContract
from turnus.system import clock
from turnus.ui.formats import date_de, euro_de, number_de
from turnus.ui.pages import Page
from turnus.ui.tables import Badge, Column, Empty, Table

ONE_DAY = timedelta(days=1)
TONES = {"planned": "", "requested": "info", "lapsed": "ok", "cancelled": ""}


def _working(plan: InstalmentPlan) -> str:
    """How a plan came about, in one sentence."""
    known = plan.working
    kwh, gross = known.get("expected_kwh"), known.get("expected_gross")
    if kwh is None or gross is None:
        return plan.reason
    expected = f"erwartet {number_de(Decimal(str(kwh)))} kWh, {euro_de(str(gross))} im Jahr"
    return f"{plan.reason}: {expected}, {plan.count} Abschläge zu {euro_de(plan.gross)}"


@page()
def instalments(request: StaffRequest, pk: int) -> HttpResponse:
    """The plans of one contract; a new plan ends the running one on its first day."""
    one = get_object_or_404(SupplyContract.objects.select_related("customer", "client"), pk=pk)
    form = PlanForm(request.POST or None, initial={"since": clock.today()})
    if request.method == "POST":
        require(request, one.client_id, STAFF)
        if form.is_valid():
            return _plan(request, one, form)
    plans = list(queries.open_plans(pk))
    rows: list[Instalment] = [row for plan in plans for row in plan.instalments.all()]
    columns = [
        Column("fällig", "due_date", "date"),
        Column("brutto", "gross", "euro"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES[row.state])),
    ]
    back = reverse("contracts:contract", args=[pk])
    shown = Page(
        "Abschläge",
        sub=f"Vertrag {one.number} · {one.customer.full_name} · {one.client.name}",
        crumbs=[("Verträge", reverse("contracts:contracts")), (one.number, back)],
    )
    context: dict[str, Any] = {
        "page": shown,
        "plans": [(plan, date_de(plan.valid.lower), _working(plan)) for plan in plans],
        "table": Table(
            request,
            sorted(rows, key=lambda row: row.due_date, reverse=True),
            columns,
            empty=Empty("Noch kein Abschlag geplant."),
        ),
        "form": form if may(request, one.client_id, STAFF) else None,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "billing/instalments.html", context, status=status)


def _plan(request: StaffRequest, one: SupplyContract, form: PlanForm) -> HttpResponse:
    left = services.plan_instalments(
        client_id=one.client_id,
        contract_ids=[one.pk],
        since=form.cleaned_data["since"],
        user=request.user,
        at=clock.now(),
        reason=form.cleaned_data["reason"],
    )
    if left:
        messages.error(request, left[0].reason)
    else:
        messages.success(request, "Der neue Abschlagsplan gilt.")
    return redirect("billing:instalments", one.pk)
