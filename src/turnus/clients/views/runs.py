"""Mass runs with their progress."""

from datetime import timedelta

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from turnus.clients.access import StaffRequest, mine, page
from turnus.system import clock
from turnus.system.models import Run, RunFailure
from turnus.system.runs import Progress, UnknownRunKind, kind_of, progress
from turnus.ui.filters import FilterForm, choice
from turnus.ui.formats import number_de
from turnus.ui.pages import Page, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

TONES = {Run.State.PLANNED: "", Run.State.RUNNING: "info", Run.State.DONE: "ok"}


def title_of(kind: str) -> str:
    """The German name of a kind of run."""
    try:
        return kind_of(kind).title
    except UnknownRunKind:
        return kind


class RunFilter(FilterForm):
    lookups = {"state": "state"}
    state = choice("Zustand", [(state.value, str(state.label)) for state in Run.State])
    failed = forms.BooleanField(label="nur mit Fehlern", required=False)

    def by_failed(self, rows: QuerySet[Run], value: bool) -> QuerySet[Run]:
        return rows.filter(failures__isnull=False).distinct()


@page()
def runs(request: StaffRequest) -> HttpResponse:
    """All mass runs, newest first."""
    filters = RunFilter(request)
    rows = filters.apply(mine(request, Run.objects.select_related("client", "created_by")))
    columns = [
        Column("Lauf", lambda row: title_of(row.kind), second="key"),
        Column("Auftraggeber", "client.name"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES[Run.State(row.state)])),
        Column("Vorgänge", "total", "number", sort="total"),
        Column("begonnen", "started_at", "moment", sort="started_at"),
        Column("beendet", "finished_at", "moment", sort="finished_at"),
        Column("von", lambda row: row.created_by or "System"),
    ]
    empty = Empty("Noch kein Lauf. Abrechnung, Lastschrift und Mahnung starten Läufe aus ihren Seiten.")
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("clients:run", args=[row.pk]),
        sort="-id",
        empty=empty,
    )
    return render_list(request, Page("Läufe"), table, filters=filters)


def remaining(state: Progress, elapsed: timedelta) -> str:
    """Rate and remaining time in words; empty before there is anything to measure."""
    handled = state.done + state.failed
    seconds = elapsed.total_seconds()
    if not handled or seconds <= 0:
        return ""
    rate = handled / seconds
    left = int((state.total - handled) / rate)
    span = f"noch {left // 60} min {left % 60} s" if left >= 60 else f"noch {left} s"
    return f"{number_de(round(rate))} je Sekunde, {span}" if state.total > handled else ""


def _state(run: Run) -> dict[str, object]:
    state = progress(run)
    elapsed = (run.finished_at or clock.now()) - run.started_at if run.started_at else timedelta(0)
    return {"run": run, "state": state, "remaining": remaining(state, elapsed), "title": title_of(run.kind)}


@page()
def run(request: StaffRequest, pk: int) -> HttpResponse:
    """One run: progress that refreshes itself, figures, and what failed with its reason."""
    one = get_object_or_404(Run.objects.select_related("client", "created_by"), pk=pk)
    failures = RunFailure.objects.filter(run=one).order_by("pk")
    columns = [Column("Vorgang", "subject"), Column("Grund", "reason")]
    table = Table(request, failures, columns, empty=Empty("Kein Vorgang ist gescheitert."))
    shown = Page(
        title_of(one.kind),
        sub=f"{one.client.name} · {one.key}",
        crumbs=[("Läufe", reverse("clients:runs"))],
        badges=[Badge(one.get_state_display(), TONES[Run.State(one.state)])],
    )
    figures = [(FIGURES.get(name, name), value, name.endswith("cents")) for name, value in one.result.items()]
    context = {"page": shown, "table": table, "figures": figures}
    return render(request, "clients/run.html", {**context, **_state(one)})


FIGURES = {
    "billed": "Rechnungen",
    "released": "davon freigegeben",
    "excepted": "davon ausgesteuert",
    "held": "angehalten (Fall)",
    "not_due": "nicht fällig",
    "gross_cents": "Summe brutto",
    "net_cents": "Summe netto",
    "documents": "Dokumente",
}


@page()
def run_state(request: StaffRequest, pk: int) -> HttpResponse:
    """The progress alone; htmx asks for it until the run is done."""
    one = get_object_or_404(Run, pk=pk)
    answer = render(request, "clients/run_state.html", _state(one))
    if one.finished_at and request.headers.get("HX-Request"):
        # The whole page shows state and figures; it is drawn again once, when the run has ended.
        answer["HX-Refresh"] = "true"
    return answer
