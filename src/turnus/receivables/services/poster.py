"""Turns bank entries into postings of one batch and remembers what became of each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from turnus.ledger.models import PostingPeriod
from turnus.ledger.services import AccountTable, account_table
from turnus.receivables.calc.allocation import Account, Decision, Pool, allocate
from turnus.receivables.models import OpenItem, StatementEntry
from turnus.receivables.services.batch import Outcome, PostingBatch
from turnus.receivables.services.pool import load_pool, receipt_of
from turnus.receivables.services.settlement import Payment, entry_reference, post_payment, post_to_account
from turnus.system.models import User

# GVC of bank charges and interest debited.
_CHARGE_GVC = frozenset({"805", "806", "808", "809"})

State = StatementEntry.State


class LivePool:
    """A pool whose items shrink as the receipts of the batch pay them; `items` are the locked rows."""

    def __init__(self, pool: Pool, items: dict[int, OpenItem]) -> None:
        self._accounts: dict[int, Account] = dict(pool.accounts)
        self._items = items
        self.pool = replace(pool, accounts=self._accounts)
        for account_id in self._accounts:
            self._refresh(account_id)

    def pay(self, decision: Decision) -> None:
        """Take what a decision pays off the items."""
        assert decision.account_id is not None
        for item_id, cents in decision.lines:
            self._items[item_id].open_cents -= cents
        if decision.shortfall and decision.lines:
            self._items[decision.lines[-1][0]].open_cents -= decision.shortfall
        self._refresh(decision.account_id)

    def _refresh(self, account_id: int) -> None:
        account = self._accounts[account_id]
        left = [
            replace(item, debt=replace(item.debt, open_cents=self._items[item.item_id].open_cents))
            for item in account.items
            if self._items[item.item_id].open_cents > 0
        ]
        self._accounts[account_id] = replace(account, items=tuple(left))


class Poster:
    """Decides about entries and collects their postings; one batch at a time."""

    def __init__(self, client_id: int, user: User | None, at: datetime) -> None:
        self.client_id, self.user, self.at = client_id, user, at
        self.accounts: AccountTable = account_table(client_id=client_id)
        self.batch = PostingBatch(client_id, user, at)
        self.counts: dict[str, int] = {}
        self._settled: list[tuple[StatementEntry, str]] = []
        self._locked = set(
            PostingPeriod.objects.filter(client_id=client_id, is_locked=True).values_list("month", flat=True)
        )
        self._paid: dict[int, int] = {}
        self._after: list[Callable[[Outcome], None]] = []

    def posting_date(self, entry: StatementEntry) -> date:
        """The booking date, or today if its month is closed (the value date stays as it is)."""
        day = entry.booking_date
        return timezone.localdate(self.at) if f"{day:%Y-%m}" in self._locked else day

    def receipts(self, entries: Sequence[StatementEntry]) -> None:
        """Allocate receipts; only those that no sure sign explains are looked up by name as well."""
        incoming = []
        for entry in entries:
            if entry.amount_cents > 0:
                incoming.append(entry)
            else:
                self.outgoing(entry)
        doubtful = self._allocate(incoming, names=False)
        for entry, reason in self._allocate([entry for entry, _ in doubtful], names=True):
            self.suspense(entry, reason)

    def _allocate(
        self, entries: Sequence[StatementEntry], *, names: bool
    ) -> list[tuple[StatementEntry, str]]:
        """Post what can be decided, against items that shrink as they are paid; returns the rest with why."""
        if not entries:
            return []
        receipts = [receipt_of(entry) for entry in entries]
        pool = load_pool(client_id=self.client_id, receipts=receipts, names=names)
        wanted = {item.item_id for account in pool.accounts.values() for item in account.items}
        items = {
            item.pk: item
            for item in OpenItem.objects.select_for_update().filter(pk__in=wanted).order_by("id")
        }
        # What this batch has paid already is not written yet.
        for item_id, cents in self._paid.items():
            if item_id in items:
                items[item_id].open_cents -= cents
        live = LivePool(pool, items)
        undecided: list[tuple[StatementEntry, str]] = []
        for entry, receipt in zip(entries, receipts, strict=True):
            decision = allocate(receipt, live.pool)
            if decision.account_id is None:
                undecided.append((entry, decision.reason))
                continue
            self.receipt(entry, decision, items)
            live.pay(decision)
            for item_id, cents in decision.lines:
                self._paid[item_id] = self._paid.get(item_id, 0) + cents
            if decision.shortfall:
                last = decision.lines[-1][0]
                self._paid[last] += decision.shortfall
        return undecided

    def receipt(self, entry: StatementEntry, decision: Decision, items: dict[int, OpenItem]) -> None:
        assert decision.account_id is not None
        payment = Payment(
            key=f"bank:{entry.pk}",
            source="bank",
            subaccount_id=decision.account_id,
            cents=entry.amount_cents,
            lines=decision.lines,
            posting_date=self.posting_date(entry),
            value_date=entry.value_date,
            reference=entry_reference(entry),
            reason=decision.reason,
            shortfall=decision.shortfall,
        )
        post_payment(self.batch, self.accounts, payment, items)
        entry.subaccount_id = decision.account_id
        self.settle(entry, payment.key, State.ALLOCATED, decision.rung, decision.reason)

    def outgoing(self, entry: StatementEntry) -> None:
        """Money that left: the bank's charges are known, everything else is for a clerk."""
        if entry.gvc in _CHARGE_GVC or entry.bank_code.endswith("/CHRG"):
            day = self.posting_date(entry)
            key = post_to_account(
                self.batch, self.accounts, entry, "bank_charge", day, "bank_charge", "Entgelt"
            )
            self.settle(entry, key, State.ALLOCATED, "charge", "Entgelt der Bank.")
        else:
            self.suspense(entry, "Belastung, die keinem Vorgang zugeordnet ist.")

    def suspense(self, entry: StatementEntry, reason: str) -> None:
        day = self.posting_date(entry)
        text = "ungeklärter Umsatz"
        key = post_to_account(self.batch, self.accounts, entry, "suspense", day, "suspense", text)
        self.settle(entry, key, State.SUSPENSE, "", reason)

    def settle(self, entry: StatementEntry, key: str, state: str, rung: str, reason: str) -> None:
        entry.state, entry.rung, entry.reason = state, rung, reason
        self._settled.append((entry, key))
        self.counts[state] = self.counts.get(state, 0) + 1

    def after_flush(self, action: Callable[[Outcome], None]) -> None:
        """Something that needs the ids of the postings, `action(outcome)`."""
        self._after.append(action)

    def flush(self) -> None:
        outcome = self.batch.flush()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE receivables_statemententry e SET state = v.state, rung = v.rung, reason = v.reason, "
                "journal_id = v.journal, subaccount_id = v.subaccount "
                "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::bigint[]) "
                "AS v(id, state, rung, reason, journal, subaccount) WHERE e.id = v.id",
                [
                    [entry.pk for entry, _ in self._settled],
                    [entry.state for entry, _ in self._settled],
                    [entry.rung for entry, _ in self._settled],
                    [entry.reason for entry, _ in self._settled],
                    [outcome.posted[key].journal_id for _, key in self._settled],
                    [entry.subaccount_id for entry, _ in self._settled],
                ],
            )
        for action in self._after:
            action(outcome)
        self._settled, self._after, self._paid = [], [], {}
        self.batch = PostingBatch(self.client_id, self.user, self.at)
