"""Our own credit transfers debited by the bank: find them and clear the money in transit."""

from collections.abc import Sequence

from turnus.receivables.models import Payout, StatementEntry
from turnus.receivables.services.poster import Poster
from turnus.receivables.services.settlement import post_to_account


def match_payouts(client_id: int, entries: Sequence[StatementEntry]) -> dict[int, list[Payout]]:
    """Which payouts an entry debits: one by its reference, or all of a file booked as one sum."""
    debits = [entry for entry in entries if entry.amount_cents < 0]
    names = {name for entry in debits for name in (entry.end_to_end_id, entry.batch_id) if name}
    if not names:
        return {}
    waiting = Payout.objects.filter(client_id=client_id, state=Payout.State.IN_FILE).select_related("file")
    single = {payout.number: payout for payout in waiting.filter(number__in=names)}
    batches: dict[str, list[Payout]] = {}
    for payout in waiting.filter(file__number__in=names).order_by("id"):
        assert payout.file is not None
        batches.setdefault(payout.file.number, []).append(payout)
    found: dict[int, list[Payout]] = {}
    taken: set[int] = set()
    for entry in debits:
        one = single.get(entry.end_to_end_id)
        candidates = [one] if one is not None else batches.get(entry.batch_id, [])
        fresh = [payout for payout in candidates if payout.pk not in taken]
        if fresh and sum(payout.amount_cents for payout in fresh) == -entry.amount_cents:
            found[entry.pk] = fresh
            taken |= {payout.pk for payout in fresh}
    return found


def post_payout_debit(poster: Poster, entry: StatementEntry, payouts: Sequence[Payout]) -> None:
    """Clear what was in transit; the payouts are settled by this entry."""
    day = poster.posting_date(entry)
    key = post_to_account(
        poster.batch, poster.accounts, entry, "payout_in_transit", day, "payout_debit", "Rücküberweisung"
    )
    named = ", ".join(payout.number for payout in payouts[:5])
    poster.settle(
        entry, key, StatementEntry.State.ALLOCATED, "payout", f"Rücküberweisung {named} ausgeführt."
    )
    poster.after_flush(lambda _: _settle(payouts, entry))


def _settle(payouts: Sequence[Payout], entry: StatementEntry) -> None:
    known = Payout.objects.filter(pk__in=[payout.pk for payout in payouts])
    known.update(state=Payout.State.SETTLED, settled_by=entry)
