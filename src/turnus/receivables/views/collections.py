"""Direct debit runs: propose, look at, release by a second person, hand the file to the bank."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require, staff_only, the_client
from turnus.receivables import services
from turnus.receivables.forms import DebitRunForm
from turnus.receivables.models import DebitRun
from turnus.system import clock
from turnus.ui.formats import cents_de, date_de, number_de
from turnus.ui.pages import Action, Page, Tile, render_form, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

TONES = {"planned": "warn", "released": "ok", "cancelled": "", "collected": "ok", "returned": "bad"}
LIST = ("Lastschriften", "/lastschriften/")


@page()
def debit_runs(request: StaffRequest) -> HttpResponse:
    rows = mine(request, DebitRun.objects.select_related("client", "created_by", "released_by"))
    columns = [
        Column("Lauf", "number", second="client.name"),
        Column("Einzug am", "collect_on", "date", sort="collect_on"),
        Column("Lastschriften", "count", "number"),
        Column("Summe", "total_cents", "cents", sort="total_cents"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES[row.state])),
        Column("vorgeschlagen von", lambda row: row.created_by or "System"),
        Column("freigegeben von", "released_by", second="released_at", second_kind="moment"),
    ]
    new = reverse("receivables:debit_plan")
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("receivables:debit_run", args=[row.pk]),
        sort="-id",
        empty=Empty("Noch kein Lastschriftlauf.", "Lauf vorschlagen", new),
    )
    actions = staff_only(request, Action("Lauf vorschlagen", new, tone="primary", icon="plus", key="e"))
    return render_list(request, Page("Lastschriften", actions=actions), table)


@page(*STAFF)
def plan(request: StaffRequest) -> HttpResponse:
    """Propose a run: what is due, announced and covered by a mandate; the rest is listed with its reason."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = DebitRunForm(request.POST or None, initial={"collect_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            run = services.plan_debit_run(
                client_id=client_id,
                collect_on=form.cleaned_data["collect_on"],
                today=clock.today(),
                user=request.user,
                at=clock.now(),
            )
        except ValueError as error:
            form.add_error("collect_on", str(error))
        else:
            messages.success(request, "Der Vorschlag steht; eine zweite Person gibt ihn frei.")
            return redirect("receivables:debit_run", run.pk)
    shown = Page("Lastschriftlauf vorschlagen", crumbs=[LIST])
    return render_form(request, shown, form, submit="Vorschlagen", back=reverse("receivables:debit_runs"))


@page()
def debit_run(request: StaffRequest, pk: int) -> HttpResponse:
    """One run: its collections, and what was left out with the reason."""
    one = get_object_or_404(DebitRun.objects.select_related("client", "created_by", "released_by"), pk=pk)
    actions = []
    if one.state == DebitRun.State.PLANNED and may(request, one.client_id, STAFF):
        url = reverse("receivables:debit_release", args=[pk])
        actions.append(Action("Freigeben", url, "post", "primary", "check", "e"))
        actions.append(Action("Verwerfen", "discard", "dialog", "danger"))
    if one.original_id:
        actions.append(
            Action("Datei für die Bank", reverse("receivables:debit_file", args=[pk]), icon="file")
        )
    shown = Page(
        f"Lastschriftlauf {one.number}",
        sub=one.client.name,
        crumbs=[LIST],
        badges=[Badge(one.get_state_display(), TONES[one.state])],
        actions=actions,
        tiles=[
            Tile("Einzug am", date_de(one.collect_on)),
            Tile("Lastschriften", number_de(one.count)),
            Tile("Summe", cents_de(one.total_cents)),
            Tile(
                "freigegeben von",
                str(one.released_by or "–"),
                f"vorgeschlagen von {one.created_by or 'System'}",
            ),
        ],
    )
    debits = one.debits.select_related("mandate").order_by("pk")
    columns = [
        Column("Zahler", "debtor", second="iban"),
        Column("Verwendungszweck", "remittance"),
        Column("Mandat", "mandate.reference", second="sequence"),
        Column("Einzug am", "collect_on", "date"),
        Column("Betrag", "amount_cents", "cents", sort="amount_cents"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES.get(row.state, ""))),
    ]
    left_out = one.exclusions.select_related("open_item__subaccount").order_by("code", "pk")
    excluded = [
        Column("Posten", "open_item"),
        Column("Konto", "open_item.subaccount.number"),
        Column("offen", "open_item.open_cents", "cents"),
        Column("Grund", "reason"),
    ]
    context = {
        "page": shown,
        "one": one,
        "table": Table(request, debits, columns, empty=Empty("Keine Lastschrift in diesem Lauf.")),
        "excluded": Table(
            request,
            left_out,
            excluded,
            row_url=lambda row: reverse("receivables:openitem", args=[row.open_item_id]),
            prefix="x",
            empty=Empty("Nichts wurde ausgelassen."),
        ),
    }
    return render(request, "receivables/debit_run.html", context)


@page(*STAFF)
@require_POST
def release(request: StaffRequest, pk: int) -> HttpResponse:
    """Release a run; the one who proposed it is refused here and by the database."""
    one = get_object_or_404(DebitRun, pk=pk)
    require(request, one.client_id, STAFF)
    try:
        services.release_debit_run(run_id=pk, user=request.user, at=clock.now())
    except (PermissionError, ValueError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Freigegeben. Die Datei für die Bank ist erzeugt und geprüft.")
    return redirect("receivables:debit_run", pk)


@page(*STAFF)
@require_POST
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Discard a proposal; its items are free for the next run."""
    one = get_object_or_404(DebitRun, pk=pk)
    require(request, one.client_id, STAFF)
    try:
        services.cancel_debit_run(
            run_id=pk, user=request.user, at=clock.now(), reason=request.POST.get("reason", "")
        )
    except (PermissionError, ValueError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Der Vorschlag ist verworfen; die Posten sind wieder frei.")
    return redirect("receivables:debit_run", pk)


@page(*STAFF)
def file(request: StaffRequest, pk: int) -> HttpResponse:
    """The pain.008 file exactly as it was archived."""
    one = get_object_or_404(DebitRun.objects.select_related("original"), pk=pk)
    require(request, one.client_id, STAFF)
    if one.original is None:
        raise Http404("Der Lauf ist noch nicht freigegeben.")
    answer = HttpResponse(one.original.content, content_type=one.original.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{one.original.name}"'
    return answer
