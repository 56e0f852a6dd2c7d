"""Returned debits: take the collection back, reopen what it had paid, post and pass on the bank's charge.

The receivable comes back with its original due date, because the clearing is reversed, not replaced. An
instalment that a bill has settled meanwhile is not reopened: what came back raises the bill's balance.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import F

from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.masterdata.models import Mandate
from turnus.receivables.calc.returns import Action, ReturnRule, may_retry, rule_for
from turnus.receivables.models import Clearing, Debit, OpenItem, StatementEntry
from turnus.receivables.services.batch import ClearingDraft, ItemDraft, ItemRef
from turnus.receivables.services.poster import Poster
from turnus.receivables.services.reversal import live_clearings, reversing, without
from turnus.receivables.services.settlement import entry_reference, instalment_legs, is_request
from turnus.worklist.services import NewCase, open_case

FEE_DUE_DAYS = 14


def match_returns(client_id: int, entries: Sequence[StatementEntry]) -> dict[int, Debit]:
    """The collected debit of each return: by end-to-end id, else by mandate and amount (the latest)."""
    if not entries:
        return {}
    collected = Debit.objects.filter(client_id=client_id, state=Debit.State.COLLECTED).select_related(
        "mandate"
    )
    wanted = {entry.end_to_end_id for entry in entries if entry.end_to_end_id}
    by_id = {debit.end_to_end_id: debit for debit in collected.filter(end_to_end_id__in=wanted)}
    mandates = {entry.mandate_reference for entry in entries if entry.mandate_reference}
    by_mandate: dict[tuple[str, int], list[Debit]] = {}
    for debit in collected.filter(mandate__reference__in=mandates).order_by("collect_on", "id"):
        by_mandate.setdefault((debit.mandate.reference, debit.amount_cents), []).append(debit)
    found: dict[int, Debit] = {}
    taken: set[int] = set()
    for entry in entries:
        candidates = by_mandate.get((entry.mandate_reference, _original(entry)), [])[::-1]
        if entry.end_to_end_id in by_id:
            candidates = [by_id[entry.end_to_end_id]]
        match = next((one for one in candidates if one.pk not in taken), None)
        if match is not None and match.amount_cents == _original(entry):
            found[entry.pk] = match
            taken.add(match.pk)
    return found


def _original(entry: StatementEntry) -> int:
    """What had been collected, in cents."""
    return entry.original_cents if entry.original_cents is not None else -entry.amount_cents


# What a collection had paid: an item and how many cents of it.
Paid = Sequence[tuple[OpenItem, int]]


def post_return(poster: Poster, entry: StatementEntry, debit: Debit) -> None:
    """Post a return and everything that follows from it.

    What the collection pays *now* is taken back, not what it paid first: a bill that was cancelled or
    corrected since has already let go of the money.
    """
    assert debit.payment_item_id is not None, "a collected debit has posted its payment"
    payment = OpenItem.objects.get(pk=debit.payment_item_id)
    clearings = live_clearings(payment)
    rests = [without(clearing, payment) for clearing in clearings]
    owed = [pair for _, given_up in rests for pair in given_up]
    billed = [
        (item, cents) for item, cents in owed if item.kind == OpenItem.Kind.INSTALMENT and item.billed_in
    ]
    key = f"bank:{entry.pk}"
    _post(poster, entry, debit, owed, billed, key)
    on, reason = entry.value_date, f"Rücklastschrift {entry.return_reason}"
    for clearing, (rest, _) in zip(clearings, rests, strict=True):
        poster.batch.clear(reversing(clearing, kind=Clearing.Kind.RETURN, on=on, reason=reason))
        if rest:
            poster.batch.clear(
                ClearingDraft(clearing.subaccount_id, clearing.kind, on, rest, clearing.reason)
            )
    _clear(poster, entry, debit, payment, billed, key)
    if entry.charges_cents:
        _charge(poster, entry, debit, key, owed[0][0].pk if owed else None)
    rule = rule_for(entry.return_reason, entry.booking_date)
    text = f"Rückgabe {entry.return_reason or 'ohne Grund'}: {rule.meaning}."
    entry.subaccount_id = debit.subaccount_id
    poster.settle(entry, key, StatementEntry.State.RETURNED, "mandate", text)
    poster.after_flush(
        lambda outcome: _consequences(poster, entry, debit, rule, [item.pk for item, _ in owed])
    )


def _post(
    poster: Poster,
    entry: StatementEntry,
    debit: Debit,
    owed: Paid,
    billed: Paid,
    key: str,
) -> None:
    legs = [
        LegDraft(poster.accounts.of("receivable"), debit.amount_cents, debit.subaccount_id),
        LegDraft(poster.accounts.of("bank"), entry.amount_cents),
    ]
    charges = -entry.amount_cents - debit.amount_cents
    if charges:
        legs.append(LegDraft(poster.accounts.of("bank_charge"), charges))
    for paid, cents in owed:
        if is_request(paid):
            legs += instalment_legs(poster.accounts, paid, -cents)
    number = billed[0][0].billed_in if billed else ""
    bill = (
        OpenItem.objects.filter(client_id=poster.client_id, kind=OpenItem.Kind.BILL, reference=number).first()
        if number
        else None
    )
    item = ItemDraft(
        leg=0,
        key=key,
        kind=OpenItem.Kind.RETURN,
        reference=number or debit.end_to_end_id,
        due_date=bill.due_date if bill else entry.booking_date,
        value_date=entry.value_date,
    )
    poster.batch.post(
        JournalDraft(
            key=key,
            kind="debit_return",
            posting_date=poster.posting_date(entry),
            document_date=entry.value_date,
            legs=tuple(legs),
            reference=entry_reference(entry),
            text=f"Rücklastschrift {debit.end_to_end_id} {entry.return_reason}",
        ),
        [item],
    )


def _clear(
    poster: Poster, entry: StatementEntry, debit: Debit, payment: OpenItem, billed: Paid, key: str
) -> None:
    """Settle the returned payment: what a bill has credited stays paid, the rest is owed again."""
    on = entry.value_date
    kept = sum(cents for _, cents in billed)
    if billed:
        lines: list[tuple[ItemRef, int]] = [(item.pk, cents) for item, cents in billed]
        lines.append((payment.pk, kept))
        poster.batch.clear(
            ClearingDraft(
                debit.subaccount_id,
                Clearing.Kind.COLLECTION,
                on,
                tuple(lines),
                "bleibt in Rechnung verrechnet",
            )
        )
    back = debit.amount_cents - kept
    if back:
        pair: tuple[tuple[ItemRef, int], ...] = ((payment.pk, back), (key, back))
        reason = f"Rücklastschrift {entry.return_reason}"
        poster.batch.clear(ClearingDraft(debit.subaccount_id, Clearing.Kind.RETURN, on, pair, reason))


def _charge(
    poster: Poster, entry: StatementEntry, debit: Debit, key: str, principal_item_id: int | None
) -> None:
    """Pass on the bank's actual charge, without VAT (damages)."""
    assert entry.charges_cents is not None
    fee_key = f"{key}:fee"
    poster.batch.post(
        JournalDraft(
            key=fee_key,
            kind="return_fee",
            posting_date=poster.posting_date(entry),
            document_date=entry.booking_date,
            legs=(
                LegDraft(poster.accounts.of("receivable"), entry.charges_cents, debit.subaccount_id),
                LegDraft(poster.accounts.of("return_fee"), -entry.charges_cents),
            ),
            reference=entry_reference(entry),
            text="Bankentgelt der Rücklastschrift",
        ),
        [
            ItemDraft(
                leg=0,
                key=fee_key,
                kind=OpenItem.Kind.RETURN_FEE,
                reference=debit.end_to_end_id,
                due_date=entry.booking_date + timedelta(days=FEE_DUE_DAYS),
                principal_item_id=principal_item_id,
            )
        ],
    )


def _consequences(
    poster: Poster, entry: StatementEntry, debit: Debit, rule: ReturnRule, item_ids: Sequence[int]
) -> None:
    """Mark the debit, block what the reason demands, open a case where somebody has to act."""
    Debit.objects.filter(pk=debit.pk).update(state=Debit.State.RETURNED)
    items = OpenItem.objects.filter(pk__in=item_ids)
    items.update(debit_attempts=F("debit_attempts") + 1)
    for item in items:
        if not may_retry(rule, item.debit_attempts):
            OpenItem.objects.filter(pk=item.pk).update(debit_blocked=rule.meaning[:80])
    if rule.action is Action.BLOCK_MANDATE:
        _block_mandate(debit.mandate_id, rule, entry.booking_date)
    if rule.case:
        open_case(
            client_id=poster.client_id,
            new=NewCase(
                kind="debit_returned",
                service="M15",
                key=f"return:{debit.mandate_id}:{entry.return_reason}",
                title=f"Rücklastschrift {entry.return_reason}: {rule.meaning}",
                reason=rule.case,
                object_kind="receivables.statemententry",
                object_id=entry.pk,
                object_label=f"{entry.name or debit.debtor}",
                details={"subaccount": debit.subaccount_id, "amount_cents": debit.amount_cents},
            ),
            at=poster.at,
        )


def _block_mandate(mandate_id: int, rule: ReturnRule, on: date) -> None:
    mandate = Mandate.objects.select_for_update().get(pk=mandate_id)
    if mandate.status == Mandate.Status.ACTIVE:
        mandate.status = Mandate.Status.BLOCKED
        mandate.blocked_reason = f"Rücklastschrift {on:%d.%m.%Y}: {rule.meaning}"[:120]
        mandate.save(update_fields=["status", "blocked_reason"])
