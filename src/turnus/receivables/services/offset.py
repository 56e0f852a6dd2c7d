"""Set credits off against debts of the same account before anybody is debited (§ 40c EnWG: credits first).

An offset instalment counts as received: it becomes a prepayment with VAT on the day of the offset.
"""

from datetime import date, datetime

from django.db import transaction

from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.services import AccountTable, account_table, new_id
from turnus.receivables.calc.redemption import COSTS, PRINCIPAL, Debt, redeem
from turnus.receivables.models import Clearing, DebitItem, OpenItem
from turnus.receivables.services.batch import ClearingDraft, ItemRef, PostingBatch
from turnus.receivables.services.settlement import instalment_legs
from turnus.system.models import User

_CREDITS = (OpenItem.Kind.CREDIT, OpenItem.Kind.PAYMENT)
_COSTS = (OpenItem.Kind.DUNNING_FEE, OpenItem.Kind.RETURN_FEE)


@transaction.atomic
def offset_credits(
    *, client_id: int, on: date, user: User | None, at: datetime, due_until: date | None = None
) -> int:
    """Clear open credits on a day with debts due up to `due_until` (or that day), by §§ 366, 367 BGB.

    Items in a running collection are left alone. Returns the number of accounts with an offset.
    """
    credits = OpenItem.objects.filter(client_id=client_id, side=-1, open_cents__gt=0, kind__in=_CREDITS)
    accounts_with_credit = set(credits.values_list("subaccount_id", flat=True))
    if not accounts_with_credit:
        return 0
    rows = (
        OpenItem.objects.select_for_update()
        .filter(client_id=client_id, subaccount_id__in=accounts_with_credit, open_cents__gt=0)
        .order_by("id")
    )
    owed: dict[int, list[OpenItem]] = {}
    given: dict[int, list[OpenItem]] = {}
    held = set(
        DebitItem.objects.filter(client_id=client_id, live=True).values_list("open_item_id", flat=True)
    )
    for row in rows:
        if row.side == -1 and row.kind in _CREDITS:
            given.setdefault(row.subaccount_id, []).append(row)
        elif row.side == 1 and row.due_date <= (due_until or on) and row.pk not in held:
            owed.setdefault(row.subaccount_id, []).append(row)
    accounts = account_table(client_id=client_id)
    batch = PostingBatch(client_id, user, at)
    for subaccount_id in sorted(owed.keys() & given.keys()):
        _offset(batch, accounts, subaccount_id, owed[subaccount_id], given[subaccount_id], on)
    batch.flush()
    return len(owed.keys() & given.keys())


def _offset(
    batch: PostingBatch,
    accounts: AccountTable,
    subaccount_id: int,
    owed: list[OpenItem],
    given: list[OpenItem],
    on: date,
) -> None:
    debts = [
        Debt(
            item.pk,
            item.open_cents,
            item.due_date,
            item.principal_item_id or item.pk,
            COSTS if item.kind in _COSTS else PRINCIPAL,
            item.dunning_level,
        )
        for item in owed
    ]
    paid, _ = redeem(debts, sum(item.open_cents for item in given), on)
    lines: list[tuple[ItemRef, int]] = [(item_id, cents) for item_id, cents in paid]
    left = sum(cents for _, cents in paid)
    for credit in sorted(given, key=lambda item: (item.due_date, item.pk)):
        used = min(left, credit.open_cents)
        if used:
            lines.append((credit.pk, used))
            left -= used
    by_id = {item.pk: item for item in owed}
    legs: list[LegDraft] = []
    for item_id, cents in paid:
        legs += instalment_legs(accounts, by_id[item_id], cents)
    if legs:
        key = f"offset:{subaccount_id}:{new_id(batch.at)}"
        batch.post(JournalDraft(key, "offset", on, on, tuple(legs), text="Guthaben verrechnet"))
    batch.clear(ClearingDraft(subaccount_id, Clearing.Kind.OFFSET, on, tuple(lines), "Guthaben verrechnet"))
