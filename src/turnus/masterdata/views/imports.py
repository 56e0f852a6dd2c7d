"""Bulk import from CSV: a template per object, a trial run, and an error list by row."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from turnus.clients.access import STAFF, StaffRequest, page, require, the_client
from turnus.lib.csv_table import UnreadableTable
from turnus.system import clock, imports
from turnus.ui.pages import Page, render_list
from turnus.ui.tables import Column, Table

CRUMBS = [("Stammdaten", "/stammdaten/")]


class ImportForm(forms.Form):
    file = forms.FileField(label="CSV-Datei", help_text="Trennzeichen ; oder , – UTF-8 oder Windows-1252")
    dry_run = forms.BooleanField(label="nur prüfen, nichts schreiben", required=False)


@page(*STAFF)
def overview(request: StaffRequest) -> HttpResponse:
    """Every kind of table, in the order in which a new principal is filled."""
    rows = [{"name": name, "kind": kind} for name, kind in imports.kinds().items()]
    columns = [
        Column("Tabelle", "kind.title"),
        Column("Spalten", lambda row: ", ".join(column.name for column in row["kind"].columns)),
    ]
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("masterdata:import", args=[row["name"]]),
        caption="Tabellen, die eingelesen werden können",
    )
    shown = Page("CSV-Import", sub="Vorlage herunterladen, füllen, prüfen, einlesen", crumbs=CRUMBS)
    return render_list(request, shown, table)


def _kind(name: str) -> imports.ImportKind:
    try:
        return imports.kind_of(name)
    except imports.UnknownImport as error:
        raise Http404(str(error)) from error


@page(*STAFF)
def template(request: StaffRequest, name: str) -> HttpResponse:
    """The empty table with one example row."""
    _kind(name)
    answer = HttpResponse(imports.template_of(name), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@page(*STAFF)
def take_in(request: StaffRequest, name: str) -> HttpResponse:
    """Good rows go in, bad rows are listed with cause and remedy; the same file again changes nothing."""
    kind = _kind(name)
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = ImportForm(request.POST or None, request.FILES or None, initial={"dry_run": True})
    report = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            report = imports.run(
                kind=name,
                client_id=client_id,
                content=file.read(),
                name=file.name,
                user=request.user,
                at=clock.now(),
                dry_run=form.cleaned_data["dry_run"],
            )
        except UnreadableTable as error:
            form.add_error("file", str(error))
    if report is not None and not report.dry_run and not report.errors:
        messages.success(request, f"{report.new + report.changed} Zeilen übernommen.")
    columns = [
        Column("Zeile", "row", "number"),
        Column("Spalte", lambda row: row.column or "ganze Zeile"),
        Column("Wert", "value"),
        Column("Ursache", "cause"),
        Column("Abhilfe", "remedy"),
    ]
    context = {
        "page": Page(kind.title, crumbs=[*CRUMBS, ("CSV-Import", reverse("masterdata:imports"))]),
        "kind": kind,
        "name": name,
        "form": form,
        "report": report,
        "table": Table(request, list(report.errors), columns, per_page=500) if report else None,
    }
    return render(request, "masterdata/import.html", context, status=422 if form.errors else 200)
