"""Supply contracts: the list, and one contract with its conditions."""

from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from turnus.clients.access import STAFF, StaffRequest, in_order, may, mine, page, staff_only
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.masterdata.models import Commodity
from turnus.masterdata.queries import of_customers_like
from turnus.system import clock
from turnus.ui.filters import FilterForm, any_of, choice, day, words
from turnus.ui.links import url_of
from turnus.ui.pages import Action, Page, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

ONE_DAY = timedelta(days=1)
TONES = {"draft": "warn", "active": "ok", "ended": ""}


class ContractFilter(FilterForm):
    lookups = {"state": "state", "commodity": "market_location__commodity", "on": "supply__contains"}
    q = words(hint="Vertrag, Kunde oder MaLo")
    state = choice("Zustand", [(state.value, str(state.label)) for state in SupplyContract.State])
    commodity = choice("Sparte", [(one.value, str(one.label)) for one in Commodity])
    on = day("beliefert am")

    def by_q(self, rows: QuerySet[SupplyContract], value: str) -> QuerySet[SupplyContract]:
        return any_of(
            rows,
            Q(number__begins=value.upper()),
            of_customers_like(value, "customer"),
            Q(market_location__market_location_id__begins=value),
        )


def _named(contract: SupplyContract, today: date) -> str:
    """Name of the product that holds today, or of the last one; conditions are prefetched."""
    conditions = list(contract.conditions.all())
    current = next((one for one in conditions if today in one.valid), None)
    return (current or conditions[-1]).product.name if conditions else "–"


def _with_conditions(rows: QuerySet[SupplyContract]) -> QuerySet[SupplyContract]:
    conditions = ContractCondition.objects.select_related("product").order_by("valid")
    return rows.select_related("customer", "market_location__address", "client").prefetch_related(
        Prefetch("conditions", queryset=conditions)
    )


@page()
def contracts(request: StaffRequest) -> HttpResponse:
    filters = ContractFilter(request)
    today = clock.today()
    columns = [
        Column("Vertrag", "number", sort="number"),
        Column("Kunde", "customer.full_name", sort="customer__name", second="customer.number"),
        Column("Marktlokation", "market_location.market_location_id", second="market_location.address"),
        Column("Sparte", "market_location.get_commodity_display"),
        Column("Produkt", lambda row: _named(row, today)),
        Column("Lieferbeginn", lambda row: row.supply.lower, "date", sort="supply"),
        Column("Lieferende", lambda row: row.supply.upper and row.supply.upper - ONE_DAY, "date"),
        Column("Zustand", lambda row: Badge(row.get_state_display(), TONES[row.state])),
    ]
    new = reverse("contracts:contract_new")
    table = Table(
        request,
        filters.apply(
            in_order(request, mine(request, _with_conditions(SupplyContract.objects.all())), "number")
        ),
        columns,
        row_url=lambda row: reverse("contracts:contract", args=[row.pk]),
        empty=Empty("Kein Vertrag gefunden.", "Vertrag anlegen", new),
    )
    actions = staff_only(request, Action("Vertrag anlegen", new, tone="primary", icon="plus", key="e"))
    return render_list(request, Page("Verträge", actions=actions), table, filters=filters)


@page()
def contract(request: StaffRequest, pk: int) -> HttpResponse:
    """One contract: who, where, which product in which time."""
    one = get_object_or_404(
        SupplyContract.objects.select_related(
            "customer", "contract_account__mandate", "market_location__address", "client"
        ),
        pk=pk,
    )
    rows = one.conditions.select_related("product").order_by("-valid")
    columns = [
        Column("Produkt", "product.name", second="product.code"),
        Column("gültig ab", lambda row: row.valid.lower, "date"),
        Column("gültig bis", lambda row: row.valid.upper and row.valid.upper - ONE_DAY, "date"),
        Column("Anlass", "reason"),
    ]
    conditions = Table(
        request,
        rows,
        columns,
        row_url=lambda row: reverse("products:product", args=[row.product_id]),
        empty=Empty("Kein Produkt: So kann der Vertrag nicht abgerechnet werden."),
    )
    actions = [
        Action("Kundenakte", url_of("masterdata.customer", one.customer_id), icon="people", key="e"),
        Action("Abschläge", reverse("billing:instalments", args=[pk]), icon="money"),
        Action("Messwerte", reverse("metering:location", args=[one.market_location_id]), icon="meter"),
    ]
    if may(request, one.client_id, STAFF):
        if one.state == SupplyContract.State.DRAFT:
            actions.insert(
                0, Action("Aktivieren", reverse("contracts:activate", args=[pk]), "post", "primary")
            )
        actions.append(Action("Tarif ändern", reverse("contracts:change_product", args=[pk]), icon="edit"))
        actions.append(Action("Lieferung beenden", reverse("contracts:end_supply", args=[pk])))
    shown = Page(
        f"Vertrag {one.number}",
        sub=f"{one.customer.full_name} · {one.client.name}",
        crumbs=[("Verträge", reverse("contracts:contracts"))],
        badges=[Badge(one.get_state_display(), TONES[one.state])],
        actions=actions,
    )
    end = one.supply.upper and one.supply.upper - ONE_DAY
    customer_url = url_of("masterdata.customer", one.customer_id)
    context = {"page": shown, "one": one, "table": conditions, "end": end, "customer_url": customer_url}
    return render(request, "contracts/contract.html", context)
