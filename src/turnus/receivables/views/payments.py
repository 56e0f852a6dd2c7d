"""Payments nobody recognised: statement line, ranked suggestions, assignment, undoing; statements."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require, staff_only, the_client
from turnus.lib.money import from_cents
from turnus.receivables import services
from turnus.receivables.files.records import FileRefused
from turnus.receivables.forms import (
    CUSTOMER,
    ESCALATION_DAYS,
    EntryFilter,
    EntryNoteForm,
    FindItemForm,
    ReturnForm,
    StatementForm,
)
from turnus.receivables.models import OpenItem, Statement, StatementEntry
from turnus.receivables.queries import open_return
from turnus.receivables.views.items import due_light, payer
from turnus.system import clock
from turnus.system.models import User
from turnus.ui.fields import CentsField
from turnus.ui.formats import cents_de, number_de
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, Tab, Tile, neighbours, render_form, render_list
from turnus.ui.tables import Badge, Column, Empty, Table, light

TONES = {
    "new": "info",
    "allocated": "ok",
    "suspense": "warn",
    "assigned": "ok",
    "returned": "bad",
    "collected": "ok",
    "informed": "",
    "refunded": "info",
}


def waiting(request: StaffRequest) -> QuerySet[StatementEntry]:
    """Unmatched payments, oldest first."""
    rows = StatementEntry.objects.filter(state=StatementEntry.State.SUSPENSE)
    return mine(request, rows).order_by("booking_date", "pk")


def _age(row: StatementEntry, today: date) -> Badge | str:
    if row.state != StatementEntry.State.SUSPENSE:
        return ""
    days = (today - row.booking_date).days
    return light(f"{days} Tage", "bad" if days > ESCALATION_DAYS else "warn" if days > 3 else "ok")


@page()
def suspense(request: StaffRequest) -> HttpResponse:
    """The list of payments; without a filter only those that wait for a person."""
    filters = EntryFilter(request)
    today = clock.today()
    everything = bool(request.GET.get("state"))
    base = mine(request, StatementEntry.objects.order_by("-pk")) if everything else waiting(request)
    rows = filters.apply(base.select_related("client", "owner", "statement"))
    columns = [
        Column("Zahler", lambda row: row.name or "ohne Namen", second="iban"),
        Column("Verwendungszweck", lambda row: row.remittance[:140]),
        Column("Betrag", "amount_cents", "cents", sort="amount_cents"),
        Column("gebucht", "booking_date", "date", sort="booking_date"),
        Column("Alter", lambda row: _age(row, today)),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES[row.state])),
        Column("Zuständig", lambda row: row.owner or "Team"),
        Column("Auftraggeber", "client.name"),
    ]
    upload_url = reverse("receivables:upload")
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("receivables:statemententry", args=[row.pk]),
        empty=Empty("Jede Zahlung ist zugeordnet.", "Kontoauszug einlesen", upload_url),
    )
    shown = Page(
        "Zahlungszuordnung",
        sub="Ungeklärte Zahlungen sind am selben Tag auf das Klärungskonto gebucht",
        actions=staff_only(
            request, Action("Kontoauszug einlesen", upload_url, tone="primary", icon="upload", key="e")
        ),
        tiles=_ageing(request, today),
        tabs=[Tab("Zahlungen", "?", True), Tab("Kontoauszüge", reverse("receivables:statements"))],
    )
    return render_list(request, shown, table, filters=filters)


def _ageing(request: StaffRequest, today: date) -> list[Tile]:
    """What lies in suspense, and what of it longer than it may."""
    late = Q(booking_date__lt=today - timedelta(days=ESCALATION_DAYS))
    found = waiting(request).aggregate(
        count=Count("pk"),
        cents=Sum("amount_cents"),
        late=Count("pk", filter=late),
        late_cents=Sum("amount_cents", filter=late),
        unowned=Count("pk", filter=Q(owner=None)),
    )
    return [
        Tile("ungeklärt", number_de(found["count"]), cents_de(found["cents"] or 0), "?"),
        Tile(
            f"länger als {ESCALATION_DAYS} Tage",
            number_de(found["late"]),
            cents_de(found["late_cents"] or 0),
            "?overdue=on",
            "bad" if found["late"] else "ok",
        ),
        Tile("ohne Zuständigen", number_de(found["unowned"]), "nimmt, wer sie öffnet"),
    ]


@page()
def statements(request: StaffRequest) -> HttpResponse:
    rows = mine(request, Statement.objects.select_related("client", "imported_by"))
    columns = [
        Column("Auszug", "statement_id", second="kind"),
        Column("Konto", "account"),
        Column("von", "first_day", "date"),
        Column("bis", "last_day", "date", sort="last_day"),
        Column("Anfangssaldo", "opening_cents", "cents"),
        Column("Endsaldo", "closing_cents", "cents"),
        Column("Umsätze", "entries", "number"),
        Column("schon bekannt", "known", "number"),
        Column("eingelesen", "imported_at", "moment", second=lambda row: row.imported_by or "System"),
    ]
    table = Table(request, rows, columns, sort="-id", empty=Empty("Noch kein Kontoauszug."))
    shown = Page(
        "Kontoauszüge",
        tabs=[Tab("Zahlungen", reverse("receivables:suspense")), Tab("Kontoauszüge", "?", True)],
    )
    return render_list(request, shown, table)


def _people(client_id: int) -> QuerySet[User]:
    return User.objects.filter(memberships__client_id=client_id, memberships__role__in=STAFF).order_by(
        "last_name"
    )


@page()
def entry(request: StaffRequest, pk: int) -> HttpResponse:
    """One payment: the statement line, ranked suggestions with their reasons, assignment with split."""
    one = get_object_or_404(
        StatementEntry.objects.select_related("statement", "client", "owner", "subaccount"), pk=pk
    )
    return _show(request, one)


def _show(
    request: StaffRequest,
    one: StatementEntry,
    errors: Sequence[str] = (),
    sending_back: ReturnForm | None = None,
) -> HttpResponse:
    before, after = neighbours(waiting(request).values_list("pk", flat=True)[:500], one.pk)
    open_entry = one.state == StatementEntry.State.SUSPENSE
    finder = FindItemForm(request.GET or None)
    account = getattr(one.subaccount, "contract_account", None) if one.subaccount_id else None
    shown = Page(
        f"{cents_de(one.amount_cents)} von {one.name or 'unbekannt'}",
        sub=f"{one.statement.account} · gebucht {one.booking_date:%d.%m.%Y} · {one.client.name}",
        crumbs=[("Zahlungszuordnung", reverse("receivables:suspense"))],
        badges=[Badge(one.get_state_display(), TONES[one.state])],
    )
    context: dict[str, Any] = {
        "page": shown,
        "one": one,
        "errors": errors,
        "editable": open_entry and may(request, one.client_id, STAFF),
        "undoable": one.state == StatementEntry.State.ASSIGNED and may(request, one.client_id, STAFF),
        "choices": _choices(request, one, finder) if open_entry else [],
        "finder": finder,
        "note": EntryNoteForm(
            people=_people(one.client_id), initial={"owner": one.owner_id, "note": one.note}
        ),
        "customer_url": url_of("masterdata.customer", account.customer_id) if account else "",
        "sending_back": sending_back or ReturnForm(initial={"name": one.name[:70], "remittance": _why(one)}),
        "proposed": open_return(entry=one) if open_entry else None,
        "payouts": one.payouts.select_related("file", "approved_by"),
        "before": before,
        "after": after,
    }
    return render(request, "receivables/entry.html", context, status=422 if errors else 200)


def _why(one: StatementEntry) -> str:
    """What the sender reads when nothing else is typed: that it goes back, and what he had written."""
    return f"Ihre Zahlung vom {one.booking_date:%d.%m.%Y} ist nicht zuzuordnen: {one.remittance}"[:140]


def _choices(request: StaffRequest, one: StatementEntry, finder: FindItemForm) -> list[dict[str, Any]]:
    """Open items a payment may belong to: those of the suggested accounts, then what was looked for.

    The best suggestion is filled in: its item, or the oldest items of its account.
    """
    today = clock.today()
    ranked = services.suggestions(entry_id=one.pk)
    known = mine(request, OpenItem.objects.filter(client_id=one.client_id)).select_related(CUSTOMER)
    owed: dict[int, list[OpenItem]] = {found.account_id: [] for found in ranked}
    for item in known.filter(subaccount__in=owed, side=1, open_cents__gt=0).order_by("due_date", "pk"):
        owed[item.subaccount_id].append(item)
    left, choices, seen = max(one.amount_cents, 0), [], set()
    for place, found in enumerate(ranked):
        items = owed[found.account_id]
        exact = [item for item in items if item.pk == found.item_id]
        for item in [*exact, *[item for item in items if item.pk != found.item_id]]:
            wanted = place == 0 and (not exact or item.pk == found.item_id)
            part = min(left, item.open_cents) if wanted else 0
            left -= part
            seen.add(item.pk)
            reason = ", ".join(found.reasons)
            choices.append(_choice(item, today, f"{found.points} %: {reason}", part))
    choices += [_choice(item, today, "gesucht", 0) for item in finder.find(known) if item.pk not in seen]
    return choices


def _choice(item: OpenItem, today: date, reason: str, part: int) -> dict[str, Any]:
    return {
        "item": item,
        "payer": payer(item),
        "due": due_light(item, today),
        "reason": reason,
        "part": from_cents(part) if part else None,
    }


@page(*STAFF)
@require_POST
def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Assign a payment to one or several items; the rest stays as credit on the account."""
    one = get_object_or_404(StatementEntry.objects.select_related("statement", "client", "owner"), pk=pk)
    require(request, one.client_id, STAFF)
    try:
        parts = _parts(request)
        _, after = neighbours(waiting(request).values_list("pk", flat=True)[:500], pk)
        services.assign(entry_id=pk, parts=parts, user=request.user, at=clock.now())
    except forms.ValidationError as error:
        return _show(request, one, error.messages)
    except (ValueError, PermissionError, LookupError) as error:
        return _show(request, one, [str(error)])
    messages.success(request, "Die Zahlung ist zugeordnet.")
    return redirect("receivables:statemententry", after) if after else redirect("receivables:suspense")


def _parts(request: StaffRequest) -> list[tuple[int, Decimal]]:
    """(item, euros) of every line with an amount. Raises ValidationError with the line that is wrong."""
    field = CentsField(required=False, min_value=0)
    parts = []
    for name, text in request.POST.items():
        item = name.removeprefix("betrag-")
        if not name.startswith("betrag-") or not item.isascii() or not item.isdigit():
            continue
        cents = field.clean(str(text))
        if cents:
            parts.append((int(item), from_cents(cents)))
    if not parts:
        raise forms.ValidationError("Bitte mindestens einem Posten einen Betrag geben.")
    return parts


@page(*STAFF)
@require_POST
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """Take an assignment back; the payment waits again."""
    one = get_object_or_404(StatementEntry, pk=pk)
    require(request, one.client_id, STAFF)
    try:
        services.undo_assignment(entry_id=pk, user=request.user, at=clock.now())
    except (ValueError, PermissionError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Die Zuordnung ist zurückgenommen.")
    return redirect("receivables:statemententry", pk)


@page(*STAFF)
@require_POST
def send_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Propose to return a payment to its sender; a second person decides under "Freigaben"."""
    one = get_object_or_404(StatementEntry.objects.select_related("statement", "client", "owner"), pk=pk)
    require(request, one.client_id, STAFF)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _show(request, one, ["Bitte Empfänger und Verwendungszweck angeben."], form)
    try:
        services.propose_return(entry_id=pk, user=request.user, at=clock.now(), **form.cleaned_data)
    except ValueError as error:
        return _show(request, one, [str(error)], form)
    messages.success(request, "Die Rücküberweisung ist vorgeschlagen; eine zweite Person gibt sie frei.")
    return redirect("receivables:statemententry", pk)


@page(*STAFF)
@require_POST
def note(request: StaffRequest, pk: int) -> HttpResponse:
    """Owner and note of a payment that takes longer."""
    one = get_object_or_404(StatementEntry, pk=pk)
    require(request, one.client_id, STAFF)
    form = EntryNoteForm(request.POST, people=_people(one.client_id))
    if form.is_valid():
        owner = form.cleaned_data["owner"]
        services.take_over(
            entry_id=pk,
            owner=_people(one.client_id).get(pk=owner) if owner else None,
            note=form.cleaned_data["note"],
        )
        messages.success(request, "Gespeichert.")
    return redirect("receivables:statemententry", pk)


def _told(result: services.ImportResult) -> str:
    """What became of a file, in one sentence."""
    if not result.new:
        return f"„{result.name}“ war schon bekannt; es hat sich nichts geändert."
    parts = [
        (result.allocated, "zugeordnet"),
        (result.collected, "Einzüge"),
        (result.returned, "Rücklastschriften"),
        (result.suspense, "ungeklärt"),
        (result.known, "schon bekannt"),
    ]
    told = ", ".join(f"{count} {word}" for count, word in parts if count)
    return f"„{result.name}“: {result.new} neue Umsätze ({told})."


@page(*STAFF)
def upload(request: StaffRequest) -> HttpResponse:
    """Read a statement: the original is archived first, then booked; the same file twice changes nothing."""
    client_id = the_client(request)
    require(request, client_id, STAFF)
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            result = services.import_statement(
                client_id=client_id, content=file.read(), name=file.name, at=clock.now(), user=request.user
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
        else:
            messages.success(request, _told(result))
            return redirect("receivables:suspense")
    shown = Page("Kontoauszug einlesen", crumbs=[("Zahlungszuordnung", reverse("receivables:suspense"))])
    return render_form(request, shown, form, submit="Einlesen", back=reverse("receivables:suspense"))
