"""Which of several values for the same thing counts.

The rule: quality, then origin, then the later document. It is a maximum over the set of values, so the order
in which they arrive does not matter. Drawback: two equally good values from the same instant cannot be told
apart by it; then the one that arrived later counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from turnus.metering.records import Outcome

__all__ = ["Candidate", "Decision", "best", "decide", "rank"]

_QUALITY = {"true": 3, "substitute": 2, "provisional": 1, "estimate": 0}
_ORIGIN = {"remote": 2, "grid": 2, "customer": 1, "estimate": 0}

Rank = tuple[int, int, datetime]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One version of a value. `counts` is False for a blocked, rejected or withdrawn one.

    is_rejected: discarded by a person, or withdrawn by its sender. is_withdrawal: no value at all, it says
    that the former one was withdrawn and nothing took its place; any new value does.
    """

    row_id: int
    value: Decimal
    quality: str
    origin: str
    document_at: datetime
    version: int
    is_current: bool = False
    counts: bool = True
    is_rejected: bool = False
    is_withdrawal: bool = False

    @property
    def content(self) -> tuple[Decimal, str, str]:
        return self.value, self.quality, self.origin


@dataclass(frozen=True, slots=True)
class Decision:
    """What a new value does: its outcome; the version it repeats; the version that stops counting.

    `confirms` names a known version whose document date moves forward because a later document repeats it.
    """

    outcome: Outcome
    repeats: Candidate | None = None
    supersedes: Candidate | None = None
    confirms: Candidate | None = None


def rank(quality: str, origin: str, document_at: datetime) -> Rank:
    """Sorts values by how much they count, the best last. Raises KeyError for unknown words."""
    return _QUALITY[quality], _ORIGIN[origin], document_at


def best(candidates: Iterable[Candidate]) -> Candidate | None:
    """The version that counts, None if none may. Later ones of equal rank win."""
    found: Candidate | None = None
    for one in candidates:
        if one.counts and (found is None or _rank(one) >= _rank(found)):
            found = one
    return found


def decide(known: Iterable[Candidate], new: Candidate) -> Decision:
    """What becomes of a new plausible value beside the known versions of the same thing."""
    versions = list(known)
    current = next((v for v in versions if v.is_current), None)
    wins = current is None or current.is_withdrawal or _rank(new) >= _rank(current)
    for version in versions:
        if version.is_withdrawal or version.content != new.content:
            continue
        is_later = new.document_at > version.document_at
        waits = not version.counts and not version.is_rejected
        if version.is_current or waits or not is_later or (version.counts and not wins):
            return Decision(Outcome.UNCHANGED, repeats=version, confirms=version if is_later else None)
    if wins:
        return Decision(Outcome.STORED, supersedes=current)
    return Decision(Outcome.KEPT)


def _rank(one: Candidate) -> Rank:
    return rank(one.quality, one.origin, one.document_at)
