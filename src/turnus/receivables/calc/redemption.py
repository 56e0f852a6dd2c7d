"""Which debts a payment redeems when the payer did not say: §§ 366 and 367 BGB. Amounts in cents.

§ 366: due before not due, of those the less secured, of those the more burdensome, of those the older,
of equally old ones proportionally. § 367: within one debt first costs, then interest, then principal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.lib.rounding import distribute

COSTS, INTEREST, PRINCIPAL = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Debt:
    """An open item as redemption sees it.

    `group` names the debt it belongs to: costs and interest carry the group of their principal.
    `burden` is the level of default (a dunned debt weighs more); `secured` debts come later.
    """

    item_id: int
    open_cents: int
    due_date: date
    group: int
    rank: int = PRINCIPAL
    burden: int = 0
    secured: bool = False


def redeem(
    debts: Sequence[Debt], cents: int, on: date, designated: Collection[int] = ()
) -> tuple[tuple[tuple[int, int], ...], int]:
    """Distribute `cents` (≥ 0) over debts on a day.

    Args: `designated` are item ids the payer named; their debts come first (§ 366 (1)).
    Returns: (item id, cents) in the order of redemption, and what is left over.
    """
    groups: dict[int, list[Debt]] = {}
    for debt in debts:
        groups.setdefault(debt.group, []).append(debt)
    order: dict[tuple[object, ...], list[list[Debt]]] = {}
    for members in groups.values():
        order.setdefault(_weight(members, on, designated), []).append(members)
    lines: list[tuple[int, int]] = []
    left = cents
    for weight in sorted(order):
        if left <= 0:
            break
        left = _share(order[weight], left, lines)
    return tuple(lines), left


def _weight(members: list[Debt], on: date, designated: Collection[int]) -> tuple[object, ...]:
    head = max(members, key=lambda debt: (debt.rank, -debt.item_id))
    return (
        not any(debt.item_id in designated for debt in members),
        head.due_date > on,
        head.secured,
        -head.burden,
        head.due_date,
    )


def _share(equals: list[list[Debt]], cents: int, lines: list[tuple[int, int]]) -> int:
    """Give equally weighted debts their shares; returns what is left."""
    totals = [sum(debt.open_cents for debt in members) for members in equals]
    if cents >= sum(totals):
        shares = totals
    else:
        parts = distribute(Decimal(cents), [Decimal(total) for total in totals], 0)
        shares = [int(part) for part in parts]
    used = 0
    for members, share in zip(equals, shares, strict=True):
        for debt in sorted(members, key=lambda debt: (debt.rank, debt.due_date, debt.item_id)):
            part = min(share, debt.open_cents)
            if part > 0:
                lines.append((debt.item_id, part))
                share -= part
                used += part
    return cents - used
