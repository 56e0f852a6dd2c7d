"""How consumption between two readings is divided over time: by load profile or by days."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from turnus.billing.calc.records import BillInput, Split
from turnus.lib.period import Period
from turnus.products.calc import profiles

__all__ = ["method_of", "weights"]


def method_of(bill: BillInput) -> Split:
    """The method really used: without a usable profile even "slp" divides by days.

    `checks.profile` refuses the bill where that would change money, except for gas without a profile.
    """
    if bill.split is Split.DAYS or bill.profile is None:
        return Split.DAYS
    try:
        profiles.canonical_profile(bill.commodity, bill.profile)
    except profiles.UnknownProfile:
        return Split.DAYS
    return Split.SLP


def weights(bill: BillInput, parts: Sequence[Period]) -> list[Decimal]:
    """Relative consumption of the parts, in an arbitrary unit."""
    profile = bill.profile
    if profile is None or method_of(bill) is Split.DAYS:
        return [Decimal(part.days) for part in parts]
    return [Decimal(profiles.weight(bill.commodity, profile, bill.state, part)) for part in parts]
