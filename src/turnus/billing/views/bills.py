"""Bills: the list, one bill with its working, and starting a run."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from turnus.billing import services
from turnus.billing.forms import BillFilter, BillingRunForm
from turnus.billing.models import Bill
from turnus.clients.access import LEAD, STAFF, StaffRequest, mine, page, require, the_client
from turnus.documents.models import Document
from turnus.system import clock
from turnus.ui import charts
from turnus.ui.formats import date_de
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, render_form, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

ONE_DAY = timedelta(days=1)
TONES = {"excepted": "warn", "released": "ok", "rejected": "bad"}
LINES = {"energy": "Arbeitspreis", "base": "Grundpreis", "bonus": "Bonus"}


def last_day(period: Any) -> str:
    """A half-open range as its inclusive last day."""
    return date_de(period.upper - ONE_DAY) if period.upper else "offen"


def span(period: Any) -> str:
    return f"{date_de(period.lower)} – {last_day(period)}"


def state_of(bill: Bill) -> Badge:
    if bill.is_cancelled:
        return Badge("storniert")
    return Badge(bill.get_state_display(), TONES[bill.state])


@page()
def bills(request: StaffRequest) -> HttpResponse:
    filters = BillFilter(request)
    known = Bill.objects.select_related("contract__customer", "client").defer("input", "checks", "contained")
    columns = [
        Column("Rechnung", lambda row: row.number or "ohne Nummer", second="get_kind_display"),
        Column("Kunde", "contract.customer.full_name", second="contract.number"),
        Column("Zeitraum", lambda row: span(row.period)),
        Column("Verbrauch kWh", "kwh", "number", sort="kwh"),
        Column("brutto", "gross", "euro", sort="gross"),
        Column("Saldo", "balance", "euro", sort="balance"),
        Column("Zustand", state_of),
        Column("Rechnungsdatum", "bill_date", "date", sort="bill_date"),
        Column("Auftraggeber", "client.name"),
    ]
    start = reverse("billing:start")
    table = Table(
        request,
        filters.apply(mine(request, known)),
        columns,
        row_url=lambda row: reverse("billing:bill", args=[row.pk]),
        sort="-id",
        empty=Empty("Noch keine Rechnung.", "Abrechnungslauf starten", start),
    )
    actions = [Action("Abrechnungslauf starten", start, tone="primary", icon="run", key="e")]
    return render_list(request, Page("Rechnungen", actions=actions), table, filters=filters)


def bill_context(request: StaffRequest, one: Bill) -> dict[str, Any]:
    """Everything a bill page shows: lines with working, VAT, checks, former bills as a picture."""
    columns = [
        Column("Position", lambda row: LINES.get(row.kind, row.kind), second=lambda row: row.working.get("text")),
        Column("Zeitraum", lambda row: span(row.period)),
        Column("kWh", "kwh", "number"),
        Column("Preis", "unit_price", "decimal"),
        Column("USt %", "vat_percent", "decimal"),
        Column("netto", "net", "euro"),
    ]
    former = list(
        Bill.objects.filter(contract_id=one.contract_id, period__fully_lt=one.period, is_cancelled=False)
        .exclude(state=Bill.State.REJECTED)
        .exclude(kind=Bill.Kind.CANCELLATION)
        .order_by("-period")
        .only("pk", "number", "period", "kwh", "gross", "is_estimated")[:5]
    )[::-1]
    shown = [*former, one]
    picture = charts.bars(
        title="Verbrauch der letzten Abrechnungszeiträume",
        labels=[f"bis {last_day(bill.period)}" for bill in shown],
        values=[bill.kwh for bill in shown],
        unit="kWh",
        names=("Verbrauch", ""),
        estimated={n for n, bill in enumerate(shown) if bill.is_estimated},
        width=460,
    )
    return {
        "bill": one,
        "period": span(one.period),
        "lines": Table(request, list(one.lines.order_by("position")), columns, per_page=200, prefix="l"),
        "former": former,
        "picture": picture,
        "customer_url": url_of("masterdata.customer", one.contract.customer_id),
    }


def load(pk: int) -> Bill:
    return get_object_or_404(
        Bill.objects.select_related(
            "contract__customer", "contract__market_location", "client", "prepared_by", "decided_by", "run"
        ),
        pk=pk,
    )


@page()
def bill(request: StaffRequest, pk: int) -> HttpResponse:
    """One bill as the customer gets it, with its working, checks and postings."""
    one = load(pk)
    documents = Document.objects.filter(
        client_id=one.client_id, object_kind="billing.bill", object_id=pk
    ).defer("data")
    actions = []
    if one.state == Bill.State.EXCEPTED:
        actions.append(Action("Zur Aussteuerung", reverse("billing:exception", args=[pk]), tone="primary", key="e"))
    if one.open_item_id:
        actions.append(Action("Offener Posten", url_of("receivables.openitem", one.open_item_id), icon="money"))
    actions.append(Action("Kundenakte", url_of("masterdata.customer", one.contract.customer_id), icon="people"))
    shown = Page(
        f"{one.get_kind_display()} {one.number or 'ohne Nummer'}",
        sub=f"{one.contract.customer.full_name} · {span(one.period)} · {one.client.name}",
        crumbs=[("Rechnungen", reverse("billing:bills"))],
        badges=[state_of(one)],
        actions=actions,
    )
    context = {"page": shown, "documents": list(documents), **bill_context(request, one)}
    return render(request, "billing/bill.html", context)


@page(*STAFF)
def start(request: StaffRequest) -> HttpResponse:
    """Plan and start a billing run; workers take it, or it is worked on here when none is alive."""
    client_id = the_client(request)
    require(request, client_id, (*STAFF, *LEAD))
    form = BillingRunForm(request.POST or None, initial={"until": clock.today()})
    if request.method == "POST" and form.is_valid():
        run = services.start_billing(
            client_id=client_id,
            until=form.cleaned_data["until"],
            today=clock.today(),
            user=request.user,
            at=clock.now(),
        )
        messages.success(request, "Der Lauf ist gestartet.")
        return redirect("clients:run", run.pk)
    shown = Page(
        "Abrechnungslauf starten",
        crumbs=[("Rechnungen", reverse("billing:bills"))],
        help="Jeder Vertrag wird genau einmal abgerechnet. Was nicht gerechnet werden kann, kommt in die Klärungsliste.",
    )
    return render_form(request, shown, form, submit="Starten", back=reverse("billing:bills"))
