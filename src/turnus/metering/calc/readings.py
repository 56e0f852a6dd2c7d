"""What a set of new readings does to the readings of their registers: versions, blocks, supersessions.

Registers are independent of each other; within one, readings are judged by date, so that a batch may bring
several years at once in any order.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from turnus.metering.calc.plausibility import Finding, Judgement, Limits, Point, RegisterFacts, judge
from turnus.metering.calc.versions import Candidate, decide
from turnus.metering.records import NewReading, Outcome, Stored

__all__ = ["KnownReading", "NewRow", "Plan", "plan_readings"]

# ids of rows that do not exist yet: negative positions, so that they never meet a real id
_FIRST = -1


@dataclass(frozen=True, slots=True)
class KnownReading:
    """A stored version of a reading, as `calc.versions` looks at it."""

    register_id: int
    day: date
    version: Candidate


@dataclass(frozen=True, slots=True)
class NewRow:
    """A version to write. `position` is that of its input; `judgement` says why it is blocked, if it is."""

    position: int
    reading: NewReading
    version: int
    document_at: datetime
    is_current: bool
    judgement: Judgement
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Plan:
    """Rows to write, stored rows that stop counting, stored rows whose document date moves, outcomes."""

    rows: list[NewRow] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    confirmed: dict[int, datetime] = field(default_factory=dict)
    items: dict[int, Stored] = field(default_factory=dict)


class _Book:
    """The readings of one register while a plan is made."""

    def __init__(self, known: Iterable[KnownReading]) -> None:
        self.days: defaultdict[date, list[Candidate]] = defaultdict(list)
        self.valid: list[tuple[date, Decimal]] = []
        for one in known:
            self.days[one.day].append(one.version)
            if one.version.is_current and not one.version.is_withdrawal:
                self.valid.append((one.day, one.version.value))
        self.valid.sort()

    def around(self, day: date) -> tuple[list[Point], Point | None]:
        """Valid readings before the day, oldest first, and the next one after it."""
        at = bisect_left(self.valid, (day, Decimal(0)))
        later = next((Point(d, v) for d, v in self.valid[at : at + 2] if d > day), None)
        return [Point(d, v) for d, v in self.valid[:at]], later

    def add(self, day: date, new: Candidate) -> None:
        """Enter a new version; a current one takes the place of the former."""
        if new.is_current:
            self.days[day] = [replace(v, is_current=False) for v in self.days[day]]
            at = bisect_left(self.valid, (day, Decimal(0)))
            if at < len(self.valid) and self.valid[at][0] == day:
                del self.valid[at]
            insort(self.valid, (day, new.value))
        self.days[day].append(new)

    def confirm(self, day: date, version: Candidate, at: datetime) -> None:
        """Move the document date of a version forward."""
        self.days[day] = [
            replace(v, document_at=at) if v.row_id == version.row_id else v for v in self.days[day]
        ]


def plan_readings(
    *, readings: Sequence[NewReading], facts: Mapping[int, RegisterFacts], known: Iterable[KnownReading],
    at: datetime, today: date, limits: Limits,
) -> Plan:  # fmt: skip
    """Decide about every reading. Registers that are not in `facts` and impossible words are refused."""
    plan = Plan()
    by_register: defaultdict[int, list[int]] = defaultdict(list)
    for position, one in enumerate(readings):
        reason = _impossible(one, facts)
        if reason:
            plan.items[position] = Stored(Outcome.REFUSED, reason=reason)
        else:
            by_register[one.register_id].append(position)
    books: defaultdict[int, list[KnownReading]] = defaultdict(list)
    for entry in known:
        books[entry.register_id].append(entry)
    for register_id, positions in by_register.items():
        book = _Book(books.get(register_id, ()))
        positions.sort(key=lambda p: (readings[p].date, readings[p].document_at or at, p))
        for position in positions:
            _take(plan, book, position, readings[position], facts[register_id], at, today, limits)
    return plan


def _impossible(one: NewReading, facts: Mapping[int, RegisterFacts]) -> str:
    if one.register_id not in facts:
        return f"Das Zählwerk {one.register_id} gibt es bei diesem Auftraggeber nicht."
    if not one.value.is_finite() or one.value < 0:
        return f"„{one.value}“ ist kein Zählerstand: Er darf nicht negativ sein."
    if one.value >= Decimal(10) ** 12 or one.value != round(one.value, 4):
        return f"„{one.value}“ hat mehr als 12 Stellen vor oder 4 nach dem Komma."
    if one.quality not in {"true", "substitute", "provisional", "estimate"}:
        return f"Die Güte „{one.quality}“ ist unbekannt."
    if one.origin not in {"grid", "customer", "remote", "estimate"}:
        return f"Die Herkunft „{one.origin}“ ist unbekannt."
    return ""


def _take(
    plan: Plan, book: _Book, position: int, one: NewReading, facts: RegisterFacts, at: datetime, today: date,
    limits: Limits,
) -> None:  # fmt: skip
    document_at = one.document_at or at
    known = book.days[one.date]
    version = max((v.version for v in known), default=0) + 1
    new = Candidate(_FIRST - position, one.value, one.quality, one.origin, document_at, version)
    decision = decide(known, new)
    if decision.outcome is Outcome.UNCHANGED:
        _repeat(plan, book, position, one, decision.repeats, decision.confirms, document_at)
        return
    before, after = book.around(one.date)
    judgement = judge(
        Point(one.date, one.value), facts, before=before, after=after, today=today, limits=limits,
        confirmed=one.confirmed,
    )  # fmt: skip
    findings = judgement.blocking(confirmed=one.confirmed)
    is_current = decision.outcome is Outcome.STORED and not findings
    if is_current and decision.supersedes is not None:
        _supersede(plan, decision.supersedes)
    book.add(one.date, replace(new, is_current=is_current, counts=not findings))
    plan.rows.append(NewRow(position, one, version, document_at, is_current, judgement, findings))
    outcome = Outcome.BLOCKED if findings else decision.outcome
    reason = " ".join(f.text for f in findings)
    plan.items[position] = Stored(outcome, None, version, reason)


def _repeat(
    plan: Plan, book: _Book, position: int, one: NewReading, repeats: Candidate | None,
    confirms: Candidate | None, document_at: datetime,
) -> None:  # fmt: skip
    assert repeats is not None
    row_id = repeats.row_id if repeats.row_id > 0 else None
    plan.items[position] = Stored(Outcome.UNCHANGED, row_id, repeats.version)
    if confirms is None:
        return
    book.confirm(one.date, confirms, document_at)
    if confirms.row_id > 0:
        plan.confirmed[confirms.row_id] = document_at
    else:
        _change_row(plan, confirms.row_id, document_at=document_at)


def _supersede(plan: Plan, former: Candidate) -> None:
    if former.row_id > 0:
        plan.superseded.append(former.row_id)
    else:
        _change_row(plan, former.row_id, is_current=False)


def _change_row(plan: Plan, row_id: int, **changes: object) -> None:
    """Change a row that this plan itself is about to write."""
    position = _FIRST - row_id
    for index in range(len(plan.rows) - 1, -1, -1):
        if plan.rows[index].position == position:
            plan.rows[index] = replace(plan.rows[index], **changes)  # type: ignore[arg-type]
            return
