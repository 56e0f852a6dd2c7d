"""Bills put aside (Aussteuerung): why, against what, and the decision of a second person."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.billing import document, queries, services
from turnus.billing.calc.completeness import RULE
from turnus.billing.forms import DecisionForm, ExceptionFilter
from turnus.billing.models import Bill
from turnus.billing.services.release import due_date_of
from turnus.billing.views.bills import PERIOD, bill_context, load, span, state_of
from turnus.clients.access import StaffRequest, page
from turnus.clients.models import Role
from turnus.clients.services import may_decide, thresholds
from turnus.documents.calc.checklist import load_items, load_places
from turnus.system import clock
from turnus.ui.formats import euro_de
from turnus.ui.pages import Page, neighbours, render_list
from turnus.ui.tables import Column, Empty, Table


def waiting(request: StaffRequest) -> list[int]:
    """Ids of the bills that wait for a decision, oldest first."""
    return list(queries.exceptions(request.client_ids).values_list("pk", flat=True)[:500])


def _first(bill: Bill, name: str, place: str = "") -> str:
    """Of the first rule the bill breaks, or of the content missing at one place."""
    rules = [rule for rule in bill.exceptions if not place or rule.get("place") == place]
    return str(rules[0].get(name) or "") if rules else ""


def _reason(bill: Bill, place: str) -> str:
    """Short enough for a list: the items of the checklist stand on the page of the bill."""
    text = _first(bill, "text", place)
    return text.partition(":")[0] if _first(bill, "rule", place) == RULE else text


def _more(bill: Bill) -> str:
    count = len(bill.exceptions) - 1
    return f"und {count} weitere Regel{'n' if count > 1 else ''}" if count > 0 else ""


@page()
def exceptions(request: StaffRequest) -> HttpResponse:
    shown = Page(
        "Aussteuerung", sub="Rechnungen, die eine Grenze oder Regel verletzen und auf Freigabe warten"
    )
    return _list(request, shown, queries.exceptions(request.client_ids), "Keine Rechnung ist ausgesteuert.")


@page()
def incomplete(request: StaffRequest, item: int) -> HttpResponse:
    """The bills that wait for one requirement of the law, or another one kept at the same place."""
    wanted = next((one for one in load_items() if one.id == item), None)
    if wanted is None:
        raise Http404("Diese Pflichtangabe gibt es nicht.")
    place = load_places()[wanted.place]
    rows = queries.exceptions(request.client_ids).filter(
        exceptions__contains=[{"rule": RULE, "place": place.key}]
    )
    shown = Page(
        f"Fehlende Pflichtangaben: {place.title}",
        sub="Diese Rechnungen kann niemand freigeben, solange die Angaben fehlen",
        crumbs=[("Aussteuerung", reverse("billing:exceptions"))],
        help=f"{place.remedy} Danach gehen sie aus dem Klärungsfall („Erneut prüfen und freigeben“) oder mit "
        "dem nächsten Abrechnungslauf hinaus.",
    )
    return _list(request, shown, rows, "Keine Rechnung wartet auf diese Angaben.", place.key)


def _list(
    request: StaffRequest, shown: Page, rows: QuerySet[Bill], nothing: str, place: str = ""
) -> HttpResponse:
    filters = ExceptionFilter(request)
    columns = [
        Column("Vertrag", "contract.number", second="contract.customer.full_name"),
        Column("Grund", lambda row: _reason(row, place), second=_more),
        Column("Wert", lambda row: _first(row, "value", place), "figure"),
        Column("Grenze", lambda row: _first(row, "limit", place), "figure"),
        PERIOD,
        Column("brutto", "gross", "euro", sort="gross"),
        Column("Saldo", "balance", "euro", sort="balance"),
        Column("vorbereitet von", lambda row: row.prepared_by or "Lauf"),
        Column("Auftraggeber", "client.name"),
    ]
    table = Table(
        request,
        filters.apply(rows.defer("input", "contained")),
        columns,
        row_url=lambda row: reverse("billing:exception", args=[row.pk]),
        empty=Empty(nothing, "Zu den Rechnungen", reverse("billing:bills")),
    )
    return render_list(request, shown, table, filters=filters)


def _refusal(request: StaffRequest, one: Bill) -> str:
    """Why this user cannot release; empty if it can."""
    if one.state != Bill.State.EXCEPTED:
        return f"Diese Rechnung ist {one.get_state_display()}."
    if one.prepared_by_id == request.user.pk:
        return "Vier-Augen-Prinzip: Sie haben diese Rechnung vorbereitet."
    for kind, amount in (("bill_net", one.net), ("bill_gross", one.gross)):
        if thresholds(client_id=one.client_id, kind=kind) and not may_decide(
            client_id=one.client_id, user=request.user, kind=kind, amount=amount
        ):
            role = Role(request.roles[one.client_id]).label
            return f"{euro_de(abs(amount))} liegt über der Wertgrenze Ihrer Rolle ({role})."
    return ""


@page()
def exception(request: StaffRequest, pk: int) -> HttpResponse:
    """One bill put aside: reasons, limit against value, previous periods, preview, decision."""
    known = load(pk)
    one = known.bill
    before, after = neighbours(waiting(request), pk)
    shown = Page(
        f"{one.get_kind_display()} für {one.contract.customer.full_name}",
        sub=f"Vertrag {one.contract.number} · {span(one.period)} · {one.client.name}",
        crumbs=[("Aussteuerung", reverse("billing:exceptions"))],
        badges=[state_of(one)],
    )
    context: dict[str, Any] = {
        "page": shown,
        "refused": _refusal(request, one),
        "incomplete": _incomplete(one),
        "before": before,
        "after": after,
        "limits": _limits(one),
        **bill_context(request, known),
    }
    return render(request, "billing/exception.html", context)


def _incomplete(one: Bill) -> str:
    """Why nobody can release the bill as contract and master data are now; empty if it can be."""
    if one.state != Bill.State.EXCEPTED:
        return ""
    today = clock.today()
    try:
        services.check_fit(client_id=one.client_id, bills=[one])
        document.require(
            client_id=one.client_id, bills=[one], day=today, due_date=due_date_of(one.client_id, today)
        )
    except ValueError as error:
        # Also what it was calculated with may not be readable any more; the release would refuse it as well.
        return str(error)
    return ""


def _limits(one: Bill) -> list[tuple[str, str, Decimal]]:
    """Who may release up to which gross amount."""
    found = thresholds(client_id=one.client_id, kind="bill_gross")
    return [
        ("brutto", str(Role(role).label), amount)
        for role, amount in sorted(found.items(), key=lambda x: x[1])
    ]


@page()
@require_POST
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Release or reject; then the next one in the list."""
    one = load(pk).bill
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Bitte eine Begründung angeben.")
        return redirect("billing:exception", pk)
    _, after = neighbours(waiting(request), pk)
    try:
        with transaction.atomic():
            outcome = _decide(request, one, form.cleaned_data)
    except (PermissionError, ValueError, DatabaseError) as error:
        messages.error(request, str(error).splitlines()[0])
        return redirect("billing:exception", pk)
    messages.success(request, outcome)
    return redirect("billing:exception", after) if after else redirect("billing:exceptions")


def _decide(request: StaffRequest, one: Bill, data: dict[str, Any]) -> str:
    at = clock.now()
    if data["decision"] == "reject":
        services.reject_bill(bill_id=one.pk, user=request.user, at=at, reason=data["reason"])
        return "Die Rechnung ist abgelehnt; der Vertrag wird im nächsten Lauf neu gerechnet."
    services.release_bills(
        bill_ids=[one.pk], user=request.user, at=at, today=clock.today(), reason=data["reason"]
    )
    return f"Rechnung {load(one.pk).bill.number} ist freigegeben, gebucht und als Dokument erzeugt."
