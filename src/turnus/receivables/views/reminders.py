"""The dunning proposal: who gets a reminder, who does not and why; release, remove, take back."""

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require, staff_only, the_client
from turnus.receivables import services
from turnus.receivables.forms import CUSTOMER, DunningRunForm, RemoveForm
from turnus.receivables.models import DunningNotice, DunningRun
from turnus.system import clock
from turnus.ui import charts
from turnus.ui.charts.parts import Step
from turnus.ui.formats import cents_de, date_de, number_de
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, Tile, render_form, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

TONES = {"proposed": "warn", "released": "ok", "sent": "ok", "cancelled": "", "removed": ""}
LIST = ("Mahnvorschlag", "/mahnungen/")


@page()
def dunning_runs(request: StaffRequest) -> HttpResponse:
    rows = mine(request, DunningRun.objects.select_related("client", "created_by", "released_by"))
    rows = rows.annotate(letters=Count("notices"), owed=Sum("notices__total_cents"))
    columns = [
        Column("Mahnlauf", lambda row: f"Stichtag {date_de(row.on)}", second="client.name"),
        Column("Schreiben", "letters", "number"),
        Column("Forderung", "owed", "cents"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES[row.state])),
        Column("vorgeschlagen von", lambda row: row.created_by or "System"),
        Column("freigegeben von", "released_by", second="released_at", second_kind="moment"),
    ]
    new = reverse("receivables:dunning_propose")
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("receivables:dunning_run", args=[row.pk]),
        sort="-id",
        empty=Empty("Noch kein Mahnlauf.", "Vorschlag erstellen", new),
    )
    actions = staff_only(request, Action("Vorschlag erstellen", new, tone="primary", icon="plus", key="e"))
    return render_list(request, Page("Mahnvorschlag", actions=actions), table)


@page(*STAFF)
def propose(request: StaffRequest) -> HttpResponse:
    """Make a proposal; nothing is sent and no level changes before it is released."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = DunningRunForm(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            run = services.propose_dunning(
                client_id=client_id, on=form.cleaned_data["on"], user=request.user, at=clock.now()
            )
        except ValueError as error:
            form.add_error("on", str(error))
        else:
            return redirect("receivables:dunning_run", run.pk)
    shown = Page(
        "Mahnvorschlag erstellen", crumbs=[LIST], help="Der Vorschlag ändert nichts, bis er freigegeben ist."
    )
    return render_form(
        request, shown, form, submit="Vorschlag erstellen", back=reverse("receivables:dunning_runs")
    )


def _owner(row: DunningNotice) -> str:
    account = getattr(row.subaccount, "contract_account", None)
    return account.customer.full_name if account else row.subaccount.number


@page()
def dunning_run(request: StaffRequest, pk: int) -> HttpResponse:
    """One proposal: letters with their items, the excluded with their reasons, the funnel."""
    one = get_object_or_404(DunningRun.objects.select_related("client", "created_by", "released_by"), pk=pk)
    editable = one.state == DunningRun.State.PROPOSED and may(request, one.client_id, STAFF)
    notices = (
        one.notices.select_related(CUSTOMER, "document")
        .prefetch_related("items__open_item")
        .order_by("-total_cents", "pk")
    )
    sums = one.notices.aggregate(letters=Count("pk"), owed=Sum("total_cents"), fees=Sum("fee_cents"))
    left_out = one.exclusions.select_related(CUSTOMER, "open_item").order_by("code", "pk")
    excluded = [
        Column("Kunde", _owner, second="subaccount.number"),
        Column("Posten", lambda row: row.open_item or "ganzes Konto"),
        Column("Betrag", "amount_cents", "cents"),
        Column("Grund", "reason"),
    ]
    context = {
        "page": _page(one, editable, sums),
        "one": one,
        "editable": editable,
        "table": _notices(request, one, notices),
        "excluded": Table(request, left_out, excluded, prefix="x", empty=Empty("Niemand wurde ausgenommen.")),
        "remove": RemoveForm(),
        "picture": _funnel(one),
    }
    return render(request, "receivables/dunning_run.html", context)


def _page(one: DunningRun, editable: bool, sums: dict[str, int | None]) -> Page:
    actions = []
    if editable and sums["letters"]:
        url = reverse("receivables:dunning_release", args=[one.pk])
        actions.append(Action("Freigeben und Schreiben erzeugen", url, "post", "primary", "check", "e"))
    if editable or one.state == DunningRun.State.RELEASED:
        url = reverse("receivables:dunning_cancel", args=[one.pk])
        actions.append(Action("Lauf zurücknehmen", url, "post", "danger", "undo"))
    return Page(
        f"Mahnlauf {date_de(one.on)}",
        sub=one.client.name,
        crumbs=[LIST],
        badges=[Badge(one.get_state_display(), TONES[one.state])],
        actions=actions,
        tiles=[
            Tile("Schreiben", number_de(sums["letters"])),
            Tile("Forderung", cents_de(sums["owed"] or 0)),
            Tile("Gebühren", cents_de(sums["fees"] or 0)),
            Tile(
                "freigegeben von",
                str(one.released_by or "–"),
                f"vorgeschlagen von {one.created_by or 'System'}",
            ),
        ],
    )


def _notices(request: StaffRequest, one: DunningRun, notices: object) -> Table:
    columns = [
        Column("Kunde", _owner, second="subaccount.number"),
        Column("Stufe", "level", "number"),
        Column("Posten", lambda row: ", ".join(str(item.open_item) for item in row.items.all())),
        Column("Forderung", "total_cents", "cents"),
        Column("Gebühr", "fee_cents", "cents"),
        Column("zahlbar bis", "pay_until", "date"),
        Column(
            "Zustand",
            lambda row: Badge(row.get_state_display(), TONES[row.state]),
            second=lambda row: row.removed_reason or None,
        ),
    ]

    def target(row: DunningNotice) -> str:
        account = getattr(row.subaccount, "contract_account", None)
        if row.document_id:
            return url_of("documents.document", row.document_id)
        return f"{url_of('masterdata.customer', account.customer_id)}?tab=konto" if account else ""

    return Table(
        request,
        notices,  # type: ignore[arg-type]
        columns,
        row_url=target,
        select="notices" if one.state == DunningRun.State.PROPOSED else "",
        empty=Empty("Niemand ist zu mahnen."),
    )


def _funnel(one: DunningRun) -> str:
    """From overdue accounts to letters: what was left out on the way."""
    excluded = one.exclusions.values("subaccount").distinct().count()
    states = dict(one.notices.values_list("state").annotate(count=Count("pk")))
    letters = sum(states.values())
    removed = states.get("removed", 0)
    steps = [
        Step("überfällig", letters + excluded, "Konten"),
        Step("vorgeschlagen", letters, f"{excluded} ausgenommen"),
        Step("nach Prüfung", letters - removed, f"{removed} herausgenommen"),
        Step("freigegeben", states.get("sent", 0)),
    ]
    return (
        charts.funnel(title="Vom überfälligen Konto zum Schreiben", steps=steps, width=330)
        if letters + excluded
        else ""
    )


@page(*STAFF)
@require_POST
def release(request: StaffRequest, pk: int) -> HttpResponse:
    """Release: amounts are computed again at this moment, levels rise, letters are made."""
    one = get_object_or_404(DunningRun, pk=pk)
    require(request, one.client_id, STAFF)
    try:
        services.release_dunning(run_id=pk, user=request.user, at=clock.now())
    except (PermissionError, ValueError, LookupError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Freigegeben. Die Schreiben liegen unter Dokumente.")
    return redirect("receivables:dunning_run", pk)


@page(*STAFF)
@require_POST
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a run back before its letters are sent: levels and fees roll back."""
    one = get_object_or_404(DunningRun, pk=pk)
    require(request, one.client_id, STAFF)
    try:
        services.cancel_dunning(run_id=pk, user=request.user, at=clock.now())
    except (PermissionError, ValueError, LookupError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Der Mahnlauf ist zurückgenommen.")
    return redirect("receivables:dunning_run", pk)


@page(*STAFF)
@require_POST
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the ticked letters out of a proposal, with a reason."""
    run = get_object_or_404(DunningRun, pk=pk)
    require(request, run.client_id, STAFF)
    form = RemoveForm(request.POST)
    chosen = [int(key) for key in request.POST.getlist("notices") if key.isascii() and key.isdigit()]
    known = list(DunningNotice.objects.filter(run=run, pk__in=chosen).values_list("pk", flat=True))
    if not form.is_valid() or not known:
        messages.error(request, "Bitte Schreiben ankreuzen und einen Grund nennen.")
        return redirect("receivables:dunning_run", pk)
    try:
        for notice_id in known:
            services.remove_notice(
                notice_id=notice_id, reason=form.cleaned_data["reason"], user=request.user, at=clock.now()
            )
    except (PermissionError, ValueError, LookupError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{len(known)} Schreiben herausgenommen.")
    return redirect("receivables:dunning_run", pk)
