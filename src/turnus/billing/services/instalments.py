"""Instalment plans: set up, request what falls due, adjust after a bill or a price change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from turnus.billing.calc import instalments as calc
from turnus.billing.calc.estimate import EstimateBasis, estimate, year_from
from turnus.billing.calc.records import Commodity, Split
from turnus.billing.models import Instalment, InstalmentPlan
from turnus.billing.queries.population import (
    BilledBefore,
    ContractRow,
    billed_before,
    contract_rows,
)
from turnus.clients.services import setting
from turnus.contracts.models import ContractCondition
from turnus.lib.period import Period
from turnus.products.calc.levies import published_levies
from turnus.products.models import Price
from turnus.receivables.services import InstalmentRequest, request_instalments
from turnus.system import audit
from turnus.system.bulk import copy_rows, reserve_ids
from turnus.system.models import User

__all__ = ["NotPlannable", "adjust_instalments", "plan_instalments", "request_due_instalments"]


@dataclass(frozen=True, slots=True)
class NotPlannable:
    """A contract for which no plan can be made, and why."""

    contract_id: int
    reason: str


@transaction.atomic
def plan_instalments(
    *,
    client_id: int,
    contract_ids: Sequence[int],
    since: date,
    user: User | None,
    at: datetime,
    reason: str = "Vertragsbeginn",
    count: int | None = None,
) -> list[NotPlannable]:
    """Plan the instalments of twelve months from `since` (or the later start of supply).

    Expected consumption: the last bill, scaled to a year by the load profile, else the grid operator's
    forecast. A plan that already runs ends at `since`; its instalments not yet requested are dropped.
    Returns the contracts left without a plan.
    """
    number = int(setting(client_id=client_id, name="instalments_per_year")) if count is None else count
    rows = contract_rows(client_id=client_id, contract_ids=contract_ids)
    before = billed_before(client_id=client_id, contract_ids=contract_ids)
    starts = {row.contract_id: max(since, row.supply_start) for row in rows}
    prices = _prices(starts)
    left, drafts = [], []
    for row in rows:
        start = starts[row.contract_id]
        price = prices.get(row.contract_id)
        kwh = _year_kwh(row, before.get(row.contract_id), start)
        percent = published_levies().value(f"vat_{row.commodity}", start)
        if price is None or kwh is None or percent is None or _ended(row, start):
            left.append(NotPlannable(row.contract_id, _why(price, kwh, percent)))
            continue
        forecast = calc.year_forecast(kwh, *price, percent)
        draft = calc.plan(forecast.gross, number, start)
        if draft.gross <= 0:
            left.append(NotPlannable(row.contract_id, "erwartete Jahreskosten sind null"))
            continue
        drafts.append((row, start, forecast, draft))
    _end_running(client_id, {row.contract_id: start for row, start, _, _ in drafts})
    _write(client_id, drafts, reason, user, at)
    return left


def _why(price: object, kwh: object, percent: object) -> str:
    if kwh is None:
        return "weder Vorverbrauch noch Jahresverbrauchsprognose"
    if price is None:
        return "kein Preis zu Beginn des Plans"
    return "kein Umsatzsteuersatz" if percent is None else "Lieferung endet vorher"


def _ended(row: ContractRow, start: date) -> bool:
    return row.supply_end is not None and row.supply_end <= start


def _prices(starts: dict[int, date]) -> dict[int, tuple[Decimal, Decimal]]:
    """Energy and base price of each contract on the first day of its plan."""
    conditions = ContractCondition.objects.filter(contract_id__in=starts).values_list(
        "contract_id", "product_id", "valid"
    )
    wanted = {
        contract_id: product_id
        for contract_id, product_id, valid in conditions
        if _holds(valid.lower, valid.upper, starts[contract_id])
    }
    by_product: dict[int, list[tuple[date | None, date | None, Decimal, Decimal]]] = {}
    for product_id, valid, energy, base in Price.objects.filter(
        product_id__in=set(wanted.values())
    ).values_list("product_id", "valid", "energy_ct_per_kwh", "base_eur_per_year"):
        by_product.setdefault(product_id, []).append((valid.lower, valid.upper, energy, base))
    return {
        contract_id: (energy, base)
        for contract_id, product_id in wanted.items()
        for lower, upper, energy, base in by_product.get(product_id, ())
        if _holds(lower, upper, starts[contract_id])
    }


def _holds(lower: date | None, upper: date | None, day: date) -> bool:
    return (lower is None or lower <= day) and (upper is None or day < upper)


def _year_kwh(row: ContractRow, before: BilledBefore | None, start: date) -> Decimal | None:
    if before is not None and before.kwh > 0:
        basis = EstimateBasis(before.kwh, Period(before.start, before.end), "letzte Rechnung")
        year = estimate(
            Commodity(row.commodity),
            basis,
            year_from(start),
            Split.SLP,
            row.profile or None,
            row.state or None,
        )
        return year.kwh
    return None if row.forecast_kwh is None else Decimal(row.forecast_kwh)


def _end_running(client_id: int, starts: dict[int, date]) -> None:
    """Shorten plans that reach into the new one; drop instalments nobody has been asked for yet."""
    running = InstalmentPlan.objects.filter(client_id=client_id, contract_id__in=starts)
    for plan in running.filter(valid__endswith__gt=min(starts.values(), default=date.max)):
        start = starts[plan.contract_id]
        if plan.valid.upper <= start:
            continue
        open_ones = Instalment.objects.filter(plan=plan, state=Instalment.State.PLANNED)
        if plan.valid.lower >= start:
            # A plan of the same or a later day is replaced: its days shrink to its first one.
            open_ones.update(state=Instalment.State.CANCELLED)
            _shrink(plan, plan.valid.lower - timedelta(days=1), plan.valid.lower)
        else:
            open_ones.filter(due_date__gte=start).update(state=Instalment.State.CANCELLED)
            _shrink(plan, plan.valid.lower, start)


def _shrink(plan: InstalmentPlan, lower: date, upper: date) -> None:
    taken = InstalmentPlan.objects.filter(contract_id=plan.contract_id, valid__overlap=(lower, upper))
    while taken.exclude(pk=plan.pk).exists():
        lower, upper = lower - timedelta(days=1), upper - timedelta(days=1)
        taken = InstalmentPlan.objects.filter(contract_id=plan.contract_id, valid__overlap=(lower, upper))
    plan.valid = (lower, upper)
    plan.save(update_fields=["valid"])


type_draft = tuple[ContractRow, date, calc.YearForecast, calc.PlanDraft]


def _write(
    client_id: int, drafts: Sequence[type_draft], reason: str, user: User | None, at: datetime
) -> None:
    plans = [
        InstalmentPlan(
            client_id=client_id,
            contract_id=row.contract_id,
            valid=(start, year_from(start).end),
            gross=draft.gross,
            count=len(draft.due_dates),
            vat_percent=forecast.vat_percent,
            reason=reason,
            working={
                "expected_kwh": str(forecast.kwh),
                "energy_ct_per_kwh": str(forecast.energy_ct),
                "base_eur_per_year": str(forecast.base_eur),
                "expected_net": str(forecast.net),
                "expected_gross": str(forecast.gross),
            },
            created_at=at,
            created_by=user,
        )
        for row, start, forecast, draft in drafts
    ]
    made = InstalmentPlan.objects.bulk_create(plans, batch_size=1000)
    ends = {row.contract_id: row.supply_end for row, _, _, _ in drafts}
    rows = [
        (plan, due)
        for plan, (_, _, _, draft) in zip(made, drafts, strict=True)
        for due in draft.due_dates
        if (end := ends[plan.contract_id]) is None or due < end
    ]
    ids = reserve_ids(Instalment, len(rows)) if rows else []
    copy_rows(
        Instalment,
        ("id", "client_id", "plan_id", "contract_id", "key", "due_date", "gross", "vat_percent", "state"),
        (
            (i, client_id, plan.pk, plan.contract_id, f"A{i}", due, plan.gross, plan.vat_percent, "planned")
            for i, (plan, due) in zip(ids, rows, strict=True)
        ),
    )
    audit.record_many(
        client_id=client_id,
        at=at,
        user=user,
        action="instalments_planned",
        object_kind="billing.instalmentplan",
        object_ids=[plan.pk for plan in made],
        text=reason,
    )


@transaction.atomic
def request_due_instalments(*, client_id: int, until: date, user: User | None, at: datetime) -> int:
    """Request every planned instalment due up to and including `until`. Repeating it requests nothing twice.

    A request is a statistical item: no revenue and no VAT before it is paid.
    """
    due = (
        Instalment.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, state=Instalment.State.PLANNED, due_date__lte=until)
        .annotate(
            subaccount_id=F("contract__contract_account_id"),
            account_number=F("contract__contract_account__number"),
            commodity=F("contract__market_location__commodity"),
        )
        .order_by("id")
    )
    rows = list(due)
    requests = [
        InstalmentRequest(
            key=row.key,
            subaccount_id=row.subaccount_id,
            due_date=row.due_date,
            gross=row.gross,
            vat_percent=row.vat_percent,
            division=row.commodity,
            reference=f"{row.account_number}-{row.due_date:%y%m}",
            announced_on=at.date(),
        )
        for row in rows
    ]
    if not requests:
        return 0
    request_instalments(client_id=client_id, requests=requests, posting_date=until, user=user, at=at)
    Instalment.objects.filter(id__in=[row.pk for row in rows]).update(state=Instalment.State.REQUESTED)
    return len(rows)


@transaction.atomic
def adjust_instalments(
    *,
    client_id: int,
    contract_ids: Sequence[int],
    since: date,
    user: User | None,
    at: datetime,
    reason: str = "nach Abrechnung angepasst",
) -> list[NotPlannable]:
    """New plans from `since`, from the consumption just billed and the price valid then (§ 13 StromGVV).

    Contracts that never had a plan (billed monthly, say) get none.
    """
    planned = InstalmentPlan.objects.filter(client_id=client_id, contract_id__in=contract_ids)
    with_plan = sorted(set(planned.values_list("contract_id", flat=True)))
    if not with_plan:
        return []
    return plan_instalments(
        client_id=client_id, contract_ids=with_plan, since=since, user=user, at=at, reason=reason
    )
