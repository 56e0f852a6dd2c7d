"""One journal with its legs, and the lists that lead to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from turnus.clients.access import StaffRequest, page
from turnus.ledger.models import Journal
from turnus.ui.formats import cents_de, date_de
from turnus.ui.pages import Page, Tile, render_list
from turnus.ui.tables import Column, Empty, Table


def journal_table(request: HttpRequest, rows: object, empty: str, *more: Column) -> Table:
    """A list of journals, each line leading to its legs."""
    columns = [
        Column("Buchung", lambda row: row.number or "–", second="kind"),
        Column("Buchungstag", "posting_date", "date", sort="posting_date"),
        Column("Belegdatum", "document_date", "date"),
        Column("Beleg", "reference"),
        Column("Text", "text"),
        *more,
        Column(
            "gebucht von", lambda row: row.created_by or "System", second="created_at", second_kind="moment"
        ),
    ]
    return Table(
        request,
        rows,  # type: ignore[arg-type]
        columns,
        row_url=lambda row: reverse("ledger:journal", args=[row.pk]),
        empty=Empty(empty),
    )


@page()
def journal(request: StaffRequest, pk: object) -> HttpResponse:
    """A sealed journal: its legs with accounts, VAT and personal account, and what it reverses."""
    one = get_object_or_404(
        Journal.objects.select_related("client", "created_by", "reverses", "reversed_by"), pk=pk
    )
    legs = one.legs.select_related("account", "subaccount").order_by("id")
    columns = [
        Column("Konto", "account.number", second="account.name"),
        Column("Personenkonto", "subaccount.number"),
        Column("Soll", lambda row: row.amount_cents if row.amount_cents > 0 else None, "cents"),
        Column("Haben", lambda row: -row.amount_cents if row.amount_cents < 0 else None, "cents"),
        Column("USt %", "vat_percent", "decimal"),
        Column("Text", "text"),
    ]
    other = getattr(one, "reversed_by", None)
    shown = Page(
        f"Buchung {one.number}",
        sub=f"{one.text} · {one.client.name}",
        crumbs=[("Buchungsperioden", reverse("ledger:periods")), (one.month, _period_url(one))],
        tiles=[
            Tile("Buchungstag", date_de(one.posting_date), f"Beleg vom {date_de(one.document_date)}"),
            Tile("Beleg", one.reference or "–", one.kind),
            Tile("Summe", cents_de(sum(leg.amount_cents for leg in legs if leg.amount_cents > 0))),
            _reversal("storniert", one.reverses) if one.reverses else _reversal("storniert durch", other),
        ],
    )
    return render_list(request, shown, Table(request, legs, columns))


def _reversal(label: str, other: Journal | None) -> Tile:
    if other is None:
        return Tile("Storno", "keines")
    return Tile(label, f"Buchung {other.number}", other.text, reverse("ledger:journal", args=[other.pk]))


def _period_url(one: Journal) -> str:
    return f"{reverse('ledger:periods')}?monat={one.month}"
