"""The VAT of a month: lines by rate, what they come from, and the proof against the accounts."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from turnus.clients.access import StaffRequest, page, the_client
from turnus.ledger.calc.vat_report import GROUPS, Line, VatKind, VatReport
from turnus.ledger.models import Journal, PostingPeriod
from turnus.ledger.vat import journals_of, report_of
from turnus.ledger.views.journals import journal_table
from turnus.system import clock
from turnus.system.models import Principal
from turnus.ui.formats import cents_de, number_de
from turnus.ui.pages import Page, Tab, Tile, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

KINDS = {
    VatKind.SUPPLY: "Lieferungen",
    VatKind.PREPAYMENT: "erhaltene Anzahlungen",
    VatKind.SETTLED: "Anzahlungen in Rechnungen verrechnet",
    VatKind.RETURNED: "Anzahlungen zurückgegeben (Rücklastschrift)",
    VatKind.REDUCTION: "Entgelt gemindert",
    VatKind.CANCELLED: "Buchungen storniert",
}
GROUP_LABELS = {"supplies": "Lieferungen", "prepayments": "Anzahlungen", "reversals": "Rücknahmen"}
MONTHS = 6


def _month(request: StaffRequest) -> str:
    """The month asked for, else the running one; an impossible one is no page."""
    month = request.GET.get("monat", "") or f"{clock.today():%Y-%m}"
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        raise Http404("Diesen Monat gibt es nicht.")
    return month


def _address(page_name: str, **query: str) -> str:
    return f"{reverse(page_name)}?{urlencode(query)}"


@page()
def vat(request: StaffRequest) -> HttpResponse:
    """Per rate base and tax of supplies, prepayments received and what was taken back."""
    client_id, month = the_client(request), _month(request)
    report = report_of(client_id=client_id, month=month)
    known = PostingPeriod.objects.filter(client_id=client_id).order_by("-month")
    months = sorted({month, *known.values_list("month", flat=True)[:MONTHS]}, reverse=True)
    shown = Page(
        f"Umsatzsteuer {month}",
        sub=f"{Principal.objects.get(pk=client_id).name} · allein aus den Buchungen des Monats",
        crumbs=[("Buchungsperioden", reverse("ledger:periods"))],
        badges=[
            Badge("stimmt mit den Konten überein", "ok")
            if not report.difference_cents
            else Badge("weicht von den Konten ab", "bad")
        ],
        tabs=[Tab(one, _address("ledger:vat", monat=one), one == month) for one in months],
        tiles=_tiles(report),
    )
    context = {
        "page": shown,
        "table": _lines(request, report, month),
        "proofs": _proofs(request, report),
    }
    return render(request, "ledger/vat.html", context)


def _tiles(report: VatReport) -> list[Tile]:
    tiles = []
    for name, kinds in GROUPS:
        amount = report.amount(kinds=kinds)
        note = f"auf {cents_de(amount.base_cents)}"
        tiles.append(Tile(f"USt {GROUP_LABELS[name]}", cents_de(amount.vat_cents), note))
    tiles.append(Tile("USt gesamt", cents_de(report.amount().vat_cents)))
    gap = report.difference_cents
    tiles.append(Tile("Differenz zu den Konten", cents_de(gap), tone="bad" if gap else "ok"))
    return tiles


def _lines(request: StaffRequest, report: VatReport, month: str) -> Table:
    def url(line: Line) -> str:
        return _address("ledger:vat_journals", monat=month, satz=f"{line.percent:.2f}", art=line.kind.value)

    columns = [
        Column("Satz", lambda line: f"{number_de(line.percent, 2)} %"),
        Column("Vorgang", lambda line: KINDS[line.kind]),
        Column("Bemessungsgrundlage", lambda line: line.amount.base_cents, "cents"),
        Column("Umsatzsteuer", lambda line: line.amount.vat_cents, "cents"),
    ]
    return Table(
        request,
        report.lines,
        columns,
        row_url=url,
        key=lambda line: f"{line.percent}{line.kind}",
        empty=Empty("In diesem Monat ist keine Umsatzsteuer entstanden."),
    )


def _proofs(request: StaffRequest, report: VatReport) -> Table:
    columns = [
        Column("Konto", "account", second="name"),
        Column("Bewegung des Kontos", "moved_cents", "cents"),
        Column("in der Auswertung", "reported_cents", "cents"),
        Column("Differenz", "difference_cents", "cents"),
    ]
    return Table(request, report.proofs, columns, prefix="k", key="account", empty=Empty("Keine Bewegung."))


@page()
def vat_journals(request: StaffRequest) -> HttpResponse:
    """The postings behind one line of the report."""
    client_id, month = the_client(request), _month(request)
    try:
        percent = Decimal(request.GET.get("satz", "19.00"))
        kind = VatKind(request.GET.get("art", VatKind.SUPPLY))
        label = KINDS[kind]
    except (InvalidOperation, ValueError, KeyError) as error:
        raise Http404("Diese Zeile gibt es in der Auswertung nicht.") from error
    if not percent.is_finite() or not 0 <= percent < 100:
        raise Http404("Diesen Steuersatz gibt es nicht.")
    amounts = journals_of(client_id=client_id, month=month, percent=f"{percent:.2f}", kind=kind.value)
    rows = Journal.objects.filter(client_id=client_id, pk__in=list(amounts)).select_related("created_by")

    def part(place: int) -> Any:
        return lambda row: amounts[row.pk][place]

    table = journal_table(
        request,
        rows.order_by("posting_date", "number"),
        "Keine Buchung.",
        Column("Bemessungsgrundlage", part(0), "cents"),
        Column("Umsatzsteuer", part(1), "cents"),
    )
    shown = Page(
        f"{label}, {number_de(percent, 2)} %",
        sub=f"{month}: {cents_de(sum(base for base, _ in amounts.values()))} Bemessungsgrundlage, "
        f"{cents_de(sum(tax for _, tax in amounts.values()))} Umsatzsteuer",
        crumbs=[(f"Umsatzsteuer {month}", _address("ledger:vat", monat=month))],
    )
    return render_list(request, shown, table)
