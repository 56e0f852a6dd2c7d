"""Posting periods: what each month holds, locking it, asking for it to be reopened."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.clients.access import DECIDERS, StaffRequest, may, page, require
from turnus.ledger import queries, services
from turnus.ledger.models import Account, Journal, PostingPeriod
from turnus.ledger.services.periods import open_unlock
from turnus.ledger.views.journals import journal_table
from turnus.system import clock
from turnus.system.models import AuditEntry, Principal
from turnus.ui.formats import cents_de, moment_de, number_de
from turnus.ui.pages import Action, Event, Page, Tile, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

MONTHS = 24
ACTIONS = {"period_locked": "gesperrt", "period_reopened": "wieder geöffnet"}


def _state(is_locked: bool) -> Badge:
    return Badge("gesperrt", "ok") if is_locked else Badge("offen", "warn")


@page()
def periods(request: StaffRequest) -> HttpResponse:
    """The months of the ledger, the latest first, with their figures."""
    wanted = request.GET.get("monat", "")
    names = dict(Principal.objects.filter(pk__in=request.client_ids).values_list("pk", "name"))
    rows = [
        (names[client_id], row)
        for client_id in request.client_ids
        for row in queries.periods(client_id=client_id, limit=MONTHS)
        if wanted in ("", row.month)
    ]
    rows.sort(key=lambda pair: pair[1].month, reverse=True)
    if wanted and len(rows) == 1 and rows[0][1].period is not None:
        return redirect("ledger:postingperiod", rows[0][1].period.pk)

    def total(kind: str) -> Any:
        return lambda pair: pair[1].figures.sums.get(kind, 0)

    columns = [
        Column("Monat", lambda pair: pair[1].month, second=lambda pair: pair[0]),
        Column("Zustand", lambda pair: _state(pair[1].is_locked)),
        Column("Buchungen", lambda pair: pair[1].figures.journals, "number"),
        Column("Umsatz Soll", lambda pair: pair[1].figures.debit_cents, "cents"),
        *[Column(str(kind.label), total(kind.value), "cents") for kind in Account.Kind],
        Column(
            "letzte Buchung",
            lambda pair: pair[1].figures.last_number or "–",
            second=lambda pair: pair[1].figures.last_text or None,
        ),
    ]
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda pair: reverse("ledger:postingperiod", args=[pair[1].period.pk]),
        key=lambda pair: pair[1].period.pk,
        empty=Empty("Noch ist nichts gebucht."),
    )
    shown = Page(
        "Buchungsperioden",
        sub="In einen gesperrten Monat wird nichts mehr gebucht. Salden je Kontenart, Soll positiv.",
    )
    return render_list(request, shown, table)


@page()
def period(request: StaffRequest, pk: int) -> HttpResponse:
    """One month: state, sums per account, journals; lock it or ask for it to be reopened."""
    one = get_object_or_404(PostingPeriod.objects.select_related("client", "locked_by", "unlocked_by"), pk=pk)
    (figures,) = queries.period_figures(client_id=one.client_id, months=[one.month]).values()
    proposal = open_unlock(one) if one.is_locked else None
    actions = []
    if may(request, one.client_id, DECIDERS) and proposal is None:
        if one.is_locked:
            actions.append(Action("Wieder öffnen", "unlock", "dialog", "danger"))
        elif queries.month_ends(one.month) <= clock.today():
            url = reverse("ledger:period_lock", args=[pk])
            actions.append(Action("Sperren", url, "post", "primary", "shield", "e"))
    shown = Page(
        f"Buchungsperiode {one.month}",
        sub=one.client.name,
        crumbs=[("Buchungsperioden", reverse("ledger:periods"))],
        badges=[_state(one.is_locked)],
        actions=actions,
        tiles=[
            Tile("Buchungen", number_de(figures.journals), figures.last_text),
            Tile("Umsatz Soll", cents_de(figures.debit_cents), "gleich Haben"),
            Tile("gesperrt", moment_de(one.locked_at) if one.is_locked else "nein", str(one.locked_by or "")),
        ],
    )
    if proposal is not None:
        who = f"{proposal.proposed_by} bittet um das Wiederöffnen"
        text = f"{who}; eine zweite Person entscheidet unter Freigaben."
        shown.notices.append(("warn", text))
    accounts = queries.account_sums(client_id=one.client_id, month=one.month)
    columns = [
        Column("Konto", "number", second="name"),
        Column("Soll", "debit_cents", "cents"),
        Column("Haben", "credit_cents", "cents"),
        Column("Saldo", "balance_cents", "cents"),
    ]
    rows = Journal.objects.filter(client_id=one.client_id, month=one.month).select_related("created_by")
    rows = rows.filter(posting_date__range=queries.days_of(one.month)).order_by("-posting_date", "-number")
    context = {
        "page": shown,
        "one": one,
        "accounts": Table(request, accounts, columns, prefix="k", key="number", per_page=200),
        "table": journal_table(request, rows, "In diesem Monat ist nichts gebucht."),
        "events": _history(one),
    }
    return render(request, "ledger/period.html", context)


def _history(one: PostingPeriod) -> list[Event]:
    rows = AuditEntry.objects.filter(
        client_id=one.client_id, object_kind="ledger.postingperiod", object_id=one.pk, action__in=ACTIONS
    ).select_related("user")
    return [
        Event(moment_de(row.at), ACTIONS[row.action], str(row.user or "System"), row.text)
        for row in rows.order_by("-id")
    ]


@page(*DECIDERS)
@require_POST
def lock(request: StaffRequest, pk: int) -> HttpResponse:
    """Lock a month; clerks are refused here and by the service."""
    one = get_object_or_404(PostingPeriod, pk=pk)
    require(request, one.client_id, DECIDERS)
    try:
        services.lock_period(
            client_id=one.client_id,
            month=one.month,
            today=clock.today(),
            user=request.user,
            at=clock.now(),
            reason=request.POST.get("reason", ""),
        )
    except (ValueError, PermissionError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{one.month} ist gesperrt.")
    return redirect("ledger:postingperiod", pk)


@page(*DECIDERS)
@require_POST
def unlock(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for a month to be reopened; a second person decides."""
    one = get_object_or_404(PostingPeriod, pk=pk)
    require(request, one.client_id, DECIDERS)
    reason = request.POST.get("reason", "")
    try:
        services.propose_unlock(
            client_id=one.client_id, month=one.month, user=request.user, at=clock.now(), reason=reason
        )
    except (ValueError, PermissionError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Vorgeschlagen; eine zweite Person entscheidet unter Freigaben.")
    return redirect("ledger:postingperiod", pk)
