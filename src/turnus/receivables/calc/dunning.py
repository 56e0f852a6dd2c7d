"""The dunning proposal: one notice per account with all overdue items, and who is left out and why.

Level 1 is a reminder letter. A level rises by one at most and only after the deadline of the former notice
has passed. A fee needs a default that exists already (§ 286 BGB: a date fixed by the calendar, or an earlier
reminder) and covers direct costs only (BGH VIII ZR 95/18). Amounts in cents.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HIGHEST_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """A principal's dunning rules. `fees` in cents per level; a missing level costs nothing."""

    grace_days: int = 7
    minimum_cents: int = 1000
    pay_days: int = 14
    days_between_levels: int = 14
    highest_level: int = 1
    fees: tuple[tuple[int, int], ...] = ()

    def fee(self, level: int) -> int:
        return dict(self.fees).get(level, 0)


@dataclass(frozen=True, slots=True)
class Block:
    """Dunning rests: for the account (`item_id` None) or an item, in whole or for `cents` of it."""

    reason: str
    item_id: int | None = None
    until: date | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class OverdueItem:
    """An open debt. `fixed_date` is true for a claim due by the calendar (instalments)."""

    item_id: int
    reference: str
    open_cents: int
    due_date: date
    level: int = 0
    dunned_on: date | None = None
    fixed_date: bool = False
    in_collection: bool = False
    is_cost: bool = False


@dataclass(frozen=True, slots=True)
class DunningAccount:
    """An account with its open items and what stands against dunning. `credit_cents` are unused credits."""

    account_id: int
    items: tuple[OverdueItem, ...]
    blocks: tuple[Block, ...] = ()
    credit_cents: int = 0
    debtor_problem: str = ""


@dataclass(frozen=True, slots=True)
class DunnedItem:
    """An item in a notice with what is dunned of it and the level it had."""

    item_id: int
    cents: int
    due_date: date
    level_before: int
    dunned_before: date | None


@dataclass(frozen=True, slots=True)
class Notice:
    """One letter to one account; `claim_cents` without the fee."""

    account_id: int
    level: int
    items: tuple[DunnedItem, ...]
    fee_cents: int
    pay_until: date

    @property
    def claim_cents(self) -> int:
        return sum(item.cents for item in self.items)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An account (`item_id` None) or an item that is overdue and not dunned."""

    account_id: int
    item_id: int | None
    cents: int
    code: str
    reason: str


def propose(
    accounts: Sequence[DunningAccount], policy: Policy, on: date
) -> tuple[list[Notice], list[LeftOut]]:
    """Notices and exclusions for a day. Items not yet overdue appear in neither."""
    notices: list[Notice] = []
    left_out: list[LeftOut] = []
    for account in accounts:
        notice = _judge(account, policy, on, left_out)
        if notice is not None:
            notices.append(notice)
    return notices, left_out


def _judge(account: DunningAccount, policy: Policy, on: date, left_out: list[LeftOut]) -> Notice | None:
    overdue = [item for item in account.items if item.due_date + timedelta(days=policy.grace_days) < on]
    if not overdue:
        return None
    total = sum(item.open_cents for item in overdue)

    def skip(code: str, reason: str) -> None:
        left_out.append(LeftOut(account.account_id, None, total, code, reason))

    whole = next((b for b in account.blocks if b.item_id is None and b.cents is None), None)
    if account.debtor_problem:
        skip("debtor", account.debtor_problem)
        return None
    if whole is not None:
        skip("blocked", f"Mahnsperre: {whole.reason}{_until(whole)}.")
        return None
    items = _items(account, overdue, left_out)
    claim = sum(item.cents for item in items)
    if not items:
        return None
    if claim <= account.credit_cents:
        skip("covered", "Ein Guthaben auf dem Konto deckt die Forderung.")
        return None
    if claim - account.credit_cents < policy.minimum_cents:
        skip("minimum", "Die Forderung liegt unter dem Mindestbetrag.")
        return None
    return _notice(account, items, overdue, policy, on, skip)


def _notice(
    account: DunningAccount,
    items: list[DunnedItem],
    overdue: list[OverdueItem],
    policy: Policy,
    on: date,
    skip: Callable[[str, str], None],
) -> Notice | None:
    former = max(item.level_before for item in items)
    last = max((item.dunned_before for item in items if item.dunned_before), default=None)
    new_items = any(item.level_before == 0 for item in items)
    if (
        former
        and last is not None
        and last + timedelta(days=policy.days_between_levels) >= on
        and not new_items
    ):
        skip("deadline", f"Gemahnt am {last:%d.%m.%Y}, die Frist läuft noch.")
        return None
    if former >= policy.highest_level and not new_items:
        skip("level", "Die höchste Stufe des Laufs ist erreicht.")
        return None
    level = 1 if new_items and former >= policy.highest_level else min(former + 1, HIGHEST_LEVEL)
    included = {item.item_id for item in items}
    in_default = any(o.fixed_date or o.level > 0 for o in overdue if o.item_id in included)
    fee = policy.fee(level) if in_default else 0
    return Notice(account.account_id, level, tuple(items), fee, on + timedelta(days=policy.pay_days))


def _items(account: DunningAccount, overdue: list[OverdueItem], left_out: list[LeftOut]) -> list[DunnedItem]:
    items: list[DunnedItem] = []
    disputed = sum(b.cents for b in account.blocks if b.item_id is None and b.cents is not None)
    for item in sorted(overdue, key=lambda i: (i.due_date, i.item_id)):
        cents = item.open_cents
        block = next((b for b in account.blocks if b.item_id == item.item_id), None)
        if item.in_collection:
            text = "Der Betrag wird gerade eingezogen."
            left_out.append(LeftOut(account.account_id, item.item_id, cents, "in_collection", text))
            continue
        resting = 0
        if block is not None:
            resting = cents if block.cents is None else min(block.cents, cents)
        if disputed and resting < cents:
            part = min(disputed, cents - resting)
            resting, disputed = resting + part, disputed - part
        if resting:
            reason = block.reason if block else "strittiger Betrag"
            until = _until(block) if block else ""
            left_out.append(
                LeftOut(account.account_id, item.item_id, resting, "blocked", f"Mahnsperre: {reason}{until}.")
            )
        if cents > resting:
            items.append(DunnedItem(item.item_id, cents - resting, item.due_date, item.level, item.dunned_on))
    return items


def _until(block: Block) -> str:
    return f" bis {block.until:%d.%m.%Y}" if block.until else ""
