"""The start page and the search over everything."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from turnus.care.queries import Hit
from turnus.care.queries import search as find
from turnus.clients.access import StaffRequest, mine, page
from turnus.project import day
from turnus.system import clock
from turnus.system.models import Run
from turnus.system.runs import UnknownRunKind, kind_of
from turnus.ui.formats import date_de
from turnus.ui.links import url_of
from turnus.ui.pages import Page
from turnus.ui.tables import Badge, Column, Empty, Table, light

SHORTEST = 2


@page()
def start(request: StaffRequest) -> HttpResponse:
    """My work, and the state of the principal's day."""
    today, now = clock.today(), clock.now()
    columns = [
        Column("Fall", "title", second="number"),
        Column(
            "fällig",
            lambda row: (
                light(date_de(row.due_on), "bad" if row.due_on < today else "ok") if row.due_on else "–"
            ),
        ),
        Column(
            "Priorität", lambda row: Badge(row.get_priority_display(), "bad" if row.priority == 1 else "")
        ),
        Column("Zuständig", lambda row: row.owner or "Team"),
        Column("Auftraggeber", "client.name"),
    ]
    cases = Table(
        request,
        day.my_cases(request, request.user),
        columns,
        row_url=lambda row: reverse("worklist:case", args=[row.pk]),
        empty=Empty("Kein offener Fall. Alles, was von selbst läuft, läuft."),
    )
    whose = request.principal.name if request.principal else "alle Auftraggeber"
    shown = Page("Mein Tag", sub=f"{date_de(today)} · {whose}", tiles=day.work_tiles(request, today))
    context = {
        "page": shown,
        "cases": cases,
        "messages_today": day.message_facts(request, now, today),
        "money": day.money_facts(request, today),
        "runs": [
            (run, run_title(run.kind)) for run in mine(request, Run.objects.select_related("client"))[:6]
        ],
    }
    return render(request, "project/start.html", context)


def run_title(kind: str) -> str:
    """The German name of a kind of run."""
    try:
        return kind_of(kind).title
    except UnknownRunKind:
        return kind


def address_of(hit: Hit) -> str:
    """Where a find leads: its own page, else the customer file."""
    if hit.object_kind == "masterdata.bankaccount" and hit.customer_id:
        return f"{url_of('masterdata.customer', hit.customer_id)}?tab=konto"
    return url_of(hit.object_kind, hit.object_id) or url_of("masterdata.customer", hit.customer_id)


@page()
def search(request: StaffRequest) -> HttpResponse:
    """Finds of the search field: as a list below it while typing, as a page after Enter."""
    text = request.GET.get("q", "").strip()
    hits = find(client_ids=request.client_ids, text=text) if len(text) >= SHORTEST else []
    found = [(hit, address_of(hit)) for hit in hits]
    if request.headers.get("HX-Request"):
        return render(
            request, "project/suggestions.html", {"found": found, "text": text, "shortest": SHORTEST}
        )
    if len(found) == 1:
        return redirect(found[0][1])
    columns = [
        Column("Fund", lambda row: row[0].label, second=lambda row: row[0].detail),
        Column("Art", lambda row: row[0].kind_label),
    ]
    empty = Empty("Nichts gefunden. Name (ab drei Buchstaben) oder den Anfang einer Nummer eingeben.")
    table = Table(request, found, columns, row_url=lambda row: str(row[1]), empty=empty)
    context = {"page": Page(f"Suche nach „{text}“"), "table": table}
    return render(request, "ui/list.html", context)
