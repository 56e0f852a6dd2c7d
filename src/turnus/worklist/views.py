"""The case list, a case with its solutions, and the inbox of approvals."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from turnus.clients.access import DECIDERS, STAFF, StaffRequest, may, page, require
from turnus.clients.models import Role
from turnus.clients.services import may_decide, thresholds
from turnus.system import clock
from turnus.system.models import AuditEntry, User
from turnus.ui.formats import bool_de, date_de, moment_de, plain_de
from turnus.ui.links import url_of
from turnus.ui.pages import Event, Page, Tab, neighbours, render_list
from turnus.ui.tables import Badge, Column, Empty, Table, light
from turnus.worklist import services
from turnus.worklist.forms import AssignForm, CaseFilter, CloseForm, DecisionForm, NoteForm
from turnus.worklist.models import Approval, Case

PRIORITIES = {Case.Priority.HIGH: "bad", Case.Priority.NORMAL: "", Case.Priority.LOW: ""}
STATES = {Case.State.OPEN: "warn", Case.State.WAITING: "info", Case.State.DONE: "ok"}
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# A figure with decimals; longer rows of digits are numbers of things and stay as they are.
PLAIN_DECIMAL = re.compile(r"-?\d{1,9}\.\d{1,6}")
DECIDED = {"open": "warn", "approved": "ok", "rejected": "bad"}


def in_words(details: dict[str, Any]) -> list[tuple[str, str]]:
    """What a room noted with a case or a proposal, in German; lists and empty values are left out."""
    found = []
    for name, value in details.items():
        if value is None or value == "" or isinstance(value, dict | list):
            continue
        text = bool_de(value) if isinstance(value, bool) else str(value)
        if ISO_DAY.fullmatch(text):
            text = date_de(date.fromisoformat(text))
        elif PLAIN_DECIMAL.fullmatch(text):
            text = plain_de(Decimal(text))
        found.append((name, text))
    return found


def _due(case: Case) -> Badge | str:
    """Traffic light of the deadline: over it, on its last three days, or in time."""
    if case.due_on is None or case.state == Case.State.DONE:
        return date_de(case.due_on)
    days = (case.due_on - clock.today()).days
    tone = "bad" if days < 0 else "warn" if days <= 3 else "ok"
    return light(date_de(case.due_on), tone)


@page()
def cases(request: StaffRequest) -> HttpResponse:
    """One list for every kind of case."""
    filters = CaseFilter(request)
    rows = filters.apply_all(
        Case.objects.select_related("owner", "client"), user=request.user, today=clock.today()
    )
    columns = [
        Column("Fall", "title", second=lambda row: f"{row.number} · {row.object_label}".strip(" ·")),
        Column(
            "Priorität",
            lambda row: Badge(row.get_priority_display(), PRIORITIES[row.priority]),
            sort="priority",
        ),
        Column("fällig", _due, sort="due_on"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), STATES[Case.State(row.state)])),
        Column("Baustein", "service", sort="service"),
        Column("Vorkommen", "occurrences", "number", sort="occurrences"),
        Column("Zuständig", lambda row: row.owner or "Team"),
        Column("Auftraggeber", "client.name"),
    ]
    empty = Empty(
        "Kein offener Klärungsfall. Was eine Maschine nicht erledigen kann, erscheint hier mit Grund."
    )
    table = Table(
        request, rows, columns, row_url=lambda row: reverse("worklist:case", args=[row.pk]), empty=empty
    )
    return render_list(request, Page("Klärungsliste"), table, filters=filters)


def _people(client_id: int) -> QuerySet[User]:
    return User.objects.filter(memberships__client_id=client_id, memberships__role__in=STAFF).order_by(
        "last_name"
    )


@page()
def case(request: StaffRequest, pk: int) -> HttpResponse:
    """One case: reason, what it is about, the solutions that can be run, its history."""
    one = get_object_or_404(Case.objects.select_related("owner", "client", "closed_by"), pk=pk)
    ids = Case.objects.exclude(state=Case.State.DONE).values_list("pk", flat=True)[:500]
    before, after = neighbours(ids, pk)
    shown = Page(
        one.title,
        sub=f"{one.number} · {one.client.name} · Baustein {one.service}",
        crumbs=[("Klärungsliste", reverse("worklist:cases"))],
        badges=[Badge(one.get_state_display(), STATES[Case.State(one.state)])],
    )
    editable = may(request, one.client_id, STAFF) and one.state != Case.State.DONE
    start = {"owner": one.owner_id, "due_on": one.due_on}
    context = {
        "page": shown,
        "case": one,
        "due": _due(one),
        "details": in_words(one.details),
        "object_url": url_of(one.object_kind, one.object_id),
        "events": _history(one),
        "editable": editable,
        "actions": services.actions_of(one) if editable else [],
        "note": NoteForm(auto_id="note_%s"),
        "assign": AssignForm(people=_people(one.client_id), initial=start, auto_id="assign_%s"),
        "close": CloseForm(auto_id="close_%s"),
        "before": before,
        "after": after,
    }
    return render(request, "worklist/case.html", context)


def _history(one: Case) -> list[Event]:
    events = [Event(moment_de(one.opened_at), "eröffnet", "System", one.reason, "warn")]
    for note in one.notes.select_related("user"):
        events.append(Event(moment_de(note.at), note.text, str(note.user or "System")))
    if one.closed_at:
        who = str(one.closed_by or "System")
        events.append(Event(moment_de(one.closed_at), "erledigt", who, one.outcome, "ok"))
    return events[::-1]


def _open_case(request: StaffRequest, pk: int) -> Case:
    one = get_object_or_404(Case, pk=pk)
    require(request, one.client_id, STAFF)
    return one


@page(*STAFF)
@require_POST
def case_note(request: StaffRequest, pk: int) -> HttpResponse:
    """Add a remark."""
    one = _open_case(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        services.add_note(case=one, user=request.user, at=clock.now(), text=form.cleaned_data["text"])
    else:
        messages.error(request, "Die Notiz ist leer.")
    return redirect("worklist:case", pk)


@page(*STAFF)
@require_POST
def case_assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the case to a person or back to the team."""
    one = _open_case(request, pk)
    form = AssignForm(request.POST, people=_people(one.client_id))
    if form.is_valid():
        chosen = form.cleaned_data["owner"]
        owner = _people(one.client_id).filter(pk=chosen).first() if chosen else None
        services.assign_case(
            case=one, owner=owner, user=request.user, at=clock.now(), due_on=form.cleaned_data["due_on"]
        )
        messages.success(request, f"Zuständig ist jetzt {owner or 'das Team'}.")
    else:
        messages.error(request, "Diese Person arbeitet nicht für den Auftraggeber.")
    return redirect("worklist:case", pk)


@page(*STAFF)
@require_POST
def case_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close the case with its outcome and go on to the next one."""
    one = _open_case(request, pk)
    form = CloseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Bitte das Ergebnis in Worten festhalten.")
        return redirect("worklist:case", pk)
    try:
        services.close_case(case=one, user=request.user, at=clock.now(), outcome=form.cleaned_data["outcome"])
    except services.AlreadyDecided as error:
        messages.error(request, str(error))
        return redirect("worklist:case", pk)
    messages.success(request, f"{one.number} ist erledigt.")
    return redirect("worklist:cases")


@page(*STAFF)
@require_POST
def case_action(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Run one of the solutions registered for this kind of case."""
    one = _open_case(request, pk)
    try:
        form = {key: str(value) for key, value in request.POST.items()}
        outcome = services.run_action(case=one, name=name, user=request.user, at=clock.now(), form=form)
    except (LookupError, ValueError, PermissionError, IntegrityError, ObjectDoesNotExist) as error:
        messages.error(request, str(error))
        return redirect("worklist:case", pk)
    messages.success(request, outcome)
    return redirect("worklist:cases")


@page()
def approvals(request: StaffRequest) -> HttpResponse:
    """Everything that needs a second person."""
    decided = request.GET.get("tab") == "entschieden"
    rows = Approval.objects.select_related("client", "proposed_by", "decided_by")
    rows = rows.exclude(state="open") if decided else rows.filter(state="open")
    columns = [
        Column("Vorgang", "title", second="client.name"),
        Column("Betrag", "amount", "euro", sort="amount"),
        Column("vorgeschlagen von", "proposed_by", second="proposed_at", second_kind="moment"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), DECIDED[row.state])),
    ]
    if decided:
        columns.append(Column("entschieden von", "decided_by", second="decided_at", second_kind="moment"))
        columns.append(Column("Begründung", "reason"))
    shown = Page(
        "Freigaben",
        sub="Was eine zweite Person braucht",
        tabs=[Tab("offen", "?", not decided), Tab("entschieden", "?tab=entschieden", decided)],
    )
    empty = Empty("Nichts wartet auf eine zweite Person.")
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("worklist:approval", args=[row.pk]),
        sort="-id" if decided else "id",
        empty=empty,
    )
    return render_list(request, shown, table)


@page()
def approval(request: StaffRequest, pk: int) -> HttpResponse:
    """One matter with everything the second person needs to decide."""
    one = get_object_or_404(Approval.objects.select_related("client", "proposed_by", "decided_by"), pk=pk)
    open_ids = Approval.objects.filter(state="open").order_by("pk").values_list("pk", flat=True)[:500]
    before, after = neighbours(open_ids, pk)
    shown = Page(
        one.title,
        sub=one.client.name,
        crumbs=[("Freigaben", reverse("worklist:approvals"))],
        badges=[Badge(one.get_state_display(), DECIDED[one.state])],
    )
    context = {
        "page": shown,
        "approval": one,
        "refused": _refusal(request, one),
        "object_url": url_of(one.object_kind, one.object_id),
        "details": in_words(one.details),
        "change": one.details.get("change"),
        "billed": [
            (number, contract, date_de(date.fromisoformat(start)), date_de(date.fromisoformat(end)))
            for number, contract, start, end in one.details.get("billed", [])
        ],
        "form": DecisionForm(),
        "before": before,
        "after": after,
    }
    return render(request, "worklist/approval.html", context)


def _refusal(request: StaffRequest, one: Approval) -> str:
    """Why this user cannot decide here; empty if it can."""
    if one.state != Approval.State.OPEN:
        return "Bereits entschieden."
    if one.proposed_by_id == request.user.pk:
        return "Vier-Augen-Prinzip: Sie haben das selbst vorgeschlagen."
    role = request.roles.get(one.client_id, "")
    if one.amount is not None and _limited(one):
        if not may_decide(client_id=one.client_id, user=request.user, kind=one.kind, amount=one.amount):
            return f"Der Betrag liegt über der Wertgrenze Ihrer Rolle ({Role(role).label})."
    elif role not in _deciders(one.kind):
        return "Das entscheidet die Teamleitung oder der Auftraggeber."
    return ""


def _deciders(kind: str) -> Collection[str]:
    table: Mapping[str, Collection[str]] = import_string(f"{settings.TURNUS_HANDLERS}.APPROVAL_ROLES")
    return table.get(kind, DECIDERS)


def _limited(one: Approval) -> bool:
    return bool(thresholds(client_id=one.client_id, kind=one.kind))


@page()
@require_POST
def approval_decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Approve or reject. The proposer is refused here, by the service and by the database."""
    one = get_object_or_404(Approval, pk=pk)
    refused = _refusal(request, one)
    form = DecisionForm(request.POST)
    if refused or not form.is_valid():
        messages.error(request, refused or "Eine Ablehnung braucht eine Begründung.")
        return redirect("worklist:approval", pk)
    approve = form.cleaned_data["decision"] == "approve"
    try:
        with transaction.atomic():
            services.decide(
                approval=one,
                approve=approve,
                user=request.user,
                at=clock.now(),
                reason=form.cleaned_data["reason"],
            )
    except (PermissionError, ValueError, IntegrityError) as error:
        messages.error(request, str(error))
        return redirect("worklist:approval", pk)
    messages.success(request, f"„{one.title}“ ist {'freigegeben' if approve else 'abgelehnt'}.")
    return redirect("worklist:approvals")


@page()
def audit(request: StaffRequest) -> HttpResponse:
    """Who did what, newest first; with ?art=&id= the history of one object."""
    rows = AuditEntry.objects.select_related("user", "client")
    kind, object_id = request.GET.get("art", ""), request.GET.get("id", "")
    if kind:
        rows = rows.filter(object_kind=kind)
    if object_id.isascii() and object_id.isdigit():
        rows = rows.filter(object_id=int(object_id))
    columns = [
        Column("Zeitpunkt", "at", "moment"),
        Column("Person", lambda row: row.user or "System"),
        Column("Vorgang", "action", second="text"),
        Column("Objekt", lambda row: f"{row.object_kind} {row.object_id or ''}"),
        Column("Auftraggeber", "client.name"),
    ]
    table = Table(
        request, rows, columns, row_url=lambda row: url_of(row.object_kind, row.object_id), sort="-id"
    )
    return render_list(request, Page("Protokoll", sub="Wer hat wann was getan"), table)
