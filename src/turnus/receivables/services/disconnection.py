"""Every night: whose arrears reach the threshold of a disconnection (§ 41f EnWG), stored with the working.

What an instalment or a year costs, receivables cannot know; the upper room that asks for the check brings it
(`accounting.services.check_disconnections`). Nothing is threatened or sent here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, Sum

from turnus.masterdata.models import ContractAccount
from turnus.receivables.calc.disconnection import (
    AccountArrears,
    Assessment,
    Claim,
    ExclusionReason,
    Resting,
    Supply,
    assess,
    rule_on,
)
from turnus.receivables.models import DebitItem, DisconnectionCheck, DunningBlock, OpenItem
from turnus.receivables.queries import accounts_in_arrears
from turnus.system import audit
from turnus.system.models import User

Reason = DunningBlock.Reason

# What a block means for the threshold: an objection takes its sum out, an agreement makes it not yet due.
_BLOCKS = {
    Reason.OBJECTION: ExclusionReason.DISPUTED,
    Reason.MEDIATION: ExclusionReason.DISPUTED,
    Reason.MASTER_DATA: ExclusionReason.DISPUTED,
    Reason.PRICE: ExclusionReason.DISPUTED,
    Reason.DEFERRAL: ExclusionReason.AGREED,
    Reason.PLAN: ExclusionReason.AGREED,
    Reason.PROMISE: ExclusionReason.AGREED,
}
_COSTS = (OpenItem.Kind.DUNNING_FEE, OpenItem.Kind.RETURN_FEE)


@dataclass(frozen=True, slots=True)
class DisconnectionResult:
    """What a night's check found; `fresh` became eligible, `ended` are so no longer."""

    checked: int
    eligible: int
    fresh: int
    ended: int


@transaction.atomic
def assess_disconnections(
    *, client_id: int, on: date, supplies: Sequence[Supply], user: User | None, at: datetime
) -> DisconnectionResult:
    """Assess every account in arrears on a day and replace the former answers.

    `supplies`: what is supplied over the accounts (`queries.accounts_in_arrears` names them); an account
    without a supply is kept with the verdict that there is nothing to disconnect.
    Raises: `ValueError` for a day before the first known threshold.
    """
    rule = rule_on(on)
    by_account: dict[int, list[Supply]] = {}
    for supply in supplies:
        by_account.setdefault(supply.account_id, []).append(supply)
    found = [
        (assessment, by_account.get(account.account_id, []))
        for account in _load(client_id, on)
        for assessment in assess(account, by_account.get(account.account_id, []), rule, on)
    ]
    before = {
        (check.subaccount_id, check.division): check
        for check in DisconnectionCheck.objects.select_for_update().filter(client_id=client_id)
    }
    rows = [_row(client_id, assessment, own, before, on) for assessment, own in found]
    _replace(before, rows)
    was = {check.subaccount_id for check in before.values() if check.is_eligible}
    now = {row.subaccount_id for row in rows if row.is_eligible}
    for action, accounts in (("disconnection_eligible", now - was), ("disconnection_cleared", was - now)):
        audit.record_many(
            client_id=client_id,
            at=at,
            user=user,
            action=action,
            object_kind="ledger.subaccount",
            object_ids=sorted(accounts),
            text=f"{rule.legal}, Stichtag {on:%d.%m.%Y}",
        )
    eligible = sum(row.is_eligible for row in rows)
    return DisconnectionResult(len(rows), eligible, len(now - was), len(was - now))


def _row(
    client_id: int,
    found: Assessment,
    supplies: Sequence[Supply],
    before: dict[tuple[int, str], DisconnectionCheck],
    on: date,
) -> DisconnectionCheck:
    former = before.get((found.account_id, found.division))
    since = (former.eligible_since if former else None) or on
    contracts = [number for s in supplies if s.division == found.division for number in s.contracts]
    working = {
        "contracts": contracts,
        "steps": [asdict(step) for step in found.steps],
        "counted": [{**asdict(part), "due_date": part.due_date.isoformat()} for part in found.counted],
        "excluded": [asdict(part) for part in found.excluded],
    }
    return DisconnectionCheck(
        client_id=client_id,
        subaccount_id=found.account_id,
        division=found.division,
        code=found.code.value,
        is_eligible=found.eligible,
        eligible_since=since if found.eligible else None,
        arrears_cents=found.arrears_cents,
        required_cents=found.required_cents,
        reason=found.reason,
        legal=found.legal,
        working=working,
        computed_on=on,
    )


_CHANGING = (
    "code",
    "is_eligible",
    "eligible_since",
    "arrears_cents",
    "required_cents",
    "reason",
    "legal",
    "working",
    "computed_on",
)


def _replace(before: dict[tuple[int, str], DisconnectionCheck], rows: Sequence[DisconnectionCheck]) -> None:
    kept = {(row.subaccount_id, row.division) for row in rows}
    gone = [check.pk for key, check in before.items() if key not in kept]
    DisconnectionCheck.objects.filter(pk__in=gone).delete()
    DisconnectionCheck.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["client", "subaccount", "division"],
        update_fields=_CHANGING,
    )


def _load(client_id: int, on: date) -> list[AccountArrears]:
    """Accounts in arrears with their open claims, blocks and credits, loaded set-wise."""
    ids = accounts_in_arrears(client_id=client_id, on=on)
    items = OpenItem.objects.filter(client_id=client_id, subaccount_id__in=ids, open_cents__gt=0)
    held = set(
        DebitItem.objects.filter(client_id=client_id, live=True).values_list("open_item_id", flat=True)
    )
    claims: dict[int, list[Claim]] = {}
    # A reversal is the counterpart of something cancelled, no claim.
    for item in items.filter(side=1).exclude(kind=OpenItem.Kind.REVERSAL).order_by("due_date", "id"):
        claims.setdefault(item.subaccount_id, []).append(_claim(item, item.pk in held))
    credits = dict(
        items.filter(side=-1)
        .values("subaccount_id")
        .annotate(total=Sum("open_cents"))
        .values_list("subaccount_id", "total")
    )
    resting, problems = _blocks(client_id, ids, on)
    problems |= _debtors(ids)
    return [
        AccountArrears(
            account_id,
            tuple(claims.get(account_id, ())),
            tuple(resting.get(account_id, ())),
            credits.get(account_id, 0),
            problems.get(account_id, ""),
        )
        for account_id in ids
    ]


def _claim(item: OpenItem, held: bool) -> Claim:
    # An instalment is due by the calendar; what came back had been due before it was collected.
    by_calendar = item.kind in (OpenItem.Kind.INSTALMENT, OpenItem.Kind.RETURN)
    return Claim(
        item.pk,
        f"{item.get_kind_display()} {item.reference}",
        item.open_cents,
        item.due_date,
        item.division,
        by_calendar or item.dunning_level > 0,
        item.kind in _COSTS,
        held,
    )


def _blocks(client_id: int, ids: Sequence[int], on: date) -> tuple[dict[int, list[Resting]], dict[int, str]]:
    """What blocks take out of the sum, and accounts whose debtor is protected altogether."""
    resting: dict[int, list[Resting]] = {}
    problems: dict[int, str] = {}
    live = DunningBlock.objects.filter(client_id=client_id, subaccount_id__in=ids, since__lte=on)
    for block in live.filter(Q(until__isnull=True) | Q(until__gte=on)).order_by("id"):
        code = _BLOCKS.get(Reason(block.reason))
        if code is None:
            problems[block.subaccount_id] = f"Mahnsperre: {block.get_reason_display()}."
            continue
        until = f" bis {block.until:%d.%m.%Y}" if block.until else ""
        rest = Resting(code, f"{block.get_reason_display()}{until}", block.open_item_id, block.amount_cents)
        resting.setdefault(block.subaccount_id, []).append(rest)
    return resting, problems


def _debtors(ids: Iterable[int]) -> dict[int, str]:
    rows = ContractAccount.objects.filter(pk__in=list(ids)).filter(
        Q(customer__insolvent_on__isnull=False) | Q(customer__deceased_on__isnull=False)
    )
    return {
        account.pk: "Insolvenz eröffnet." if account.customer.insolvent_on else "Kunde verstorben."
        for account in rows.select_related("customer")
    }
