"""One batch of postings with the open items they bear and the clearings they bring, written set-wise.

A use case collects; `flush` posts the journals, then writes items and clearings in a handful of statements,
however many there are. A journal whose key was posted before brings neither items nor clearings again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from turnus.ledger.drafts import JournalDraft, Posted
from turnus.ledger.services import new_id, post_many
from turnus.receivables.calc.references import reference_key
from turnus.receivables.models import Clearing, ClearingLine, OpenItem
from turnus.system.bulk import copy_rows, reserve_ids
from turnus.system.models import User

# An item is meant by its id if it exists, by its key if it is born in this batch.
ItemRef = int | str


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An open item born from leg number `leg` of a journal of this batch; amount and side are the leg's."""

    leg: int
    key: str
    kind: str
    reference: str
    due_date: date
    value_date: date | None = None
    division: str = ""
    vat_percent: Decimal | None = None
    principal_item_id: int | None = None
    announced_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClearingDraft:
    """A clearing of items of one account. `lines` (item, cents); with `reverses` the cents are negative."""

    subaccount_id: int
    kind: str
    cleared_on: date
    lines: tuple[tuple[ItemRef, int], ...]
    reason: str = ""
    reverses: UUID | None = None
    journal_key: str = ""


@dataclass(slots=True)
class Outcome:
    """What a flush wrote: journals by key, item ids by key, clearing ids in the order they were added."""

    posted: dict[str, Posted]
    items: dict[str, int]
    clearings: list[UUID | None]


@dataclass(slots=True)
class PostingBatch:
    """Collects postings of one principal; `flush` once, inside the caller's transaction."""

    client_id: int
    user: User | None
    at: datetime
    _journals: list[tuple[JournalDraft, tuple[ItemDraft, ...]]] = field(default_factory=list)
    _clearings: list[ClearingDraft] = field(default_factory=list)

    def post(self, journal: JournalDraft, items: Sequence[ItemDraft] = ()) -> None:
        self._journals.append((journal, tuple(items)))

    def clear(self, clearing: ClearingDraft) -> int:
        """Add a clearing; returns its place in `Outcome.clearings`."""
        self._clearings.append(clearing)
        return len(self._clearings) - 1

    def flush(self) -> Outcome:
        """Write everything. Raises like `ledger.services.post_many`."""
        results = post_many(
            client_id=self.client_id,
            journals=[draft for draft, _ in self._journals],
            user=self.user,
            at=self.at,
        )
        posted = {result.key: result for result in results}
        items = self._write_items(posted)
        clearings = self._write_clearings(posted, items)
        return Outcome(posted, items, clearings)

    def _write_items(self, posted: dict[str, Posted]) -> dict[str, int]:
        wanted = [
            (journal, item, posted[journal.key])
            for journal, items in self._journals
            if posted[journal.key].created
            for item in items
        ]
        ids = dict(zip((item.key for _, item, _ in wanted), reserve_ids(OpenItem, len(wanted)), strict=True))
        copy_rows(
            OpenItem,
            _ITEM_COLUMNS,
            [self._item_row(ids[item.key], journal, item, result) for journal, item, result in wanted],
        )
        old = [
            item.key for journal, items in self._journals if not posted[journal.key].created for item in items
        ]
        if old:
            known = OpenItem.objects.filter(client_id=self.client_id, key__in=old)
            ids.update(known.values_list("key", "id"))
        return ids

    def _item_row(
        self, item_id: int, journal: JournalDraft, item: ItemDraft, posted: Posted
    ) -> tuple[object, ...]:
        leg = journal.legs[item.leg]
        cents = abs(leg.cents)
        return (
            item_id,
            self.client_id,
            posted.leg_ids[item.leg],
            leg.subaccount_id,
            item.kind,
            1 if leg.cents > 0 else -1,
            cents,
            cents,
            item.key,
            item.reference,
            reference_key(item.reference),
            journal.document_date,
            item.due_date,
            item.value_date,
            item.division,
            item.vat_percent,
            item.principal_item_id,
            "",
            item.announced_on,
            0,
            "",
            0,
            None,
        )

    def _write_clearings(self, posted: dict[str, Posted], items: dict[str, int]) -> list[UUID | None]:
        lines: list[tuple[object, ...]] = []
        heads: list[tuple[object, ...]] = []
        made: list[UUID | None] = []
        user_id = self.user.pk if self.user else None
        for draft in self._clearings:
            if draft.journal_key and not posted[draft.journal_key].created:
                made.append(None)
                continue
            clearing_id = new_id(self.at)
            made.append(clearing_id)
            for ref, cents in draft.lines:
                item_id = items[ref] if isinstance(ref, str) else ref
                lines.append((self.client_id, clearing_id, item_id, cents))
            heads.append(
                (
                    clearing_id,
                    self.client_id,
                    draft.subaccount_id,
                    draft.kind,
                    len(draft.lines),
                    draft.cleared_on,
                    draft.reason[:200],
                    draft.reverses,
                    self.at,
                    user_id,
                )
            )
        if heads:
            copy_rows(ClearingLine, ("client_id", "clearing_id", "open_item_id", "amount_cents"), lines)
            copy_rows(Clearing, _CLEARING_COLUMNS, heads)
        return made


_ITEM_COLUMNS = (
    "id",
    "client_id",
    "leg_id",
    "subaccount_id",
    "kind",
    "side",
    "amount_cents",
    "open_cents",
    "key",
    "reference",
    "reference_key",
    "document_date",
    "due_date",
    "value_date",
    "division",
    "vat_percent",
    "principal_item_id",
    "billed_in",
    "announced_on",
    "debit_attempts",
    "debit_blocked",
    "dunning_level",
    "dunned_on",
)
_CLEARING_COLUMNS = (
    "id",
    "client_id",
    "subaccount_id",
    "kind",
    "line_count",
    "cleared_on",
    "reason",
    "reverses_id",
    "created_at",
    "created_by_id",
)
