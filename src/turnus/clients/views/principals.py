"""Principals: choosing one, and what it has booked and decided."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from turnus.clients import services
from turnus.clients.access import DECIDERS, PRINCIPAL, StaffRequest, may, page, require
from turnus.clients.catalogue import SERVICES
from turnus.clients.forms import THRESHOLD_KINDS, LetterheadForm, ServicesForm, ThresholdForm
from turnus.clients.models import ApprovalThreshold, BookedService, HouseBank, Letterhead, Membership, Role
from turnus.system import clock
from turnus.system.models import Principal
from turnus.ui.pages import Action, Page, Tab, render_form, render_list, tab_of
from turnus.ui.tables import Column, Empty, Table

TABS = {
    "grenzen": "Wertgrenzen",
    "bausteine": "Bausteine",
    "entscheidungen": "Vorgaben",
    "briefkopf": "Briefkopf und Bank",
    "zugaenge": "Zugänge",
}
DECISIONS = {
    "reading_limit_factor": "Ablesung unplausibel ab dem …fachen der Erwartung",
    "reading_limit_floor": "Ablesung unplausibel erst ab (kWh)",
    "vat_model": "Umsatzsteuer bei Satzwechsel",
    "split": "Verbrauchsabgrenzung",
    "bill_deviation_percent": "Abweichung zum Vorjahr ab (%)",
    "bill_due_days": "Zahlungsziel der Rechnung (Tage)",
    "payment_tolerance": "Toleranz beim Zahlungsausgleich (€)",
    "dunning_grace_days": "Karenz vor der Erinnerung (Tage)",
    "dunning_minimum": "Mindestbetrag der Erinnerung (€)",
    "dunning_fee_level_1": "Gebühr der Erinnerung (€)",
    "dunning_due_days": "Frist der Erinnerung (Tage)",
    "pre_notification_days": "Vorankündigung der Lastschrift (Tage)",
    "debit_lead_days": "Einreichung vor Fälligkeit (Tage)",
    "instalments_per_year": "Abschläge im Jahr",
    "chart_of_accounts": "Kontenrahmen",
    "quality_sample_percent": "Stichprobe zur Qualität (%)",
}

NOT_CHOSEN = "Der Auftraggeber hat noch nicht gewählt: Bis dahin ist alles da und läuft."


def _back(request: StaffRequest) -> str:
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/"


@page()
@require_POST
def switch(request: StaffRequest) -> HttpResponse:
    """Work for one principal from now on, or (empty) for all."""
    wanted = request.POST.get("principal", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) in request.roles:
        request.session["principal"] = int(wanted)
    elif not wanted:
        request.session.pop("principal", None)
    return HttpResponseRedirect(_back(request))


@page()
def choose(request: StaffRequest) -> HttpResponse:
    """Asked for when something new needs to know whose it will be."""
    context = {
        "page": Page("Für welchen Auftraggeber?", sub="Was nun folgt, gehört genau einem Auftraggeber."),
        "principals": Principal.objects.filter(id__in=request.roles),
        "next": request.GET.get("next", "/"),
    }
    return render(request, "clients/choose.html", context)


@page()
def principals(request: StaffRequest) -> HttpResponse:
    """All principals the user works for."""
    columns = [
        Column("Auftraggeber", "name", sort="name", second="short_name"),
        Column("Marktpartner-ID Strom", "market_partner_id"),
        Column("Marktpartner-ID Gas", "market_partner_id_gas"),
        Column("Meine Rolle", lambda one: Role(request.roles[one.pk]).label),
    ]
    rows = Principal.objects.filter(id__in=request.client_ids)
    table = Table(request, rows, columns, row_url=lambda one: reverse("clients:principal", args=[one.pk]))
    return render_list(request, Page("Auftraggeber"), table)


@page()
def principal(request: StaffRequest, pk: int) -> HttpResponse:
    """One principal: limits, booked services, decisions, letterhead, people."""
    one = get_object_or_404(Principal, pk=pk, id__in=request.client_ids)
    tab = tab_of(request, list(TABS))
    actions = []
    if may(request, pk, PRINCIPAL):
        actions.append(Action("Wertgrenze ändern", reverse("clients:threshold", args=[pk]), icon="edit"))
        actions.append(Action("Bausteine wählen", reverse("clients:services", args=[pk]), icon="edit"))
    if may(request, pk, DECIDERS):
        actions += [
            Action("Briefkopf ändern", reverse("clients:letterhead", args=[pk]), icon="edit"),
        ]
    shown = Page(
        one.name,
        sub=f"Marktpartner-ID {one.market_partner_id or one.market_partner_id_gas or 'nicht hinterlegt'}",
        crumbs=[("Auftraggeber", reverse("clients:principals"))],
        actions=actions,
        tabs=[Tab(label, f"?tab={name}", name == tab) for name, label in TABS.items()],
    )
    context = {"page": shown, "tab": tab, "one": one, **_content(request, pk, tab)}
    return render(request, "clients/principal.html", context)


def _content(request: StaffRequest, pk: int, tab: str) -> dict[str, object]:
    if tab == "briefkopf":
        head = Letterhead.objects.filter(client_id=pk).first()
        return {"head": head, "banks": HouseBank.objects.filter(client_id=pk)}
    if tab == "entscheidungen":
        known = services.settings_of(client_id=pk)
        rows = [{"name": DECISIONS.get(name, name), "value": value} for name, value in known.items()]
        columns = [Column("Vorgabe", "name"), Column("Wert", lambda row: str(row["value"]))]
        return {"table": Table(request, rows, columns, per_page=100)}
    if tab == "bausteine":
        columns = [
            Column("Baustein", lambda row: SERVICES.get(row.service, row.service), second="service"),
            Column("gebucht ab", lambda row: row.valid.lower, "date"),
            Column("bis vor", lambda row: row.valid.upper, "date"),
        ]
        booked = BookedService.objects.filter(client_id=pk).order_by("service", "valid")
        return {"table": Table(request, booked, columns, per_page=100, empty=Empty(NOT_CHOSEN))}
    if tab == "zugaenge":
        people = Membership.objects.filter(client_id=pk).select_related("user").order_by("user__username")
        columns = [Column("Person", "user", second="user.username"), Column("Rolle", "get_role_display")]
        return {"table": Table(request, people, columns, per_page=100)}
    limits = ApprovalThreshold.objects.filter(client_id=pk).order_by("kind", "amount")
    kinds = dict(THRESHOLD_KINDS)
    columns = [
        Column("Vorgang", lambda row: kinds.get(row.kind, row.kind)),
        Column("Rolle", "get_role_display"),
        Column("entscheidet allein bis", "amount", "euro"),
    ]
    empty = Empty("Keine Wertgrenze: Über alles entscheidet der Auftraggeber selbst.")
    return {"table": Table(request, limits, columns, per_page=100, empty=empty)}


@page(*PRINCIPAL)
def threshold(request: StaffRequest, pk: int) -> HttpResponse:
    """Set one value limit; the change is audited with old and new amount.

    The principal alone sets limits: a lead who could raise its own would be bound by none.
    """
    one = get_object_or_404(Principal, pk=pk, id__in=request.client_ids)
    require(request, pk, PRINCIPAL)
    form = ThresholdForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.set_threshold(client_id=pk, user=request.user, at=clock.now(), **form.cleaned_data)
        messages.success(request, "Die Wertgrenze gilt ab sofort.")
        return redirect("clients:principal", pk)
    crumbs = [
        ("Auftraggeber", reverse("clients:principals")),
        (one.name, reverse("clients:principal", args=[pk])),
    ]
    return render_form(
        request, Page("Wertgrenze", crumbs=crumbs), form, back=reverse("clients:principal", args=[pk])
    )


@page(*PRINCIPAL)
def services_chosen(request: StaffRequest, pk: int) -> HttpResponse:
    """The principal books and ends services; nobody else may, because it pays for them."""
    one = get_object_or_404(Principal, pk=pk, id__in=request.client_ids)
    require(request, pk, PRINCIPAL)
    today = clock.today()
    start = {
        "since": today,
        "chosen": sorted(services.booked_services(client_ids=[pk], on=today)[pk]),
    }
    form = ServicesForm(request.POST or None, initial=start, today=today)
    back = f"{reverse('clients:principal', args=[pk])}?tab=bausteine"
    if request.method == "POST" and form.is_valid():
        added, ended = services.choose_services(
            client_id=pk, user=request.user, at=clock.now(), **form.cleaned_data
        )
        messages.success(
            request,
            f"Gebucht: {', '.join(added) or 'nichts Neues'}. Beendet: {', '.join(ended) or 'nichts'}.",
        )
        return HttpResponseRedirect(back)
    crumbs = [
        ("Auftraggeber", reverse("clients:principals")),
        (one.name, reverse("clients:principal", args=[pk])),
    ]
    return render_form(request, Page("Bausteine wählen", crumbs=crumbs), form, back=back)


@page(*DECIDERS)
def letterhead(request: StaffRequest, pk: int) -> HttpResponse:
    """Edit what stands on the principal's letters."""
    one = get_object_or_404(Principal, pk=pk, id__in=request.client_ids)
    require(request, pk, DECIDERS)
    known = Letterhead.objects.filter(client_id=pk).first() or Letterhead(client_id=pk)
    form = LetterheadForm(request.POST or None, instance=known)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        services.change_letterhead(letterhead=known, values=values, user=request.user, at=clock.now())
        messages.success(request, "Der Briefkopf gilt für alle neuen Schreiben.")
        return HttpResponseRedirect(f"{reverse('clients:principal', args=[pk])}?tab=briefkopf")
    crumbs = [
        ("Auftraggeber", reverse("clients:principals")),
        (one.name, reverse("clients:principal", args=[pk])),
    ]
    return render_form(
        request, Page("Briefkopf", crumbs=crumbs), form, back=reverse("clients:principal", args=[pk])
    )
