"""What is asked of market partners: the list with its clocks, and the course of one request."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from turnus.clients.access import StaffRequest, mine, page
from turnus.metering import queries
from turnus.metering.calc.requests import Stage, stage
from turnus.metering.forms import STAGES, RequestFilter
from turnus.metering.models import ValueRequest
from turnus.system import clock
from turnus.ui.formats import date_de, moment_de, number_de
from turnus.ui.pages import Action, Event, Page, Tab, Tile, render_list
from turnus.ui.tables import Badge, Column, Empty, Table, light

TONES = {
    Stage.RECORDED: "warn",
    Stage.ASKED: "info",
    Stage.REMINDED: "warn",
    Stage.ESCALATED: "bad",
    Stage.ANSWERED: "ok",
}
URGENT_DAYS = 14
JOINED = (
    "market_location__grid_operator", "market_location__metering_operator",
)  # fmt: skip


def tabs(current: str) -> list[Tab]:
    """The two lists of this area."""
    names = {"readings": "Zählerstände", "requests": "Anforderungen"}
    return [
        Tab(label, "?" if name == current else reverse(f"metering:{name}"), name == current)
        for name, label in names.items()
    ]


@page()
def requests(request: StaffRequest) -> HttpResponse:
    today = clock.today()
    filters = RequestFilter(request)
    known = mine(request, ValueRequest.objects.all())
    columns = [
        Column("Marktlokation", "market_location.market_location_id"),
        Column("Anforderung", "get_kind_display", second=_span),
        Column("zuständig", _responsible, second="reference"),
        Column("Stand", _stage),
        Column("angefordert", "sent_at", "date", sort="sent_at"),
        Column("Antwort bis", lambda row: _deadline(row, row.due_on, today), sort="due_on"),
        Column("erinnert", "reminded_at", "date", second="reminder_reference"),
        Column("Antwort bis", lambda row: _deadline(row, row.reminder_due_on, today)),
        Column("Rechnung bis (§ 40c)", lambda row: countdown(row, today)),
    ]
    table = Table(
        request,
        filters.apply(known.select_related(*JOINED)),
        columns,
        row_url=lambda row: reverse("metering:valuerequest", args=[row.pk]),
        sort="-id",
        empty=Empty("Keine Anforderung. Was fehlt, fordert die Tagesarbeit selbsttätig an."),
    )
    waiting = known.filter(answered_at__isnull=True).order_by()
    count, silent = waiting.count(), waiting.filter(escalated_at__isnull=False).count()
    tiles = [Tile("offen", number_de(count), "", "?stage=open", "info")] if count else []
    if silent:
        tiles.append(Tile("ohne Antwort", number_de(silent), "in Klärung", "?stage=escalated", "bad"))
    shown = Page(
        "Anforderungen",
        sub="Zählerstände, Lastgänge, Brennwerte und Zustandszahlen, die uns Marktpartner schulden",
        tabs=tabs("requests"),
        tiles=tiles,
    )
    return render_list(request, shown, table, filters=filters)


@page()
def value_request(request: StaffRequest, pk: int) -> HttpResponse:
    """One request: what is missing, who owes it, its clocks and its course."""
    one = get_object_or_404(
        ValueRequest.objects.select_related(
            "market_location__grid_operator", "market_location__metering_operator", "client",
            "register__meter", "series",
        ),
        pk=pk,
    )  # fmt: skip
    today = clock.today()
    place = one.market_location
    shown = Page(
        f"{one.get_kind_display()} für {place.market_location_id}",
        sub=f"{_span(one)} · {one.client.name}",
        crumbs=[("Messwerte", reverse("metering:readings")), ("Anforderungen", reverse("metering:requests"))],
        badges=[_stage(one)],
        actions=[
            Action("Messwerte", reverse("metering:location", args=[place.pk]), icon="meter"),
        ],
    )
    if one.reference:
        shown.actions = [*shown.actions, _message("Anforderung", one.reference)]
    if one.reminder_reference:
        shown.actions = [*shown.actions, _message("Erinnerung", one.reminder_reference)]
    context = {
        "page": shown,
        "one": one,
        "span": _span(one),
        "responsible": queries.responsible_party(one),
        "deadline": _deadline(one, one.due_on, today),
        "reminder_deadline": _deadline(one, one.reminder_due_on, today),
        "bill_by": queries.bill_by(one),
        "countdown": countdown(one, today),
        "events": _events(one),
    }
    return render(request, "metering/request.html", context)


def _message(label: str, reference: str) -> Action:
    """The way to one of our ORDERS in the message list."""
    return Action(f"{label} ansehen", f"{reverse('market:messages')}?q={reference}", icon="message")


def _stage(row: ValueRequest) -> Badge:
    now = stage(queries.course_of(row))
    return Badge(STAGES[now], TONES[now])


def _span(row: ValueRequest) -> str:
    """The time asked about, first and last day; one day for a reading."""
    first, last = row.period.lower, row.period.upper - timedelta(days=1)
    return date_de(first) if first == last else f"{date_de(first)} – {date_de(last)}"


def _responsible(row: ValueRequest) -> str:
    partner = queries.responsible_party(row)
    return partner.name if partner else "nicht eingetragen"


def _deadline(row: ValueRequest, due: date | None, today: date) -> Badge | str:
    """A date; a traffic light while the request is open."""
    if due is None or row.answered_at:
        return date_de(due)
    return light(date_de(due), "bad" if due < today else "ok")


def countdown(row: ValueRequest, today: date) -> Badge | str:
    """Days left until the bill has to be written; nothing counts once the values are in."""
    limit = queries.bill_by(row)
    if row.answered_at:
        return date_de(limit)
    left = (limit - today).days
    if left < 0:
        return light("1 Tag zu spät" if left == -1 else f"{-left} Tage zu spät", "bad")
    text = "heute" if left == 0 else "noch 1 Tag" if left == 1 else f"noch {left} Tage"
    return light(text, "warn" if left <= URGENT_DAYS else "ok")


def _events(one: ValueRequest) -> list[Event]:
    """The course of the request, oldest first."""
    course = [
        (one.requested_at, "angelegt", one.reason, "info"),
        (one.sent_at, "angefordert", f"ORDERS {one.reference}, Antwort bis {date_de(one.due_on)}", "info"),
        (
            one.reminded_at,
            "erinnert",
            f"ORDERS {one.reminder_reference}, Antwort bis {date_de(one.reminder_due_on)}",
            "warn",
        ),
        (one.escalated_at, "in Klärung", "Niemand hat geantwortet; es gibt einen Klärungsfall.", "bad"),
        (one.answered_at, "beantwortet", "Die Werte sind eingetroffen.", "ok"),
    ]
    return [Event(moment_de(when), what, "System", note, tone) for when, what, note, tone in course if when]
