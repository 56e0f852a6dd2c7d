"""What went out or waits to: every file with its transport and both clocks."""

from __future__ import annotations

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse

from turnus.clients.access import StaffRequest, mine, page
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.views.parts import TRANSPORT, clock_of, tabs
from turnus.system import clock
from turnus.ui.filters import FilterForm, choice, day, words
from turnus.ui.formats import number_de
from turnus.ui.pages import Page, Tile, render_list
from turnus.ui.tables import Badge, Column, Empty, Table, light


class OutgoingFilter(FilterForm):
    lookups = {
        "q": ("reference__istartswith", "receiver__startswith"),
        "transport": "transport",
        "since": "received_at__date__gte",
    }
    q = words(hint="Referenz oder Marktpartner-ID")
    type = forms.CharField(label="Typ", required=False, max_length=12)
    transport = choice("Versand", [(one.value, str(one.label)) for one in Interchange.Transport])
    since = day("geschrieben seit")
    silent = forms.BooleanField(label="nur ohne Antwort", required=False)

    def by_type(self, rows: QuerySet[Interchange], value: str) -> QuerySet[Interchange]:
        return rows.filter(Exists(Message.objects.filter(interchange=OuterRef("pk"), type=value.upper())))

    def by_silent(self, rows: QuerySet[Interchange], value: bool) -> QuerySet[Interchange]:
        """Files whose acknowledgement is past its time."""
        late = Acknowledgement.objects.filter(
            interchange=OuterRef("pk"), answered_at__isnull=True, due_at__lt=clock.now()
        )
        return rows.filter(Exists(late))


@page()
def outgoing(request: StaffRequest) -> HttpResponse:
    filters = OutgoingFilter(request)
    known = mine(request, Interchange.objects.filter(direction=Interchange.Direction.OUT))
    columns = [
        Column("Datei", _types, second="reference"),
        Column("Marktpartner", _partner, second="receiver"),
        Column("Versand", lambda row: Badge(row.get_transport_display(), TRANSPORT[row.transport])),
        Column("geschrieben", "received_at", "moment", sort="received_at"),
        Column("gesendet", "sent_at", "moment", sort="sent_at"),
        Column("CONTRL (6 Std.)", lambda row: _answer(row, "CONTRL")),
        Column("APERAK (45 Min.)", lambda row: _answer(row, "APERAK")),
        Column("Auftraggeber", "client.name"),
    ]
    rows = known.select_related("client").prefetch_related("messages__partner", "acknowledgements")
    table = Table(
        request,
        filters.apply(rows),
        columns,
        row_url=_message,
        sort="-id",
        empty=Empty("Noch keine ausgehende Datei.", "Zu den Nachrichten", reverse("market:messages")),
    )
    shown = Page(
        "Ausgang",
        sub="Dateien an Marktpartner: Versand und Bestätigungen",
        tabs=tabs("outgoing"),
        tiles=_tiles(known),
    )
    return render_list(request, shown, table, filters=filters)


def _tiles(known: QuerySet[Interchange]) -> list[Tile]:
    counted = known.aggregate(
        waiting=Count("pk", filter=Q(transport="waiting")), refused=Count("pk", filter=Q(transport="refused"))
    )
    tiles = []
    if counted["waiting"]:
        tiles.append(Tile("wartet", number_de(counted["waiting"]), "", "?transport=waiting", "warn"))
    if counted["refused"]:
        tiles.append(Tile("abgewiesen", number_de(counted["refused"]), "", "?transport=refused", "bad"))
    return tiles


def _types(row: Interchange) -> str:
    names = dict.fromkeys(f"{message.type} {message.pid}".strip() for message in row.messages.all())
    return ", ".join(names) or row.name


def _partner(row: Interchange) -> str:
    found = next((message.partner for message in row.messages.all() if message.partner), None)
    return found.name if found else "unbekannt"


def _message(row: Interchange) -> str:
    first = min(row.messages.all(), key=lambda message: message.position, default=None)
    return reverse("market:message", args=[first.pk]) if first else ""


def _answer(row: Interchange, kind: str) -> Badge | str:
    """The worst of the acknowledgements of a kind; a dash where none is owed."""
    lights = [clock_of(answer) for answer in row.acknowledgements.all() if answer.kind == kind]
    order = ["bad", "warn", "ok"]
    if row.transport == Interchange.Transport.WAITING and not lights:
        return light("noch nicht gesendet", "warn") if kind == "CONTRL" and _owes(row) else ""
    return min(lights, key=lambda one: order.index(one.tone), default="")


def _owes(row: Interchange) -> bool:
    """A CONTRL is not answered by another one."""
    return any(message.type != "CONTRL" for message in row.messages.all())
