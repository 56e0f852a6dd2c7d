"""Open items with their age, and one item with everything that happened to it."""

from datetime import date

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require
from turnus.receivables import services
from turnus.receivables.forms import CUSTOMER, BlockForm, ItemFilter
from turnus.receivables.models import ClearingLine, DisconnectionCheck, DunningBlock, OpenItem
from turnus.receivables.pictures import ageing_picture
from turnus.system import clock
from turnus.ui.fields import show_error
from turnus.ui.formats import cents_de, date_de
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Event, Page, render_form, render_list
from turnus.ui.tables import Badge, Column, Empty, Table, light


def payer(row: OpenItem | DisconnectionCheck) -> str:
    """Name of the customer behind an account."""
    account = getattr(row.subaccount, "contract_account", None)
    return account.customer.full_name if account else row.subaccount.number


def due_light(row: OpenItem, today: date) -> Badge | str:
    late = row.side == 1 and row.open_cents > 0 and row.due_date < today
    return light(date_de(row.due_date), "bad") if late else date_de(row.due_date)


def days_late(row: OpenItem, today: date) -> int | None:
    """Days overdue, None where nothing is."""
    return (today - row.due_date).days if row.side == 1 and row.open_cents and row.due_date < today else None


@page()
def items(request: StaffRequest) -> HttpResponse:
    filters = ItemFilter(request)
    today = clock.today()
    known = mine(request, OpenItem.objects.select_related(CUSTOMER, "client"))
    rows = filters.apply(known)
    if not filters.with_cleared:
        rows = rows.filter(open_cents__gt=0)
    rows = rows.order_by("-side", "due_date", "pk")  # debts first, the oldest on top
    columns = [
        Column("Posten", "__str__", second="client.name"),
        Column("Kunde", payer, second="subaccount.number"),
        Column("fällig", lambda row: due_light(row, today), sort="due_date"),
        Column("Tage überfällig", lambda row: days_late(row, today), "number"),
        Column("Betrag", lambda row: row.side * row.amount_cents, "cents", sort="amount_cents"),
        Column("offen", lambda row: row.side * row.open_cents, "cents", sort="open_cents"),
        Column("Mahnstufe", "dunning_level", "number", sort="dunning_level"),
        Column("Einzugssperre", "debit_blocked"),
    ]
    table = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("receivables:openitem", args=[row.pk]),
        empty=Empty("Nichts ist offen."),
    )
    only_list = request.headers.get("HX-Target") == "list"
    picture = "" if only_list else ageing_picture(rows, today)
    return render_list(
        request,
        Page("Offene Posten"),
        table,
        filters=filters,
        template="receivables/items.html",
        picture=picture,
    )


@page()
def item(request: StaffRequest, pk: int) -> HttpResponse:
    """One item: due date, level, blocks, what cleared it, reminders. All on one screen."""
    one = get_object_or_404(
        OpenItem.objects.select_related(f"{CUSTOMER}__address", "leg__journal", "client"), pk=pk
    )
    today = clock.today()
    account = getattr(one.subaccount, "contract_account", None)
    customer_url = url_of("masterdata.customer", account.customer_id) if account else ""
    blocks = DunningBlock.objects.filter(
        Q(open_item=one) | Q(open_item=None, subaccount=one.subaccount_id)
    ).select_related("created_by")
    actions = [Action("Kundenakte", customer_url, icon="people", key="e")] if customer_url else []
    if one.open_cents and one.side == 1 and may(request, one.client_id, STAFF):
        actions.append(Action("Mahnsperre setzen", reverse("receivables:block", args=[pk]), icon="shield"))
    state = Badge("ausgeglichen", "ok") if not one.open_cents else Badge("offen", "warn")
    if one.open_cents and one.side == 1 and one.due_date < today:
        state = Badge(f"{(today - one.due_date).days} Tage überfällig", "bad")
    shown = Page(
        str(one),
        sub=f"{payer(one)} · Konto {one.subaccount.number} · {one.client.name}",
        crumbs=[("Offene Posten", reverse("receivables:items"))],
        badges=[state],
        actions=actions,
    )
    context = {
        "page": shown,
        "one": one,
        "signed": one.side * one.amount_cents,
        "signed_open": one.side * one.open_cents,
        "blocks": blocks,
        "events": _history(one),
        "checks": DisconnectionCheck.objects.filter(subaccount=one.subaccount_id),
        "customer_url": customer_url,
    }
    return render(request, "receivables/item.html", context)


def _history(one: OpenItem) -> list[Event]:
    """Clearings and reminders of an item, newest first."""
    found: list[tuple[date, Event]] = [
        (one.document_date, Event(date_de(one.document_date), "gebucht", "", one.leg.journal.text, "info"))
    ]
    lines = ClearingLine.objects.filter(open_item=one).select_related("clearing__created_by")
    for line in lines:
        clearing = line.clearing
        what = f"{clearing.get_kind_display()}: {cents_de(line.amount_cents)}"
        who = str(clearing.created_by or "System")
        tone = "ok" if line.amount_cents > 0 else "bad"
        found.append(
            (clearing.cleared_on, Event(date_de(clearing.cleared_on), what, who, clearing.reason, tone))
        )
    for notice_line in one.notice_items.select_related("notice__run", "notice__document"):
        notice = notice_line.notice
        url = url_of("documents.document", notice.document_id)
        what = f"Mahnung Stufe {notice.level}: {notice.get_state_display()}"
        found.append((notice.run.on, Event(date_de(notice.run.on), what, "", "", "warn", url)))
    return [event for _, event in sorted(found, key=lambda pair: pair[0], reverse=True)]


@page(*STAFF)
def block(request: StaffRequest, pk: int) -> HttpResponse:
    """Let dunning rest for an item or its account, with the reason."""
    one = get_object_or_404(OpenItem, pk=pk)
    require(request, one.client_id, STAFF)
    form = BlockForm(request.POST or None, initial={"since": clock.today()})
    back = reverse("receivables:openitem", args=[pk])
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data["open_item_id"] = pk if data.pop("scope") == "item" else None
        try:
            services.block_dunning(
                client_id=one.client_id,
                subaccount_id=one.subaccount_id,
                user=request.user,
                at=clock.now(),
                **data,
            )
        except ValueError as error:
            show_error(form, error)
        else:
            messages.success(request, "Die Mahnsperre gilt.")
            return redirect(back)
    shown = Page(
        "Mahnsperre setzen", sub=str(one), crumbs=[("Offene Posten", "/offene-posten/"), (str(one), back)]
    )
    return render_form(request, shown, form, submit="Sperren", back=back)
