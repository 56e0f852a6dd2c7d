"""Whether a meter reading can be true: dates of the meter, digits, the last and the next reading, amounts.

Expected consumption is the larger of what the register advanced before (scaled to the new period by the load
profile, else by days) and the forecast; the larger, so that an empty flat or an outdated forecast alone does
not stop a reading. Amounts are in the unit of the register (kWh or m³ before the transformer factor).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from turnus.lib.money import format_number
from turnus.lib.period import Period, days_in_year
from turnus.lib.quantity import register_difference
from turnus.lib.rounding import half_up
from turnus.products.calc.profiles import UnknownProfile, UnknownState, weight

__all__ = ["Finding", "Judgement", "Limits", "Point", "ReadingCode", "RegisterFacts", "judge"]

# A volume gives at least about this energy (z · Hs of the leanest gas): expected volumes come out generous.
_KWH_PER_M3 = Decimal(9)
_SHORTEST_BASE = timedelta(days=28)
_WHOLE_BASE = timedelta(days=300)
_TENTH = Decimal(10)


class ReadingCode(StrEnum):
    """Why a reading is implausible. The values are stored with cases, so they never change."""

    FUTURE_DATE = "future_date"
    BEFORE_INSTALLED = "before_installed"
    AFTER_REMOVED = "after_removed"
    EXCEEDS_DIGITS = "exceeds_digits"
    BELOW_LAST = "below_last"
    ABOVE_NEXT = "above_next"
    TWICE_EXPECTED = "twice_expected"


@dataclass(frozen=True, slots=True)
class Point:
    """A state of the register at 00:00 of a day."""

    day: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """The register, the days its meter hung, and what is known about consumption there.

    `removed`: day of removal (its closing reading bears this date); `forecast_kwh`: None if it does not apply
    to this register.
    """

    meter_number: str
    digits: int
    factor: Decimal
    installed: date | None
    removed: date | None
    commodity: str
    profile: str = ""
    state: str | None = None
    forecast_kwh: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """More than `multiple` times the expected amount blocks, beyond `floor` kWh (gas: a tenth of it, m³)."""

    multiple: Decimal = Decimal(2)
    floor: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt; `text` is German and names values. Soft: the sender's or clerk's confirmation settles it."""

    code: ReadingCode
    text: str
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """All doubts in the order of the checks; the working: advance, whether it passed zero, expectation."""

    findings: tuple[Finding, ...]
    advance: Decimal | None = None
    overflowed: bool = False
    expected: Decimal | None = None

    def blocking(self, *, confirmed: bool) -> tuple[Finding, ...]:
        """The doubts that stop the reading."""
        return tuple(f for f in self.findings if not (f.is_soft and confirmed))


def judge(
    new: Point, facts: RegisterFacts, *, before: Sequence[Point], after: Point | None, today: date,
    limits: Limits, confirmed: bool = False,
) -> Judgement:  # fmt: skip
    """Check a reading against its register and its neighbours.

    Args:
        before: valid earlier readings of the register, oldest first; `after`: the next valid one.
        confirmed: the reading was checked, so passing zero is believed more readily.
    """
    findings = [*_check_dates(new, facts, today), *_check_digits(new, facts)]
    if not before:
        findings += _check_next(new, facts, after)
        return Judgement(tuple(findings))
    last = before[-1]
    expected = _expected(new, facts, before)
    limit = None if expected is None else max(expected * limits.multiple, _floor(facts, limits))
    advance, overflowed = _advance(last, new, facts, limit, confirmed=confirmed)
    if advance is None:
        findings.append(_below_last(new, last, facts))
    elif limit is not None and expected is not None and advance > limit:
        findings.append(_too_much(advance, expected, last, facts, limits))
    findings += _check_next(new, facts, after)
    return Judgement(tuple(findings), advance, overflowed, expected)


def _check_dates(new: Point, facts: RegisterFacts, today: date) -> list[Finding]:
    found = []
    if new.day > today:
        text = f"Das Ablesedatum {new.day:%d.%m.%Y} liegt in der Zukunft."
        found.append(Finding(ReadingCode.FUTURE_DATE, text))
    if facts.installed and new.day < facts.installed:
        text = f"Der Zähler {facts.meter_number} wurde erst am {facts.installed:%d.%m.%Y} eingebaut."
        found.append(Finding(ReadingCode.BEFORE_INSTALLED, text))
    if facts.removed and new.day > facts.removed:
        text = f"Der Zähler {facts.meter_number} wurde schon am {facts.removed:%d.%m.%Y} ausgebaut."
        found.append(Finding(ReadingCode.AFTER_REMOVED, text))
    return found


def _check_digits(new: Point, facts: RegisterFacts) -> list[Finding]:
    if new.value < _range(facts):
        return []
    text = f"{_number(new.value)} hat mehr als die {facts.digits} Vorkommastellen des Zählwerks."
    return [Finding(ReadingCode.EXCEEDS_DIGITS, text)]


def _check_next(new: Point, facts: RegisterFacts, after: Point | None) -> list[Finding]:
    if after is None or _advance(new, after, facts, None, confirmed=False)[0] is not None:
        return []
    text = (
        f"{_number(new.value)} liegt über dem späteren Stand {_number(after.value)} vom {after.day:%d.%m.%Y}."
    )
    return [Finding(ReadingCode.ABOVE_NEXT, text)]


def _advance(
    opening: Point, closing: Point, facts: RegisterFacts, limit: Decimal | None, *, confirmed: bool
) -> tuple[Decimal | None, bool]:
    """Advance between two states and whether it passed zero; None if it ran backwards without that."""
    if closing.value >= opening.value:
        return closing.value - opening.value, False
    whole = _range(facts)
    passed = whole - opening.value + closing.value
    if confirmed:
        believable = passed < whole / 2
    elif limit is not None:
        believable = passed <= limit
    else:
        believable = opening.value >= whole - whole / _TENTH and closing.value <= whole / _TENTH
    return (passed, True) if believable else (None, False)


def _expected(new: Point, facts: RegisterFacts, before: Sequence[Point]) -> Decimal | None:
    """The larger of former advance and forecast, scaled to the time since the last reading."""
    last = before[-1]
    period = Period(last.day, new.day)
    candidates = []
    base = _base(before)
    if base is not None:
        former = register_difference(base.value, last.value, facts.digits)
        assert former is not None
        candidates.append(former * _share(facts, period, Period(base.day, last.day)))
    if facts.forecast_kwh:
        year = Period(new.day - timedelta(days=days_in_year(new.day)), new.day)
        per_unit = _KWH_PER_M3 if facts.commodity == "gas" else Decimal(1)
        candidates.append(facts.forecast_kwh / per_unit / facts.factor * _share(facts, period, year))
    return half_up(max(candidates), 1) if candidates else None


def _base(before: Sequence[Point]) -> Point | None:
    """Begin of a former period that says something: nearly a year, else the longest of four weeks up."""
    last = before[-1].day
    whole = [p for p in before if last - p.day >= _WHOLE_BASE]
    if whole:
        return whole[-1]
    return before[0] if last - before[0].day >= _SHORTEST_BASE else None


def _share(facts: RegisterFacts, part: Period, whole: Period) -> Decimal:
    """Consumption in `part` for one unit in `whole`: by profile where it has figures, else by days."""
    if facts.profile:
        try:
            return Decimal(weight(facts.commodity, facts.profile, facts.state, part)) / weight(
                facts.commodity, facts.profile, facts.state, whole
            )
        except (UnknownProfile, UnknownState):
            pass
    return Decimal(part.days) / whole.days


def _floor(facts: RegisterFacts, limits: Limits) -> Decimal:
    floor = limits.floor / (_TENTH if facts.commodity == "gas" else 1)
    return floor / facts.factor


def _below_last(new: Point, last: Point, facts: RegisterFacts) -> Finding:
    text = (
        f"{_number(new.value)} liegt unter dem letzten Stand {_number(last.value)} vom {last.day:%d.%m.%Y}; "
        f"ein Überlauf des Zählwerks ({facts.digits} Stellen) ist nicht anzunehmen."
    )
    return Finding(ReadingCode.BELOW_LAST, text)


def _too_much(
    advance: Decimal, expected: Decimal, last: Point, facts: RegisterFacts, limits: Limits
) -> Finding:
    unit = "m³" if facts.commodity == "gas" else "kWh"
    text = (
        f"{_number(advance)} {unit} seit {last.day:%d.%m.%Y} sind mehr als das "
        f"{_number(limits.multiple)}-Fache der erwarteten {_number(expected)} {unit} (am Zählwerk)."
    )
    return Finding(ReadingCode.TWICE_EXPECTED, text, is_soft=True)


def _range(facts: RegisterFacts) -> Decimal:
    return Decimal(10) ** facts.digits


def _number(value: Decimal) -> str:
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return format_number(value, places)
