"""To whom does a receipt belong, and what does it pay? A ladder from the surest sign to the weakest.

reference (a bill's number) → account (contract account, customer, contract number) → mandate → IBAN →
amount with name. Within the account: exactly one item, a combination, one item within the tolerance,
else the order of §§ 366, 367 BGB. Every decision carries its rung and its reason; what no rung recognises
without doubt goes to suspense. Amounts in cents.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from turnus.lib.money import format_eur, from_cents
from turnus.receivables.calc.redemption import Debt, redeem
from turnus.receivables.calc.references import Mention, Shape, mentions

RUNGS = ("reference", "account", "mandate", "iban", "amount")
_COMBINED_ITEMS = 12
_COMBINATION_SIZE = 4


@dataclass(frozen=True, slots=True)
class Item:
    """An open debt of an account, as the ladder sees it."""

    debt: Debt
    reference: str
    reference_key: str
    kind: str

    @property
    def item_id(self) -> int:
        return self.debt.item_id

    @property
    def open_cents(self) -> int:
        return self.debt.open_cents


@dataclass(frozen=True, slots=True)
class Account:
    """A contract account that might be meant, with its open items (side 1) in any order."""

    account_id: int
    label: str
    names: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def total(self) -> int:
        return sum(item.open_cents for item in self.items)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in. `text` is everything the payer wrote, including structured references."""

    cents: int
    day: date
    text: str = ""
    name: str = ""
    iban: str = ""
    mandate: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a known reference stands for: an account and, for a bill, its item (if it is still open)."""

    account_id: int
    item_id: int | None = None
    is_bill: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """Everything known that the receipts of one batch might mean."""

    accounts: Mapping[int, Account]
    references: Mapping[str, Target] = field(default_factory=dict)
    mandates: Mapping[str, int] = field(default_factory=dict)
    ibans: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    by_amount: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ()
    tolerance_cents: int = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a receipt.

    `account_id` is None for suspense. `lines` pay items; `rest` stays as credit on the account;
    `shortfall` is what the tolerance forgives on the last line's item.
    """

    account_id: int | None
    rung: str
    match: str
    reason: str
    lines: tuple[tuple[int, int], ...] = ()
    rest: int = 0
    shortfall: int = 0


def allocate(receipt: Receipt, pool: Pool) -> Decision:
    """Decide about one receipt (`cents` > 0). Pure and deterministic."""
    named = mentions(receipt.text, pool.references, pool.shapes)
    doubts: list[str] = []
    for attempt in (_by_reference, _by_mandate, _by_iban, _by_amount):
        decision = attempt(receipt, pool, named, doubts)
        if decision is not None:
            return decision
    reason = "; ".join(doubts) or "Weder Beleg noch Konto, Mandat oder IBAN sind bekannt"
    return Decision(None, "", "suspense", f"{reason}.")


def _by_reference(
    receipt: Receipt, pool: Pool, named: Sequence[Mention], doubts: list[str]
) -> Decision | None:
    strong = [pool.references[m.key] for m in named if m.strong]
    weak = [m for m in named if not m.strong]
    targets = strong
    word = "genannt"
    if not strong:
        confirmed = [m for m in weak if _confirmed(receipt, pool, pool.references[m.key])]
        targets = [pool.references[m.key] for m in confirmed]
        word = "ohne Präfix genannt und durch Betrag, IBAN oder Namen bestätigt"
        if weak and not confirmed:
            doubts.append(f"Die Nummer {weak[0].key} ist nur unvollständig genannt und nicht bestätigt")
    accounts = {target.account_id for target in targets}
    if not accounts:
        return None
    if len(accounts) > 1:
        doubts.append("Es sind Belege verschiedener Konten genannt")
        return None
    account = pool.accounts[accounts.pop()]
    wanted = {target.item_id for target in targets if target.item_id is not None}
    rung = "reference" if any(target.is_bill for target in targets) else "account"
    label = "Rechnung" if rung == "reference" else "Konto oder Kunde"
    return _within(receipt, pool, account, rung, f"{label} im Verwendungszweck {word}", wanted)


def _confirmed(receipt: Receipt, pool: Pool, target: Target) -> bool:
    account = pool.accounts[target.account_id]
    if target.account_id in pool.ibans.get(receipt.iban, ()):
        return True
    if receipt.name and any(same_name(receipt.name, name) for name in account.names):
        return True
    return any(
        item.open_cents == receipt.cents for item in account.items if target.item_id in (None, item.item_id)
    )


def _by_mandate(receipt: Receipt, pool: Pool, _: Sequence[Mention], doubts: list[str]) -> Decision | None:
    account_id = pool.mandates.get(receipt.mandate) if receipt.mandate else None
    if account_id is None:
        return None
    return _within(receipt, pool, pool.accounts[account_id], "mandate", "Mandatsreferenz bekannt")


def _by_iban(receipt: Receipt, pool: Pool, _: Sequence[Mention], doubts: list[str]) -> Decision | None:
    found = pool.ibans.get(receipt.iban, ()) if receipt.iban else ()
    if not found:
        return None
    if len(found) == 1:
        return _within(receipt, pool, pool.accounts[found[0]], "iban", "IBAN des Kunden")
    fitting = [
        account_id
        for account_id in found
        if any(item.open_cents == receipt.cents for item in pool.accounts[account_id].items)
        or pool.accounts[account_id].total == receipt.cents
    ]
    if len(fitting) == 1:
        return _within(
            receipt, pool, pool.accounts[fitting[0]], "iban", "IBAN des Kunden, Betrag entscheidet das Konto"
        )
    doubts.append(f"Die IBAN gehört zu {len(found)} Konten, der Betrag entscheidet nicht")
    return None


def _by_amount(receipt: Receipt, pool: Pool, _: Sequence[Mention], doubts: list[str]) -> Decision | None:
    if not receipt.name:
        return None
    fitting = [
        account_id
        for account_id in pool.by_amount.get(receipt.cents, ())
        if any(same_name(receipt.name, name) for name in pool.accounts[account_id].names)
    ]
    if len(fitting) == 1:
        return _within(
            receipt, pool, pool.accounts[fitting[0]], "amount", "Name und Betrag passen nur zu diesem Konto"
        )
    if len(fitting) > 1:
        doubts.append(f"Name und Betrag passen zu {len(fitting)} Konten")
    return None


def _within(
    receipt: Receipt, pool: Pool, account: Account, rung: str, sign: str, wanted: Iterable[int] = ()
) -> Decision:
    """Spread the receipt over the items of its account; `wanted` are the items the payer named."""
    named = [item for item in account.items if item.item_id in set(wanted)]
    for items, label in ((named, "genannte Posten"), (list(account.items), "offene Posten")):
        exact = _exact(items, receipt.cents)
        if exact is not None:
            match, chosen = exact
            lines = tuple((item.item_id, item.open_cents) for item in chosen)
            what = ", ".join(item.reference for item in chosen)
            return Decision(
                account.account_id, rung, match, f"{sign}; {label} genau beglichen: {what}.", lines
            )
    close = _close(named or list(account.items), receipt.cents, pool.tolerance_cents)
    if close is not None:
        gap = close.open_cents - receipt.cents
        text = f"{sign}; {close.reference} mit {_eur(abs(gap))} Abweichung innerhalb der Toleranz beglichen."
        paid = ((close.item_id, min(receipt.cents, close.open_cents)),)
        return Decision(account.account_id, rung, "tolerance", text, paid, max(-gap, 0), max(gap, 0))
    lines, rest = redeem(
        [item.debt for item in account.items], receipt.cents, receipt.day, [i.item_id for i in named]
    )
    if not lines:
        return Decision(
            account.account_id, rung, "credit", f"{sign}; keine offene Forderung, Guthaben.", (), rest
        )
    text = f"{sign}; verteilt nach §§ 366, 367 BGB auf {len(lines)} Posten"
    text += f", {_eur(rest)} bleiben Guthaben." if rest else "."
    return Decision(account.account_id, rung, "redemption", text, lines, rest)


def _exact(items: list[Item], cents: int) -> tuple[str, list[Item]] | None:
    """Items that sum to the amount: one, all, the oldest, or the only combination of a few."""
    items = sorted(items, key=lambda item: (item.debt.due_date, item.item_id))
    single = [item for item in items if item.open_cents == cents]
    if single:
        return "exact", single[:1]
    running = 0
    for count, item in enumerate(items, start=1):
        running += item.open_cents
        if running == cents:
            return "combination", items[:count]
    if len(items) > _COMBINED_ITEMS:
        return None
    hits = [
        list(group)
        for size in range(2, min(_COMBINATION_SIZE, len(items)) + 1)
        for group in combinations(items, size)
        if sum(item.open_cents for item in group) == cents
    ]
    return ("combination", hits[0]) if len(hits) == 1 else None


def _close(items: list[Item], cents: int, tolerance: int) -> Item | None:
    """The only item whose amount differs by no more than the tolerance (and by less than itself)."""
    near = [item for item in items if 0 < abs(item.open_cents - cents) <= tolerance < item.open_cents]
    return near[0] if len(near) == 1 else None


def _eur(cents: int) -> str:
    return format_eur(from_cents(cents))


def name_key(name: str) -> frozenset[str]:
    """A name as a set of its words, without titles, umlauts spelled out: order does not matter."""
    plain = name.upper().replace("ß", "SS")
    for umlaut, pair in (("Ä", "AE"), ("Ö", "OE"), ("Ü", "UE")):
        plain = plain.replace(umlaut, pair)
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    return frozenset(word for word in words if word not in _TITLES)


_TITLES = frozenset({"HERR", "FRAU", "DR", "PROF", "DIPL", "ING", "UND", "U", "FAMILIE", "FAM", "EHELEUTE"})


def same_name(one: str, other: str) -> bool:
    """True if both names have the same words, or all words (at least two) of one stand in the other."""
    a, b = name_key(one), name_key(other)
    if not a or not b:
        return False
    return a == b or (min(len(a), len(b)) >= 2 and (a <= b or b <= a))
