"""Bills: the list, one bill with its working, and starting a run."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from turnus.billing import queries, services
from turnus.billing.forms import BillFilter, BillingRunForm, CorrectionForm
from turnus.billing.models import Bill
from turnus.billing.queries.lists import BillDetail
from turnus.clients.access import STAFF, StaffRequest, may, page, require, staff_only, the_client
from turnus.clients.background import work_on
from turnus.system import clock
from turnus.ui import charts
from turnus.ui.formats import date_de
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, Tab, render_form, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

ONE_DAY = timedelta(days=1)
TONES = {"excepted": "warn", "released": "ok", "rejected": "bad"}
# What the check log of a bill says, in the words of the trade (M08).
CHECKS = {
    "reading_conflict": "Zählerstände widersprechen sich nicht",
    "reading_exceeds_digits": "Zählerstände passen zu den Stellen des Zählwerks",
    "factor_conflict": "Wandlerfaktor ist eindeutig",
    "reading_backwards": "kein Zählwerk läuft rückwärts",
    "reading_coverage": "Zählerstände decken den Zeitraum",
    "price_coverage": "Preise gelten für den ganzen Zeitraum",
    "vat_coverage": "Umsatzsteuersatz ist für jeden Tag bekannt",
    "gas_coverage": "Brennwert und Zustandszahl liegen vor",
    "profile": "Lastprofil ist bekannt",
    "state": "Bundesland ist bekannt",
    "previous_bill": "Zeitraum schließt lückenlos an",
    "bonus": "Bonus",
    "checklist": "Pflichtangaben (§§ 40–42 EnWG, § 14 UStG) vollständig",
    "net_limit": "Nettobetrag innerhalb der Wertgrenze",
    "gross_limit": "Bruttobetrag innerhalb der Wertgrenze",
    "credit_limit": "Guthaben innerhalb der Wertgrenze",
    "deviation": "Abweichung zum Vorjahr",
    "no_consumption": "Verbrauch vorhanden",
    "estimated": "keine Schätzung",
    "unpublished_levy": "alle Umlagen veröffentlicht",
}
LINES = {"energy": "Arbeitspreis", "base": "Grundpreis", "bonus": "Bonus"}


def last_day(period: Any) -> str:
    """A half-open range as its inclusive last day."""
    return date_de(period.upper - ONE_DAY) if period.upper else "offen"


def span(period: Any) -> str:
    return f"{date_de(period.lower)} – {last_day(period)}"


# A period in two quiet lines, so that the columns beside it keep their room.
PERIOD = Column(
    "Zeitraum",
    lambda row: date_de(row.period.lower),
    "unbroken",
    second=lambda row: f"bis {last_day(row.period)}",
)


def tabs(current: str) -> list[Tab]:
    """The lists around bills."""
    known = {"bills": "Rechnungen", "left_out": "Nicht fällig", "overdue": "Fristverletzungen"}
    return [Tab(label, reverse(f"billing:{name}"), name == current) for name, label in known.items()]


def state_of(bill: Bill) -> Badge:
    if bill.is_cancelled:
        return Badge("storniert")
    return Badge(bill.get_state_display(), TONES[bill.state])


@page()
def bills(request: StaffRequest) -> HttpResponse:
    filters = BillFilter(request)
    known = queries.bills(request.client_ids).defer("input", "checks", "contained")
    columns = [
        Column("Rechnung", lambda row: row.number or "ohne Nummer", second="get_kind_display"),
        Column("Kunde", "contract.customer.full_name", second="contract.number"),
        PERIOD,
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
        filters.apply(known),
        columns,
        row_url=lambda row: reverse("billing:bill", args=[row.pk]),
        sort="-id",
        empty=Empty("Noch keine Rechnung.", "Abrechnungslauf starten", start),
    )
    actions = staff_only(
        request, Action("Abrechnungslauf starten", start, tone="primary", icon="run", key="e")
    )
    return render_list(
        request, Page("Rechnungen", actions=actions, tabs=tabs("bills")), table, filters=filters
    )


def bill_context(request: StaffRequest, known: BillDetail) -> dict[str, Any]:
    """Everything a bill page shows: lines with working, VAT, checks, former bills as a picture."""
    one = known.bill
    columns = [
        Column(
            "Position", lambda row: LINES.get(row.kind, row.kind), second=lambda row: row.working.get("text")
        ),
        PERIOD,
        Column("kWh", "kwh", "number"),
        Column("Preis", "unit_price", "decimal"),
        Column("USt %", "vat_percent", "decimal"),
        Column("netto", "net", "euro"),
    ]
    former = list(
        queries.bills_of_contract(one.contract_id)
        .filter(period__fully_lt=one.period, is_cancelled=False)
        .exclude(state=Bill.State.REJECTED)
        .exclude(kind=Bill.Kind.CANCELLATION)
        .only("pk", "number", "period", "kwh", "gross", "is_estimated")[:5]
    )[::-1]
    shown = [*former, one]
    picture = charts.bars(
        title="Verbrauch der letzten Abrechnungszeiträume",
        labels=[f"bis {bill.period.upper - ONE_DAY:%m/%y}" for bill in shown],
        values=[bill.kwh for bill in shown],
        unit="kWh",
        names=("Verbrauch", ""),
        estimated={n for n, bill in enumerate(shown) if bill.is_estimated},
        width=340,
    )
    return {
        "bill": one,
        "known": known,
        "period": span(one.period),
        "lines": Table(request, known.lines, columns, per_page=200, prefix="l"),
        "checks": [{**check, "title": CHECKS.get(check["check"], check["check"])} for check in one.checks],
        "former": [(bill, last_day(bill.period)) for bill in former],
        "picture": picture,
        "customer_url": url_of("masterdata.customer", one.contract.customer_id),
    }


def load(pk: int) -> BillDetail:
    """One bill with what surrounds it, or 404."""
    try:
        return queries.bill_detail(pk)
    except Bill.DoesNotExist as error:
        raise Http404("Diese Rechnung gibt es nicht.") from error


def _actions(request: StaffRequest, one: Bill) -> list[Action]:
    """What can be done with a bill in its state, by this user."""
    file = Action("Kundenakte", url_of("masterdata.customer", one.contract.customer_id), icon="people")
    if one.state == Bill.State.EXCEPTED:
        decide = reverse("billing:exception", args=[one.pk])
        return [Action("Zur Aussteuerung", decide, tone="primary", key="e"), file]
    actions = [file]
    if one.open_item_id:
        item = url_of("receivables.openitem", one.open_item_id)
        actions.insert(0, Action("Offener Posten", item, icon="money"))
    correctable = one.state == Bill.State.RELEASED and not one.is_cancelled
    if correctable and one.kind != Bill.Kind.CANCELLATION and may(request, one.client_id, STAFF):
        actions.append(Action("Korrigieren", reverse("billing:correct", args=[one.pk]), icon="undo"))
    return actions


@page()
def bill(request: StaffRequest, pk: int) -> HttpResponse:
    """One bill as the customer gets it, with its working, checks and postings."""
    known = load(pk)
    one = known.bill
    shown = Page(
        f"{one.get_kind_display()} {one.number or 'ohne Nummer'}",
        sub=f"{one.contract.customer.full_name} · {span(one.period)} · {one.client.name}",
        crumbs=[("Rechnungen", reverse("billing:bills"))],
        badges=[state_of(one)],
        actions=_actions(request, one),
    )
    return render(request, "billing/bill.html", {"page": shown, **bill_context(request, known)})


@page(*STAFF)
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Cancel a bill and bill its period again with what holds now, or only cancel it."""
    one = load(pk).bill
    require(request, one.client_id, STAFF)
    form = CorrectionForm(request.POST or None)
    back = reverse("billing:bill", args=[pk])
    if request.method == "POST" and form.is_valid():
        try:
            made = _correct(request, pk, form)
        except (PermissionError, ValueError, LookupError) as error:
            form.add_error(None, str(error))
        else:
            done = (
                f"{made.number} ist gebucht."
                if made.number
                else "ist ausgesteuert und wartet auf die Freigabe."
            )
            messages.success(request, f"{made.get_kind_display()} {done}")
            return redirect("billing:bill", made.pk)
    shown = Page(
        f"Rechnung {one.number} korrigieren",
        sub=f"{one.contract.customer.full_name} · {span(one.period)}",
        crumbs=[("Rechnungen", reverse("billing:bills")), (str(one), back)],
        help="Das Storno spiegelt jede Zeile; die Korrektur rechnet mit den Werten und Preisen von heute.",
    )
    return render_form(request, shown, form, submit="Korrigieren", back=back)


def _correct(request: StaffRequest, pk: int, form: CorrectionForm) -> Bill:
    """The new bill, or the cancellation where nothing is billed again."""
    user, at, today, reason = request.user, clock.now(), clock.today(), form.cleaned_data["reason"]
    if not form.cleaned_data["rebill"]:
        return services.cancel_bill(bill_id=pk, user=user, at=at, today=today, reason=reason)
    _, made = services.correct_bill(bill_id=pk, user=user, at=at, today=today, reason=reason)
    return made


@page(*STAFF)
def start(request: StaffRequest) -> HttpResponse:
    """Plan and start a billing run; workers take it, or it is worked on here when none is alive."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = BillingRunForm(request.POST or None, initial={"until": clock.today()})
    if request.method == "POST" and form.is_valid():
        run = services.start_billing(
            client_id=client_id,
            until=form.cleaned_data["until"],
            today=clock.today(),
            user=request.user,
            at=clock.now(),
        )
        # The run must be visible to the process that works on it before that process starts.
        transaction.on_commit(lambda: work_on(run))
        messages.success(request, "Der Lauf ist gestartet.")
        return redirect("clients:run", run.pk)
    shown = Page(
        "Abrechnungslauf starten",
        crumbs=[("Rechnungen", reverse("billing:bills"))],
        help="Jeder Vertrag wird genau einmal abgerechnet. Was nicht geht, kommt in die Klärungsliste.",
    )
    return render_form(request, shown, form, submit="Starten", back=reverse("billing:bills"))
