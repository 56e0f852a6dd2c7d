"""Post staged bank entries in batches: collections, payouts, receipts, returns, charges, suspense."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from turnus.receivables.models import StatementEntry
from turnus.receivables.services.collection import match_collections, post_collection
from turnus.receivables.services.payout_debits import match_payouts, post_payout_debit
from turnus.receivables.services.poster import Poster
from turnus.receivables.services.returned import match_returns, post_return
from turnus.system import statistics
from turnus.system.models import User

BATCH = 500
log = logging.getLogger(__name__)


def post_new_entries(*, client_id: int, user: User | None, at: datetime) -> dict[str, int]:
    """Post everything that is staged. Returns how many payments ended in which state."""
    totals: dict[str, int] = {}
    step = 0
    while True:
        step += 1
        with transaction.atomic():
            entries = list(
                StatementEntry.objects.select_for_update(skip_locked=True)
                .filter(client_id=client_id, state=StatementEntry.State.NEW)
                .order_by("id")[:BATCH]
            )
            if not entries:
                return totals
            for state, count in _post_or_split(client_id, entries, user, at).items():
                totals[state] = totals.get(state, 0) + count
        statistics.refresh_after(step)


def _post_or_split(
    client_id: int, entries: Sequence[StatementEntry], user: User | None, at: datetime
) -> dict[str, int]:
    """Post a batch; if it breaks, halve it until the guilty entry stands alone and goes to suspense.

    One entry nobody foresaw must not keep every later statement from being posted.
    """
    try:
        with transaction.atomic():
            return _post_batch(client_id, entries, user, at)
    except Exception as error:
        log.exception("bank entries %s cannot be posted", [entry.pk for entry in entries])
        # The failed attempt has written into the objects; read them again.
        fresh = list(StatementEntry.objects.filter(pk__in=[entry.pk for entry in entries]).order_by("id"))
        if len(fresh) == 1:
            work = Poster(client_id, user, at)
            work.suspense(fresh[0], f"Ließ sich nicht buchen: {type(error).__name__}: {error}"[:500])
            work.flush()
            return work.counts
    middle = len(fresh) // 2
    first = _post_or_split(client_id, fresh[:middle], user, at)
    second = _post_or_split(client_id, fresh[middle:], user, at)
    return {state: first.get(state, 0) + second.get(state, 0) for state in {**first, **second}}


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
    payouts = match_payouts(client_id, receipts)
    for entry in receipts:
        if entry.pk in payouts:
            post_payout_debit(work, entry, payouts[entry.pk])
    known = collections.keys() | payouts.keys()
    work.receipts([entry for entry in receipts if entry.pk not in known])
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
