"""Legs, items and clearings of money that moves: receipts, suspense, VAT of instalments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.services import AccountTable
from turnus.receivables.calc.vat import vat_of_part, vat_within
from turnus.receivables.models import Clearing, OpenItem, StatementEntry
from turnus.receivables.services.batch import ClearingDraft, ItemDraft, ItemRef, PostingBatch


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment to post: whose it is, what it pays, where the money comes from (`bank` or `suspense`)."""

    key: str
    source: str
    subaccount_id: int
    cents: int
    lines: tuple[tuple[int, int], ...]
    posting_date: date
    value_date: date
    reference: str
    reason: str
    kind: str = Clearing.Kind.PAYMENT
    shortfall: int = 0
    text: str = "Zahlungseingang"


def post_payment(
    batch: PostingBatch, accounts: AccountTable, payment: Payment, items: Mapping[int, OpenItem]
) -> int | None:
    """Add the posting of a payment: its item, the VAT of instalments it pays, its clearing.

    What is not used by `lines` stays as a credit on the account.
    Returns: the place of the clearing in the batch's outcome, `None` without a clearing.
    """
    legs = [
        LegDraft(accounts.of("receivable"), -payment.cents, payment.subaccount_id),
        LegDraft(accounts.of(payment.source), payment.cents),
    ]
    for item_id, part in payment.lines:
        legs += instalment_legs(accounts, items[item_id], part)
    drafts = [
        ItemDraft(
            leg=0,
            key=payment.key,
            kind=OpenItem.Kind.PAYMENT,
            reference=payment.reference,
            due_date=payment.value_date,
            value_date=payment.value_date,
        )
    ]
    lines: list[tuple[ItemRef, int]] = [(item_id, part) for item_id, part in payment.lines]
    if lines:
        lines.append((payment.key, sum(part for _, part in payment.lines)))
    if payment.shortfall:
        _forgive(accounts, payment, items[payment.lines[-1][0]], legs, drafts, lines)
    batch.post(
        JournalDraft(
            key=payment.key,
            kind="payment",
            posting_date=payment.posting_date,
            document_date=payment.value_date,
            legs=tuple(legs),
            reference=payment.reference,
            text=payment.text,
        ),
        drafts,
    )
    if not lines:
        return None
    return batch.clear(
        ClearingDraft(
            subaccount_id=payment.subaccount_id,
            kind=payment.kind,
            cleared_on=payment.value_date,
            lines=_merged(lines),
            reason=payment.reason,
            journal_key=payment.key,
        )
    )


def _merged(lines: Sequence[tuple[ItemRef, int]]) -> tuple[tuple[ItemRef, int], ...]:
    merged: dict[ItemRef, int] = {}
    for ref, cents in lines:
        merged[ref] = merged.get(ref, 0) + cents
    return tuple(merged.items())


def _forgive(
    accounts: AccountTable,
    payment: Payment,
    item: OpenItem,
    legs: list[LegDraft],
    drafts: list[ItemDraft],
    lines: list[tuple[ItemRef, int]],
) -> None:
    """Book a shortfall within the tolerance off, with its share of VAT where the item has one rate."""
    rate = item.vat_percent
    if is_request(item) or rate is None:
        return  # an unpaid rest of a request lapses into the bill; of a mixed bill it stays open
    vat = vat_within(payment.shortfall, rate)
    key = f"{payment.key}:difference"
    legs.append(LegDraft(accounts.of("receivable"), -payment.shortfall, payment.subaccount_id))
    drafts.append(
        ItemDraft(
            leg=len(legs) - 1,
            key=key,
            kind=OpenItem.Kind.DIFFERENCE,
            reference=item.reference,
            due_date=payment.value_date,
        )
    )
    legs.append(LegDraft(accounts.of("payment_difference"), payment.shortfall - vat, vat_percent=rate))
    if vat:
        legs.append(LegDraft(accounts.of("output_vat", item.division, rate), vat, vat_percent=rate))
    lines.append((item.pk, payment.shortfall))
    lines.append((key, payment.shortfall))


def is_request(item: OpenItem) -> bool:
    """A statistical instalment request that no bill has settled yet."""
    return item.kind == OpenItem.Kind.INSTALMENT and not item.billed_in


def instalment_legs(accounts: AccountTable, item: OpenItem, part: int) -> list[LegDraft]:
    """A request (partly) received becomes a prepayment with VAT; `part` < 0 takes a receipt back."""
    if not is_request(item):
        return []
    rate = item.vat_percent if item.vat_percent is not None else Decimal(0)
    vat = vat_of_part(item.amount_cents - item.open_cents, part, rate)
    legs = [LegDraft(accounts.of("instalment_clearing", item.division), part)]
    if part != vat:  # a single cent may be all VAT
        legs.append(LegDraft(accounts.of("prepayment", item.division, rate), vat - part, vat_percent=rate))
    if vat:
        legs.append(LegDraft(accounts.of("output_vat", item.division, rate), -vat, vat_percent=rate))
    return legs


def post_to_account(
    batch: PostingBatch,
    accounts: AccountTable,
    entry: StatementEntry,
    account: str,
    posting_date: date,
    kind: str,
    text: str,
) -> str:
    """Post an entry between the bank and an account without sub-ledger; returns the journal's key."""
    key = f"bank:{entry.pk}"
    batch.post(
        JournalDraft(
            key=key,
            kind=kind,
            posting_date=posting_date,
            document_date=entry.value_date,
            legs=(
                LegDraft(accounts.of("bank"), entry.amount_cents),
                LegDraft(accounts.of(account), -entry.amount_cents),
            ),
            reference=entry_reference(entry),
            text=text,
        )
    )
    return key


def entry_reference(entry: StatementEntry) -> str:
    """How a bank entry is named in the ledger: from there back to the line of the statement."""
    return f"Bank {entry.booking_date:%d.%m.%Y} / {entry.pk}"
