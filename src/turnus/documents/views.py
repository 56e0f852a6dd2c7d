"""Documents: what was or will be sent, with the PDF beside it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from turnus.clients.access import STAFF, StaffRequest, mine, page, require, staff_only
from turnus.documents import services
from turnus.documents.models import Document
from turnus.system import clock
from turnus.ui.filters import FilterForm, choice, day, words
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

KINDS = {
    "bill": "Rechnung",
    "reminder": "Zahlungserinnerung",
    "pre_notification": "Vorankündigung",
    "explanation": "Erläuterung",
    "letter": "Brief",
}
TONES = {"created": "info", "dispatched": "ok", "returned": "bad", "cancelled": ""}


class DocumentFilter(FilterForm):
    lookups = {
        "q": ("number__istartswith", "customer_number__istartswith", "title__icontains"),
        "kind": "kind",
        "state": "state",
        "since": "created_at__date__gte",
    }
    q = words(hint="Nummer, Kunde, Titel")
    kind = choice("Art", list(KINDS.items()))
    state = choice("Zustand", [(state.value, str(state.label)) for state in Document.State])
    since = day("erstellt seit")


@page()
def documents(request: StaffRequest) -> HttpResponse:
    filters = DocumentFilter(request)
    rows = filters.apply(mine(request, Document.objects.select_related("client").defer("data")))
    columns = [
        Column("Dokument", "title", second="number"),
        Column("Art", lambda row: KINDS.get(row.kind, row.kind), sort="kind"),
        Column("Kunde", "customer_number"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES[row.state])),
        Column("Versandweg", "get_channel_display"),
        Column("erstellt", "created_at", "moment", sort="created_at"),
        Column("versendet", "dispatched_at", "moment", sort="dispatched_at"),
        Column("Auftraggeber", "client.name"),
    ]
    empty = Empty("Noch kein Dokument. Freigegebene Rechnungen und Mahnungen legen hier ihre Schreiben ab.")
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("documents:document", args=[row.pk]),
        sort="-id",
        empty=empty,
        select="".join(staff_only(request, "documents")),
    )
    return render_list(
        request, Page("Dokumente"), table, filters=filters, template="documents/documents.html"
    )


@page(*STAFF)
@require_POST
def dispatch(request: StaffRequest) -> HttpResponse:
    """Send the ticked letters; those already sent are left alone."""
    chosen = [int(key) for key in request.POST.getlist("documents") if key.isascii() and key.isdigit()]
    found = mine(request, Document.objects.filter(pk__in=chosen, state=Document.State.CREATED))
    by_client: dict[int, list[int]] = {}
    for key, client_id in found.values_list("pk", "client_id"):
        require(request, client_id, STAFF)
        by_client.setdefault(client_id, []).append(key)
    sent = 0
    try:
        for client_id, ids in by_client.items():
            sent += services.dispatch(client_id=client_id, ids=ids, at=clock.now(), user=request.user)
    except ValueError as error:
        messages.error(request, str(error))
    if sent:
        messages.success(request, f"{sent} Schreiben {'ist' if sent == 1 else 'sind'} versendet.")
    elif not by_client:
        messages.warning(
            request, "Nichts zu versenden: Bitte erzeugte, noch nicht versendete Schreiben ankreuzen."
        )
    return redirect("documents:documents")


@page()
def document(request: StaffRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Document.objects.select_related("client", "created_by", "original"), pk=pk)
    shown = Page(
        one.title,
        sub=f"{one.number} · {one.client.name}",
        crumbs=[("Dokumente", reverse("documents:documents"))],
        badges=[Badge(one.get_state_display(), TONES[one.state])],
        actions=[Action("PDF öffnen", reverse("documents:pdf", args=[pk]), icon="file", key="e")],
    )
    context = {
        "page": shown,
        "one": one,
        "kind": KINDS.get(one.kind, one.kind),
        "object_url": url_of(one.object_kind, one.object_id),
    }
    return render(request, "documents/document.html", context)


@page()
@xframe_options_sameorigin
def pdf(request: StaffRequest, pk: int) -> HttpResponse:
    """The PDF itself, as it was or will be sent."""
    one = get_object_or_404(Document.objects.select_related("original"), pk=pk)
    try:
        content = services.pdf_of(document=one, at=clock.now())
    except services.DocumentError as error:
        raise Http404(str(error)) from error
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{one.kind}-{one.number}.pdf"'
    return answer
