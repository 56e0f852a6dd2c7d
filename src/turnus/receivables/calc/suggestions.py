"""Ranked suggestions for money in suspense: points for every sign that speaks for an account."""

from collections.abc import Iterable
from dataclasses import dataclass

from turnus.receivables.calc.allocation import Account, Pool, Receipt, name_key, same_name
from turnus.receivables.calc.references import mentions


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An account (and, where one item fits, that item) for a receipt. `points` 0–100, `reasons` in German."""

    account_id: int
    item_id: int | None
    points: int
    reasons: tuple[str, ...]


def rank(receipt: Receipt, pool: Pool, former: Iterable[int] = (), limit: int = 8) -> list[Suggestion]:
    """The best accounts for a receipt, best first; accounts with no sign at all are left out.

    Args: `former` are accounts to which money from this IBAN was assigned by hand before.
    """
    found_keys = mentions(receipt.text, pool.references, pool.shapes)
    named = {pool.references[mention.key].account_id for mention in found_keys}
    before = set(former)
    found = [
        suggestion
        for account in pool.accounts.values()
        if (suggestion := _judge(receipt, pool, account, named, before)) is not None
    ]
    found.sort(key=lambda s: (-s.points, s.account_id))
    return found[:limit]


def _judge(
    receipt: Receipt, pool: Pool, account: Account, named: set[int], before: set[int]
) -> Suggestion | None:
    reasons: list[str] = []
    points = 0
    if account.account_id in named:
        points += 45
        reasons.append("Nummer im Verwendungszweck")
    if account.account_id in pool.ibans.get(receipt.iban, ()):
        points += 30
        reasons.append("IBAN des Kunden")
    if account.account_id in before:
        points += 30
        reasons.append("früher von Hand zugeordnet")
    if receipt.name and any(same_name(receipt.name, name) for name in account.names):
        points += 25
        reasons.append("Name stimmt überein")
    elif receipt.name and any(name_key(receipt.name) & name_key(name) for name in account.names):
        points += 10
        reasons.append("Name ähnlich")
    elif receipt.text and any(
        len(k := name_key(n)) >= 2 and k <= name_key(receipt.text) for n in account.names
    ):
        points += 20
        reasons.append("Name im Verwendungszweck")
    item = next((i for i in account.items if i.open_cents == receipt.cents), None)
    if item is not None:
        points += 25
        reasons.append(f"Betrag von {item.reference}")
    elif account.items and account.total == receipt.cents:
        points += 20
        reasons.append("Summe aller offenen Posten")
    if not points:
        return None
    return Suggestion(account.account_id, item.item_id if item else None, min(points, 100), tuple(reasons))
