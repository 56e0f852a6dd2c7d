"""Take clearings back and give a reversed posting's items their counterpart."""

from collections.abc import Sequence
from datetime import date, datetime

from turnus.ledger.drafts import Posted
from turnus.ledger.models import Leg
from turnus.receivables.models import Clearing, ClearingLine, OpenItem
from turnus.receivables.services.batch import ClearingDraft, ItemRef, PostingBatch
from turnus.system.models import User


def reversing(clearing: Clearing, *, kind: str, on: date, reason: str) -> ClearingDraft:
    """The draft that takes a clearing back line by line."""
    lines = tuple(
        (line.open_item_id, -line.amount_cents)
        for line in ClearingLine.objects.filter(clearing=clearing).order_by("open_item_id")
    )
    return ClearingDraft(clearing.subaccount_id, kind, on, lines, reason, reverses=clearing.pk)


def live_clearings(item: OpenItem) -> list[Clearing]:
    """The clearings an item takes part in that have not been taken back."""
    return list(
        Clearing.objects.filter(
            lines__open_item=item, reverses__isnull=True, reversed_by__isnull=True
        ).order_by("id")
    )


def reopen_all(
    *, client_id: int, item: OpenItem, on: date, user: User | None, at: datetime, reason: str
) -> None:
    """Take an item out of all its clearings, so that it is open in full again.

    What a clearing had settled besides is settled anew: a payment of a bill and an instalment goes on paying
    the instalment when the bill is cancelled.
    """
    batch = PostingBatch(client_id, user, at)
    for clearing in live_clearings(item):
        batch.clear(reversing(clearing, kind=clearing.kind, on=on, reason=reason))
        rest, _ = without(clearing, item)
        if rest:
            batch.clear(ClearingDraft(clearing.subaccount_id, clearing.kind, on, rest, clearing.reason))
    batch.flush()


def without(
    clearing: Clearing, item: OpenItem
) -> tuple[tuple[tuple[ItemRef, int], ...], list[tuple[OpenItem, int]]]:
    """A clearing without one item: (the lines that stay, what each other side gives up of its amount).

    The last lines give up first, until they have given what the item had taken.
    """
    lines = list(
        ClearingLine.objects.filter(clearing=clearing).select_related("open_item").order_by("open_item_id")
    )
    surplus = sum(line.amount_cents for line in lines if line.open_item_id == item.pk)
    kept: list[tuple[ItemRef, int]] = []
    given_up: list[tuple[OpenItem, int]] = []
    for line in reversed(lines):
        cents = line.amount_cents
        if line.open_item_id == item.pk:
            continue
        if line.open_item.side != item.side:
            given = min(cents, surplus)
            surplus -= given
            cents -= given
            if given:
                given_up.append((line.open_item, given))
        if cents:
            kept.append((line.open_item_id, cents))
    return tuple(reversed(kept)), given_up[::-1]


def mirror_items(
    *, client_id: int, items: Sequence[OpenItem], posted: Posted, on: date, user: User | None, at: datetime
) -> None:
    """Give each item of a reversed journal the item of the mirrored leg, and clear the two."""
    legs = {leg.pk: leg for leg in Leg.objects.filter(pk__in=posted.leg_ids)}
    batch = PostingBatch(client_id, user, at)
    for item in items:
        leg = next(
            leg
            for leg in legs.values()
            if leg.subaccount_id == item.subaccount_id and leg.amount_cents == -item.side * item.amount_cents
        )
        twin = OpenItem.objects.create(
            client_id=client_id,
            leg=leg,
            subaccount_id=item.subaccount_id,
            kind=OpenItem.Kind.REVERSAL,
            side=-item.side,
            amount_cents=item.amount_cents,
            open_cents=item.amount_cents,
            key=f"reversal:{item.key}",
            reference=item.reference,
            reference_key=item.reference_key,
            document_date=item.document_date,
            due_date=item.due_date,
            division=item.division,
            vat_percent=item.vat_percent,
        )
        batch.clear(
            ClearingDraft(
                item.subaccount_id,
                Clearing.Kind.OFFSET,
                on,
                ((item.pk, item.amount_cents), (twin.pk, item.amount_cents)),
                "Storno",
            )
        )
    batch.flush()
