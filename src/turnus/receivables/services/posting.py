"""Post staged bank entries in batches: collections, receipts, returns, charges, suspense."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from turnus.receivables.models import StatementEntry
from turnus.receivables.services.collection import match_collections, post_collection
from turnus.receivables.services.poster import Poster
from turnus.receivables.services.returned import match_returns, post_return
from turnus.system.models import User

BATCH = 500


def post_new_entries(*, client_id: int, user: User | None, at: datetime) -> dict[str, int]:
    """Post everything that is staged. Returns how many payments ended in which state."""
    totals: dict[str, int] = {}
    while True:
        with transaction.atomic():
            entries = list(
                StatementEntry.objects.select_for_update(skip_locked=True)
                .filter(client_id=client_id, state=StatementEntry.State.NEW)
                .order_by("id")[:BATCH]
            )
            if not entries:
                return totals
            for state, count in _post_batch(client_id, entries, user, at).items():
                totals[state] = totals.get(state, 0) + count


def _post_batch(
    client_id: int, entries: Sequence[StatementEntry], user: User | None, at: datetime
) -> dict[str, int]:
    """Money in first, then returns: a debit may be collected and returned in one file."""
    work = Poster(client_id, user, at)
    receipts = [entry for entry in entries if not entry.is_return]
    collections = match_collections(client_id, receipts)
    for entry in receipts:
        if entry.pk in collections:
            post_collection(work, entry, collections[entry.pk])
    work.flush()
    work.receipts([entry for entry in receipts if entry.pk not in collections])
    work.flush()
    returned = [entry for entry in entries if entry.is_return]
    matches = match_returns(client_id, returned)
    for entry in returned:
        if entry.pk in matches:
            post_return(work, entry, matches[entry.pk])
        else:
            work.suspense(entry, "Rücklastschrift, zu der kein eigener Einzug gefunden wurde.")
    work.flush()
    return work.counts
