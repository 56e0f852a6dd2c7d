"""Money on its way back: approved payouts, the files that carry them to the bank, taking one back in time."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require, staff_only, the_client
from turnus.receivables import services
from turnus.receivables.models import Payout, PayoutFile
from turnus.system import clock
from turnus.ui.formats import cents_de, date_de, iban_de
from turnus.ui.pages import Action, Page, Tab, Tile, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

TONES = {"approved": "warn", "in_file": "info", "settled": "ok", "cancelled": ""}


def _tabs(current: str) -> list[Tab]:
    return [
        Tab("Auszahlungen", reverse("receivables:payouts"), current == "payouts"),
        Tab("Dateien für die Bank", reverse("receivables:payout_files"), current == "files"),
    ]


def _state(row: Payout) -> Badge:
    return Badge(row.get_state_display(), TONES[row.state])


@page()
def payouts(request: StaffRequest) -> HttpResponse:
    """Every payout with where its money is."""
    rows = mine(request, Payout.objects.select_related("client", "file", "proposed_by", "approved_by"))
    columns = [
        Column("Auszahlung", "number", second="client.name"),
        Column("Empfänger", "name", second=lambda row: iban_de(row.iban)),
        Column("Verwendungszweck", "remittance"),
        Column("Betrag", "amount_cents", "cents", sort="amount_cents"),
        Column("Zustand", _state, second=lambda row: row.file.number if row.file else None),
        Column("vorgeschlagen von", "proposed_by"),
        Column("freigegeben von", "approved_by", second="approved_at", second_kind="moment"),
    ]
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("receivables:payout", args=[row.pk]),
        sort="-id",
        empty=Empty("Noch keine Auszahlung. Vorgeschlagen werden sie an einer ungeklärten Zahlung."),
    )
    new = Action("Datei erzeugen", reverse("receivables:payout_file_new"), "post", "primary", "file", "e")
    shown = Page(
        "Auszahlungen",
        sub="Geld, das niemandem zuzuordnen war, zurück auf das Konto, von dem es kam",
        actions=staff_only(request, new),
        tabs=_tabs("payouts"),
    )
    return render_list(request, shown, table)


@page()
def payout(request: StaffRequest, pk: int) -> HttpResponse:
    """One payout: what it returns, who decided, where the money is."""
    one = get_object_or_404(
        Payout.objects.select_related(
            "client", "file", "entry", "proposed_by", "approved_by", "cancelled_by"
        ),
        pk=pk,
    )
    actions = []
    if one.state == Payout.State.APPROVED and may(request, one.client_id, STAFF):
        actions.append(Action("Zurücknehmen", "take-back", "dialog", "danger", "undo"))
    shown = Page(
        f"Auszahlung {one.number}",
        sub=one.client.name,
        crumbs=[("Auszahlungen", reverse("receivables:payouts"))],
        badges=[_state(one)],
        actions=actions,
        tiles=[
            Tile("Betrag", cents_de(one.amount_cents)),
            Tile("freigegeben von", str(one.approved_by), f"vorgeschlagen von {one.proposed_by}"),
            Tile("Datei", one.file.number if one.file else "noch keine"),
            Tile("Ausführung", date_de(one.file.execute_on) if one.file else "–"),
        ],
    )
    return render(request, "receivables/payout.html", {"page": shown, "one": one})


@page(*STAFF)
@require_POST
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a payout back that is in no file yet."""
    one = get_object_or_404(Payout, pk=pk)
    require(request, one.client_id, STAFF)
    try:
        services.cancel_payout(
            payout_id=pk, reason=request.POST.get("reason", ""), user=request.user, at=clock.now()
        )
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("receivables:payout", pk)
    messages.success(request, "Die Auszahlung ist zurückgenommen; die Zahlung ist wieder ungeklärt.")
    return redirect("receivables:statemententry", one.entry_id)


@page()
def files(request: StaffRequest) -> HttpResponse:
    rows = mine(request, PayoutFile.objects.select_related("client", "created_by", "original"))
    columns = [
        Column("Datei", "number", second="client.name"),
        Column("Ausführung am", "execute_on", "date", sort="execute_on"),
        Column("Überweisungen", "count", "number"),
        Column("Summe", "total_cents", "cents", sort="total_cents"),
        Column("erzeugt von", "created_by", second="created_at", second_kind="moment"),
        Column("SHA-256", lambda row: row.original.sha256[:16]),
    ]
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("receivables:payoutfile", args=[row.pk]),
        sort="-id",
        empty=Empty("Noch keine Datei."),
    )
    shown = Page("Dateien für die Bank", sub="Eine Zeile öffnet die Datei", tabs=_tabs("files"))
    return render_list(request, shown, table)


@page(*STAFF)
@require_POST
def create_file(request: StaffRequest) -> HttpResponse:
    """Put every approved payout of a principal into one file for the bank."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    try:
        made = services.create_payout_file(
            client_id=client_id, today=clock.today(), user=request.user, at=clock.now()
        )
    except (ValueError, LookupError) as error:
        messages.error(request, str(error))
        return redirect("receivables:payouts")
    messages.success(request, f"{made.number}: {made.count} Überweisungen, {cents_de(made.total_cents)}.")
    return redirect("receivables:payout_files")


@page(*STAFF)
def file(request: StaffRequest, pk: int) -> HttpResponse:
    """The pain.001 file exactly as it was archived."""
    one = get_object_or_404(PayoutFile.objects.select_related("original"), pk=pk)
    require(request, one.client_id, STAFF)
    answer = HttpResponse(one.original.content, content_type=one.original.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{one.original.name}"'
    return answer
