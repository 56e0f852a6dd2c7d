"""A clerk claims money from suspense for an account, and can take that back.

The payment keeps its original value date; dunning that happened on or after that date, because the money was
not recognised in time, is undone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from turnus.ledger.models import Journal
from turnus.ledger.services import account_table, reverse
from turnus.lib.money import to_cents
from turnus.receivables.calc.suggestions import Suggestion, rank
from turnus.receivables.models import OpenItem, StatementEntry
from turnus.receivables.queries import open_return
from turnus.receivables.services.batch import PostingBatch
from turnus.receivables.services.dunning_undo import undo_dunning_since
from turnus.receivables.services.pool import load_accounts, load_pool, receipt_of
from turnus.receivables.services.reversal import mirror_items, reopen_all
from turnus.receivables.services.settlement import Payment, entry_reference, post_payment
from turnus.system import audit
from turnus.system.models import User
from turnus.worklist.services import close_cause


def suggestions(*, entry_id: int) -> list[Suggestion]:
    """Ranked accounts for an entry, with the reasons; what was assigned by hand before counts."""
    entry = StatementEntry.objects.get(pk=entry_id)
    receipt = receipt_of(entry)
    former: list[int] = []
    if entry.iban:
        former = list(
            StatementEntry.objects.filter(
                client_id=entry.client_id,
                iban=entry.iban,
                state=StatementEntry.State.ASSIGNED,
                subaccount__isnull=False,
            )
            .exclude(pk=entry.pk)
            .values_list("subaccount_id", flat=True)
        )
    pool = load_pool(client_id=entry.client_id, receipts=[receipt], broad=True)
    missing = [account_id for account_id in former if account_id not in pool.accounts]
    if missing:
        pool = replace(pool, accounts={**pool.accounts, **load_accounts(entry.client_id, missing)})
    return rank(receipt, pool, former)


@transaction.atomic
def assign(
    *, entry_id: int, parts: Sequence[tuple[int, Decimal]], user: User | None, at: datetime
) -> StatementEntry:
    """Assign an entry in suspense to open items, `parts` = (open item id, euros).

    The parts must sum to the entry at most; the rest stays as a credit on the account of the largest part.
    Items of several accounts split the entry.

    Raises: `ValueError` when the entry is not in suspense, a part is not positive or exceeds its item, or the
    parts exceed the entry.
    """
    entry = StatementEntry.objects.select_for_update().get(pk=entry_id)
    if entry.state != StatementEntry.State.SUSPENSE:
        raise ValueError(f"Der Umsatz ist nicht ungeklärt, sondern „{entry.get_state_display()}“.")
    if open_return(entry=entry) is not None:
        raise ValueError(
            "Die Rücküberweisung dieser Zahlung ist vorgeschlagen. Zum Zuordnen muss eine zweite Person den "
            "Vorschlag unter Freigaben ablehnen."
        )
    if entry.amount_cents <= 0:
        raise ValueError("Eine Belastung lässt sich keinem offenen Posten zuordnen.")
    summed: dict[int, int] = {}
    for item_id, euros in parts:
        # The same item twice is one part: its VAT is computed once, from the whole.
        summed[item_id] = summed.get(item_id, 0) + to_cents(euros)
    wanted = list(summed.items())
    items = {
        item.pk: item
        for item in OpenItem.objects.select_for_update()
        .filter(client_id=entry.client_id, pk__in=[item_id for item_id, _ in wanted], side=1)
        .order_by("id")
    }
    _check(entry, wanted, items)
    entry.assignments += 1
    largest = _post_parts(entry, wanted, items, user, at)
    entry.state, entry.subaccount_id = StatementEntry.State.ASSIGNED, largest
    entry.rung = "manual"
    entry.save(update_fields=["state", "subaccount", "assignments", "rung"])
    undo_dunning_since(
        client_id=entry.client_id, item_ids=list(items), day=entry.value_date, user=user, at=at
    )
    _close_cases(entry, at)
    _record(entry, user, at, "payment_assigned", [[item_id, cents] for item_id, cents in wanted])
    return entry


def _post_parts(
    entry: StatementEntry,
    wanted: Sequence[tuple[int, int]],
    items: dict[int, OpenItem],
    user: User | None,
    at: datetime,
) -> int:
    """Post one payment per account from suspense; returns the account that keeps the rest."""
    per_account: dict[int, list[tuple[int, int]]] = {}
    for item_id, cents in wanted:
        per_account.setdefault(items[item_id].subaccount_id, []).append((item_id, cents))
    rest = entry.amount_cents - sum(cents for _, cents in wanted)
    largest = max(per_account, key=lambda account: sum(cents for _, cents in per_account[account]))
    accounts = account_table(client_id=entry.client_id)
    batch = PostingBatch(entry.client_id, user, at)
    for account_id, lines in sorted(per_account.items()):
        cents = sum(part for _, part in lines) + (rest if account_id == largest else 0)
        payment = Payment(
            key=f"assign:{entry.pk}:{entry.assignments}:{account_id}",
            source="suspense",
            subaccount_id=account_id,
            cents=cents,
            lines=tuple(lines),
            posting_date=timezone.localdate(at),
            value_date=entry.value_date,
            reference=entry_reference(entry),
            reason=f"von Hand zugeordnet ({user or 'Maschine'})",
            text="Zahlung zugeordnet",
        )
        post_payment(batch, accounts, payment, items)
    batch.flush()
    return largest


def _check(entry: StatementEntry, wanted: Sequence[tuple[int, int]], items: dict[int, OpenItem]) -> None:
    if not wanted:
        raise ValueError("Es ist kein Posten ausgewählt.")
    for item_id, cents in wanted:
        if item_id not in items:
            raise ValueError(f"Den offenen Posten {item_id} gibt es bei diesem Auftraggeber nicht.")
        if cents <= 0:
            raise ValueError(f"Der Betrag für {items[item_id].reference} ist nicht größer als null.")
        if cents > items[item_id].open_cents:
            raise ValueError(f"Für {items[item_id].reference} ist weniger offen als zugeordnet werden soll.")
    if sum(cents for _, cents in wanted) > entry.amount_cents:
        raise ValueError("Es soll mehr zugeordnet werden, als eingegangen ist.")


@transaction.atomic
def undo_assignment(*, entry_id: int, user: User | None, at: datetime) -> StatementEntry:
    """Take a manual assignment back: clearings and postings are reversed, the money is in suspense again.

    Raises: `ValueError` when the entry was not assigned by hand, or when it paid an instalment that a bill
    has credited since: its VAT has moved into the bill, so the bill has to be corrected first.
    """
    entry = StatementEntry.objects.select_for_update().get(pk=entry_id)
    if entry.state != StatementEntry.State.ASSIGNED:
        raise ValueError("Nur eine Zuordnung von Hand lässt sich zurücknehmen.")
    prefix = f"assign:{entry.pk}:{entry.assignments}:"
    today = timezone.localdate(at)
    payments = list(
        OpenItem.objects.select_for_update().filter(client_id=entry.client_id, key__startswith=prefix)
    )
    _refuse_if_billed(payments)
    for payment in payments:
        reopen_all(
            client_id=entry.client_id,
            item=payment,
            on=entry.value_date,
            user=user,
            at=at,
            reason="Zuordnung zurück",
        )
        journal = Journal.objects.get(client_id=entry.client_id, idem_key=payment.key)
        posted = reverse(
            client_id=entry.client_id,
            journal_id=journal.pk,
            key=f"undo:{payment.key}",
            posting_date=today,
            user=user,
            at=at,
            text="Zuordnung zurückgenommen",
        )
        mirror_items(
            client_id=entry.client_id, items=[payment], posted=posted, on=entry.value_date, user=user, at=at
        )
    entry.state, entry.subaccount_id, entry.rung = StatementEntry.State.SUSPENSE, None, ""
    entry.reason = "Zuordnung zurückgenommen."
    entry.save(update_fields=["state", "subaccount", "rung", "reason"])
    _record(entry, user, at, "assignment_undone", [payment.pk for payment in payments])
    return entry


def _refuse_if_billed(payments: Sequence[OpenItem]) -> None:
    billed = (
        OpenItem.objects.filter(
            lines__clearing__lines__open_item__in=payments,
            lines__clearing__reverses__isnull=True,
            lines__clearing__reversed_by__isnull=True,
            kind=OpenItem.Kind.INSTALMENT,
        )
        .exclude(billed_in="")
        .values_list("billed_in", flat=True)
        .first()
    )
    if billed:
        raise ValueError(
            f"Die Zahlung ist in Rechnung {billed} verrechnet. Bitte zuerst die Rechnung korrigieren."
        )


def _close_cases(entry: StatementEntry, at: datetime) -> None:
    close_cause(client_id=entry.client_id, key=f"suspense:{entry.pk}", at=at, outcome="Zahlung zugeordnet")


def _record(entry: StatementEntry, user: User | None, at: datetime, action: str, parts: object) -> None:
    audit.record(
        client_id=entry.client_id,
        at=at,
        user=user,
        action=action,
        object_kind="receivables.statemententry",
        object_id=entry.pk,
        details={"parts": parts},
    )
