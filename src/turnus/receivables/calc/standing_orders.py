"""A standing order that was not changed with the instalment: same payment twice, another request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

MONTHS = 2


@dataclass(frozen=True, slots=True)
class Outdated:
    """What the customer keeps paying and what is asked for, in cents."""

    paid_cents: int
    requested_cents: int


def outdated(payments: Sequence[tuple[date, int]], requests: Sequence[tuple[date, int]]) -> Outdated | None:
    """Whether the last two months show the same payment beside one other, equally constant, request.

    Args: (day, cents) of receipts and of instalment requests of one account, in any order.
    Returns: `None` unless each of the two latest months with a request has exactly one payment, both equal.
    """
    asked: dict[tuple[int, int], set[int]] = {}
    paid: dict[tuple[int, int], list[int]] = {}
    for day, cents in requests:
        asked.setdefault((day.year, day.month), set()).add(cents)
    for day, cents in payments:
        paid.setdefault((day.year, day.month), []).append(cents)
    months = sorted(asked)[-MONTHS:]
    if len(months) < MONTHS or any(len(asked[m]) != 1 or len(paid.get(m, [])) != 1 for m in months):
        return None
    amounts = {paid[month][0] for month in months}
    wanted = {next(iter(asked[month])) for month in months}
    if len(amounts) != 1 or len(wanted) != 1 or amounts == wanted:
        return None
    return Outdated(amounts.pop(), wanted.pop())
