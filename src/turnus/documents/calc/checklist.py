"""Proof that a bill says what the law wants: one check per item of `data/bill_checklist.toml`.

Every item ends as present, not applicable or missing; `missing` blocks the release. The items are data with
dates of validity and the place where their content is kept; what they look at is a function of
`requirements.py`, found by the id. One bill is answered item by item (`bill_checklist`), many bills of one
principal by a `Prover`, which looks at what they share only once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from turnus.documents.calc.bill import BillDocument
from turnus.documents.calc.requirements import CHECKS, CONDITIONS, PLACES, SHARED

__all__ = [
    "ChecklistItem",
    "ChecklistResult",
    "Place",
    "Prover",
    "State",
    "Verdict",
    "bill_checklist",
    "blocking",
    "load_items",
    "load_places",
]

_DATA = Path(__file__).resolve().parent.parent / "data" / "bill_checklist.toml"


class State(StrEnum):
    """Answer to one requirement; the values are stored with bills, so they never change."""

    PRESENT = "present"
    NOT_APPLICABLE = "not_applicable"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One requirement. `valid_*` limit the date of the bill, `supply_*` the billed period; all inclusive.

    `place` names where the content is kept (`load_places`), so that one gap there is one cause.
    """

    id: int
    paragraph: str
    text: str
    applies: str
    place: str
    valid_from: date = date.min
    valid_to: date = date.max
    supply_from: date = date.min
    supply_to: date = date.max


@dataclass(frozen=True, slots=True)
class Place:
    """Where content of bills is kept: its name and what to do when something is missing there, in German."""

    key: str
    title: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ChecklistResult:
    """Result of one item; `note` says what is missing and `place` where, both empty otherwise."""

    item: ChecklistItem
    state: State
    note: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All items of one bill: those missing in the order of the checklist, the others counted."""

    missing: tuple[ChecklistResult, ...]
    present: int
    not_applicable: int


@cache
def load_items(path: Path = _DATA) -> tuple[ChecklistItem, ...]:
    """The requirements in the order of the file.

    Raises KeyError for an id or condition without function and for a place without text.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["item"]
    items = tuple(ChecklistItem(**row) for row in rows)
    for item in items:
        _ = CHECKS[item.id], CONDITIONS[item.applies], load_places(path)[item.place]
    return items


@cache
def load_places(path: Path = _DATA) -> dict[str, Place]:
    """The places where content of bills is kept, by key."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["place"]
    return {key: Place(key, **row) for key, row in rows.items()}


def bill_checklist(
    bill: BillDocument, *, on: date, items: Sequence[ChecklistItem] | None = None
) -> list[ChecklistResult]:
    """One result per item, in the order of the checklist, as the law stands `on` the date of the bill."""
    return [_result(bill, item, on) for item in (load_items() if items is None else items)]


def blocking(results: Sequence[ChecklistResult]) -> list[ChecklistResult]:
    """Those results that forbid the release of the bill."""
    return [result for result in results if result.state is State.MISSING]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An item with its functions, found once for many bills."""

    item: ChecklistItem
    applies: Callable[[BillDocument], bool]
    check: Callable[[BillDocument], str]
    is_dated: bool

    @classmethod
    def of(cls, item: ChecklistItem) -> _Asked:
        is_dated = item.supply_from > date.min or item.supply_to < date.max
        return cls(item, CONDITIONS[item.applies], CHECKS[item.id], is_dated)


class Prover:
    """The checklist for many bills of one principal on one day.

    Most bills share letterhead, consumer information and energy mix; the items that look at nothing else
    (`requirements.SHARED`) are answered once for each combination of them.
    """

    def __init__(self, on: date) -> None:
        in_force = [item for item in load_items() if item.valid_from <= on <= item.valid_to]
        self._not_in_force = len(load_items()) - len(in_force)
        self._shared = [_Asked.of(item) for item in in_force if item.id in SHARED]
        self._own = [_Asked.of(item) for item in in_force if item.id not in SHARED]
        # The bill is kept with its answer: its parts then keep their identity, which is the key.
        self._known: dict[tuple[object, ...], tuple[BillDocument, Verdict]] = {}

    def prove(self, bill: BillDocument) -> Verdict:
        """What is missing on this bill."""
        shared, own = self._shared_verdict(bill), _verdict(bill, self._own)
        missing = own.missing
        if shared.missing:
            missing = tuple(sorted((*shared.missing, *missing), key=lambda result: result.item.id))
        return Verdict(
            missing,
            shared.present + own.present,
            shared.not_applicable + own.not_applicable + self._not_in_force,
        )

    def _shared_verdict(self, bill: BillDocument) -> Verdict:
        parts = (id(bill.letterhead), id(bill.consumer), id(bill.energy_mix))
        key = (*parts, bill.commodity, bill.kind, bill.issue_date)
        if key not in self._known:
            self._known[key] = (bill, _verdict(bill, self._shared))
        return self._known[key][1]


def _verdict(bill: BillDocument, asked: Iterable[_Asked]) -> Verdict:
    missing: list[ChecklistResult] = []
    present = not_applicable = 0
    for one in asked:
        if not one.applies(bill) or (one.is_dated and not _supplied(bill, one.item)):
            not_applicable += 1
        elif note := one.check(bill):
            missing.append(ChecklistResult(one.item, State.MISSING, note, _place(bill, one.item)))
        else:
            present += 1
    return Verdict(tuple(missing), present, not_applicable)


def _result(bill: BillDocument, item: ChecklistItem, on: date) -> ChecklistResult:
    in_force = item.valid_from <= on <= item.valid_to
    if not (in_force and _supplied(bill, item) and CONDITIONS[item.applies](bill)):
        return ChecklistResult(item, State.NOT_APPLICABLE)
    note = CHECKS[item.id](bill)
    if not note:
        return ChecklistResult(item, State.PRESENT)
    return ChecklistResult(item, State.MISSING, note, _place(bill, item))


def _supplied(bill: BillDocument, item: ChecklistItem) -> bool:
    """Whether the billed period touches the days of supply that the requirement is about."""
    return item.supply_from < bill.period.end and bill.period.start <= item.supply_to


def _place(bill: BillDocument, item: ChecklistItem) -> str:
    return PLACES[item.id](bill) if item.id in PLACES else item.place
