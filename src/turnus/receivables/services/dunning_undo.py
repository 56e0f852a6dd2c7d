"""Undo dunning: a run taken back before dispatch, or money that had been there in time after all."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from turnus.documents.models import Document
from turnus.documents.services import cancel_document
from turnus.ledger.models import PostingPeriod
from turnus.ledger.services import reverse
from turnus.receivables.models import DunningNotice, DunningNoticeItem, OpenItem
from turnus.receivables.services.reversal import mirror_items, reopen_all
from turnus.system.models import User


def take_back(*, notice: DunningNotice, reason: str, user: User | None, at: datetime) -> None:
    """Roll a notice back: its fee is reversed, its items get their former level, its letter is withdrawn.

    A letter that has left the house stays as it is; only fee and levels are undone.
    """
    for line in notice.items.select_related("open_item"):
        restore_level(line, notice.level)
    if notice.fee_item_id is not None:
        _reverse_fee(notice, notice.fee_item_id, user, at)
    document = notice.document
    if document is not None and document.state == Document.State.CREATED:
        cancel_document(document_id=document.pk, user=user, at=at, reason=reason)
    notice.state, notice.removed_reason = DunningNotice.State.CANCELLED, reason[:200]
    notice.save(update_fields=["state", "removed_reason"])


def restore_level(line: DunningNoticeItem, level: int) -> None:
    """Give an item the level it had before a notice, unless a later one has raised it again."""
    OpenItem.objects.filter(pk=line.open_item_id, dunning_level=level).update(
        dunning_level=line.level_before, dunned_on=line.dunned_before
    )


def _reverse_fee(notice: DunningNotice, fee_item_id: int, user: User | None, at: datetime) -> None:
    fee = OpenItem.objects.select_for_update().select_related("leg").get(pk=fee_item_id)
    on = _open_day(notice, at)
    reopen_all(
        client_id=notice.client_id, item=fee, on=on, user=user, at=at, reason="Mahngebühr zurückgenommen"
    )
    posted = reverse(
        client_id=notice.client_id,
        journal_id=fee.leg.journal_id,
        key=f"reversal:{fee.key}",
        posting_date=on,
        user=user,
        at=at,
        text="Mahngebühr zurückgenommen",
    )
    if posted.created:
        mirror_items(client_id=notice.client_id, items=[fee], posted=posted, on=on, user=user, at=at)


def _open_day(notice: DunningNotice, at: datetime) -> date:
    """The day of the run, or today if its month is closed."""
    day = notice.run.on
    closed = PostingPeriod.objects.filter(client_id=notice.client_id, month=f"{day:%Y-%m}", is_locked=True)
    return timezone.localdate(at) if closed.exists() else day


def undo_dunning_since(
    *, client_id: int, item_ids: Sequence[int], day: date, user: User | None, at: datetime
) -> int:
    """Undo what was dunned on or after `day` for items that are paid now; returns how many notices fell.

    A notice falls as a whole when nothing of it is open any more; else only the paid items lose their level.
    """
    notices = DunningNotice.objects.filter(
        client_id=client_id, state=DunningNotice.State.SENT, run__on__gte=day, items__open_item__in=item_ids
    ).distinct()
    fallen = 0
    for notice in notices.select_related("run", "document").order_by("-id"):
        lines = list(notice.items.select_related("open_item"))
        if all(line.open_item.open_cents == 0 for line in lines):
            take_back(notice=notice, reason="Zahlung war rechtzeitig eingegangen", user=user, at=at)
            fallen += 1
            continue
        for line in lines:
            if line.open_item.open_cents == 0:
                restore_level(line, notice.level)
    return fallen
