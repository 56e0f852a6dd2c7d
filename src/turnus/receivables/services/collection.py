"""Our own direct debits credited by the bank: find them and clear what they collected."""

from collections import defaultdict
from collections.abc import Sequence

from turnus.receivables.models import Clearing, Debit, DebitItem, OpenItem, StatementEntry
from turnus.receivables.services.batch import Outcome
from turnus.receivables.services.poster import Poster
from turnus.receivables.services.settlement import Payment, entry_reference, post_payment

# Own collection credited (Sammler and single), as the German banks code it.
_COLLECTION_GVC = frozenset({"071", "171", "174", "191", "192"})


def match_collections(client_id: int, entries: Sequence[StatementEntry]) -> dict[int, list[Debit]]:
    """Which released debits an entry pays: by end-to-end id, by batch, or by a batch's exact sum."""
    credits = [entry for entry in entries if entry.amount_cents > 0]
    waiting = Debit.objects.filter(client_id=client_id, state=Debit.State.RELEASED)
    wanted = {entry.end_to_end_id for entry in credits if entry.end_to_end_id}
    single = {debit.end_to_end_id: debit for debit in waiting.filter(end_to_end_id__in=wanted)}
    found: dict[int, list[Debit]] = {}
    for entry in credits:
        debit = single.get(entry.end_to_end_id)
        if debit is not None and debit.amount_cents == entry.amount_cents:
            found[entry.pk] = [single.pop(entry.end_to_end_id)]
    rest = [e for e in credits if e.pk not in found and (e.batch_id or e.gvc in _COLLECTION_GVC)]
    if rest:
        taken = {debit.pk for debits in found.values() for debit in debits}
        _match_batches(client_id, rest, taken, found)
    return found


def _match_batches(
    client_id: int, entries: Sequence[StatementEntry], taken: set[int], found: dict[int, list[Debit]]
) -> None:
    batches: dict[str, list[Debit]] = defaultdict(list)
    for debit in Debit.objects.filter(client_id=client_id, state=Debit.State.RELEASED).order_by("id"):
        if debit.pk not in taken:
            batches[debit.batch_id].append(debit)
    for entry in entries:
        fitting = [
            batch_id
            for batch_id, debits in batches.items()
            if sum(debit.amount_cents for debit in debits) == entry.amount_cents
            and (entry.batch_id == batch_id or not entry.batch_id)
        ]
        if len(fitting) == 1:
            found[entry.pk] = batches.pop(fitting[0])


def post_collection(poster: Poster, entry: StatementEntry, debits: Sequence[Debit]) -> None:
    """Post what an entry collected, debit by debit; a batch booked as one sum gets one posting per debit."""
    lines: dict[int, list[DebitItem]] = defaultdict(list)
    for line in DebitItem.objects.filter(debit__in=debits).order_by("open_item_id"):
        lines[line.debit_id].append(line)
    ids = [line.open_item_id for found in lines.values() for line in found]
    items = {i.pk: i for i in OpenItem.objects.select_for_update().filter(pk__in=ids).order_by("id")}
    places: dict[int, int | None] = {}
    keys: dict[int, str] = {}
    for debit in debits:
        key = f"bank:{entry.pk}" if len(debits) == 1 else f"bank:{entry.pk}:{debit.pk}"
        keys[debit.pk] = key
        paid = tuple(
            (line.open_item_id, part)
            for line in lines[debit.pk]
            if (part := min(line.amount_cents, items[line.open_item_id].open_cents)) > 0
        )
        payment = Payment(
            key=key,
            source="bank",
            subaccount_id=debit.subaccount_id,
            cents=debit.amount_cents,
            lines=paid,
            posting_date=poster.posting_date(entry),
            value_date=entry.value_date,
            reference=entry_reference(entry),
            reason=f"Einzug {debit.end_to_end_id}",
            kind=Clearing.Kind.COLLECTION,
            text="Lastschrifteinzug",
        )
        places[debit.pk] = post_payment(poster.batch, poster.accounts, payment, items)
        for item_id, part in paid:
            items[item_id].open_cents -= part
    if len(debits) == 1:
        entry.subaccount_id = debits[0].subaccount_id
    poster.settle(
        entry,
        keys[debits[0].pk],
        StatementEntry.State.COLLECTED,
        "mandate",
        f"{len(debits)} eigene Lastschriften.",
    )
    poster.after_flush(lambda outcome: _mark(debits, places, keys, outcome))


def _mark(
    debits: Sequence[Debit], places: dict[int, int | None], keys: dict[int, str], outcome: Outcome
) -> None:
    for debit in debits:
        place = places[debit.pk]
        debit.state = Debit.State.COLLECTED
        debit.clearing_id = None if place is None else outcome.clearings[place]
        debit.payment_item_id = outcome.items[keys[debit.pk]]
    Debit.objects.bulk_update(debits, ["state", "clearing", "payment_item"], batch_size=500)
    DebitItem.objects.filter(debit__in=debits).update(live=False)
