"""Market messages: the list with traffic lights, and one message in plain German, segment by segment."""

from typing import Any

from django import forms
from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require, staff_only, the_client
from turnus.market import queries, services
from turnus.market.explain import Explained, explain
from turnus.market.models import Acknowledgement, Message
from turnus.market.views.parts import clock_of, state, tabs
from turnus.system import clock
from turnus.ui.filters import FilterForm, choice, day, words
from turnus.ui.formats import moment_de, number_de
from turnus.ui.pages import Action, Page, Tile, render_form, render_list
from turnus.ui.tables import Column, Empty, Table, light


class MessageFilter(FilterForm):
    lookups = {
        "q": ("reference__istartswith", "location_text__startswith", "document_number__istartswith"),
        "type": "type",
        "pid": "pid",
        "state": "state",
        "since": "received_at__date__gte",
    }
    q = words(hint="Referenz, Lokation, Dokument")
    type = forms.CharField(label="Typ", required=False, max_length=12)
    pid = forms.CharField(label="Prüfidentifikator", required=False, max_length=12)
    state = choice("Zustand", [(state.value, str(state.label)) for state in Message.State])
    since = day("eingegangen seit")

    def by_type(self, rows: QuerySet[Message], value: str) -> QuerySet[Message]:
        return rows.filter(type=value.upper())


@page()
def messages(request: StaffRequest) -> HttpResponse:
    filters = MessageFilter(request)
    known = Message.objects.select_related("partner", "interchange", "client", "market_location")
    columns = [
        Column("Nachricht", lambda row: f"{row.type} {row.pid}".strip() or "unbekannt", second="reference"),
        Column("Richtung", "interchange.get_direction_display"),
        Column("Marktpartner", _other_party),
        Column("Lokation", "location_text"),
        Column("Zustand", state),
        Column("Ergebnis", lambda row: row.outcome[:120]),
        Column("Werte", "values_found", "number"),
        Column("eingegangen", "received_at", "moment", sort="received_at"),
        Column("Auftraggeber", "client.name"),
    ]
    upload = reverse("market:upload")
    table = Table(
        request,
        filters.apply(mine(request, known)),
        columns,
        row_url=lambda row: reverse("market:message", args=[row.pk]),
        sort="-id",
        empty=Empty("Noch keine Nachricht.", "Datei einlesen", upload),
    )
    shown = Page(
        "Nachrichten",
        actions=staff_only(request, Action("Datei einlesen", upload, icon="upload", key="e")),
        tiles=_day(request),
        tabs=tabs("messages"),
    )
    return render_list(request, shown, table, filters=filters)


def _other_party(row: Message) -> str:
    """Name of the partner, else its code number."""
    if row.partner:
        return row.partner.name
    outgoing = row.interchange.direction == "out"
    return row.interchange.receiver if outgoing else row.interchange.sender


def _day(request: StaffRequest) -> list[Tile]:
    """How the messages of the day stand; nothing is shown as zero where nothing came in."""
    state = queries.day_state(client_ids=request.client_ids, day=clock.today(), at=clock.now())
    tiles = []
    if state.received:
        tiles = [
            Tile("heute eingegangen", number_de(state.received)),
            Tile("verarbeitet", number_de(state.processed), "", "?state=processed", "ok"),
            Tile(
                "in Klärung", number_de(state.in_case), "", "?state=case", "warn" if state.in_case else "ok"
            ),
            Tile(
                "fehlerhaft",
                number_de(state.rejected),
                "",
                "?state=rejected",
                "bad" if state.rejected else "ok",
            ),
            Tile("Werte übernommen", number_de(state.values_stored), f"von {number_de(state.values_found)}"),
        ]
    if state.overdue:
        url = reverse("market:silent")
        tiles.append(
            Tile("überfällige Bestätigungen", number_de(state.overdue), "Stille ist ein Alarm", url, "bad")
        )
    return tiles


@page()
def silent(request: StaffRequest) -> HttpResponse:
    """Acknowledgements that are past their time: missing messages are rows, too."""
    rows = queries.overdue(client_ids=request.client_ids, at=clock.now())
    columns = [
        Column("Bestätigung", "get_kind_display", second="interchange.name"),
        Column(
            "wer schuldet sie", lambda row: "wir" if row.interchange.direction == "in" else "Marktpartner"
        ),
        Column("Marktpartner", _other_side),
        Column("Nachricht", lambda row: row.message or "ganze Datei"),
        Column("fällig", lambda row: light(moment_de(row.due_at), "bad"), sort="due_at"),
    ]
    table = Table(
        request,
        rows,
        columns,
        row_url=_message_of,
        empty=Empty("Niemand schuldet eine Bestätigung.", "Zu den Nachrichten", reverse("market:messages")),
    )
    shown = Page(
        "Fehlende Bestätigungen",
        sub="CONTRL und APERAK, deren technische Frist verstrichen ist",
        tabs=tabs("silent"),
    )
    return render_list(request, shown, table)


def _message_of(row: Acknowledgement) -> str:
    """The page of the message an acknowledgement is about; for a whole file its first one."""
    first = row.message_id or row.interchange.messages.values_list("pk", flat=True).first()
    return reverse("market:message", args=[first]) if first else ""


def _other_side(row: Acknowledgement) -> str:
    """The partner's code number."""
    incoming = row.interchange.direction == "in"
    return str(row.interchange.sender if incoming else row.interchange.receiver)


@page()
def message(request: StaffRequest, pk: int) -> HttpResponse:
    """One message: what it means, what became of it, and its segments with the errors marked."""
    one = get_object_or_404(
        Message.objects.select_related("interchange__original", "partner", "market_location", "client"), pk=pk
    )
    read: Explained = explain(one)
    answers = [
        (row, clock_of(row))
        for row in Acknowledgement.objects.filter(interchange=one.interchange).order_by("due_at")
        if row.message_id in {None, pk}
    ]
    actions = []
    if may(request, one.client_id, STAFF) and one.state in {"received", "case", "rejected"}:
        actions.append(
            Action("Erneut verarbeiten", reverse("market:reprocess", args=[pk]), "post", "primary")
        )
    if one.market_location_id:
        actions.append(
            Action("Messwerte", reverse("metering:location", args=[one.market_location_id]), icon="meter")
        )
    shown = Page(
        f"{one.type} {one.pid} {one.reference}".strip(),
        sub=f"{one.interchange.name} · {one.client.name}",
        crumbs=[("Nachrichten", reverse("market:messages"))],
        badges=[state(one)],
        actions=actions,
    )
    context: dict[str, Any] = {"page": shown, "one": one, "read": read, "answers": answers}
    return render(request, "market/message.html", context)


@page(*STAFF)
@require_POST
def reprocess(request: StaffRequest, pk: int) -> HttpResponse:
    """Understand a message once more, after what was missing has been entered."""
    one = get_object_or_404(Message, pk=pk)
    require(request, one.client_id, STAFF)
    try:
        services.reprocess(message_id=pk, user=request.user, at=clock.now())
    except ValueError as error:
        notes.error(request, str(error))
    else:
        one.refresh_from_db()
        notes.info(request, one.outcome or one.get_state_display())
    return redirect("market:message", pk)


class UploadForm(forms.Form):
    file = forms.FileField(label="EDIFACT-Datei")


@page(*STAFF)
def upload(request: StaffRequest) -> HttpResponse:
    """Take a file in by hand. The original is stored before anything else."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        services.take_in(
            client_id=client_id, content=file.read(), name=file.name, at=clock.now(), user=request.user
        )
        notes.success(request, f"„{file.name}“ ist eingelesen; die Nachrichten stehen oben in der Liste.")
        return redirect("market:messages")
    shown = Page("Datei einlesen", crumbs=[("Nachrichten", reverse("market:messages"))])
    return render_form(request, shown, form, submit="Einlesen", back=reverse("market:messages"))
