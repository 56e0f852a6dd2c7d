"""Deadlines of market communication: dated rules from `data/deadlines.toml`, counted in BDEW working days.

A BDEW working day is no Saturday, no Sunday, no holiday of any federal state, and neither 24 nor 31 December.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from bdew_datetimes import get_next_working_day, is_bdew_working_day

from turnus.lib import market_time

__all__ = ["Deadline", "NoDeadline", "add_working_days", "deadline", "due_at", "due_on", "is_working_day"]


class NoDeadline(LookupError):
    """There is no rule of this name, or none in force on that day."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A rule in force from a day on: working days, or minutes (counted from a working day only, or not)."""

    name: str
    title: str
    since: date
    working_days: int
    minutes: int
    on_working_day: bool
    source: str


def is_working_day(day: date) -> bool:
    """Whether a day counts in market deadlines."""
    return bool(is_bdew_working_day(day))


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`; the day itself never counts. Raises ValueError below one."""
    if count < 1:
        raise ValueError(f"{count} Werktage sind keine Frist.")
    for _ in range(count):
        day = get_next_working_day(day)
    return day


def deadline(name: str, on: date) -> Deadline:
    """The rule in force on a day. Raises NoDeadline."""
    known = [rule for rule in _rules().get(name, ()) if rule.since <= on]
    if not known:
        raise NoDeadline(f"Für {on:%d.%m.%Y} ist keine Frist „{name}“ hinterlegt.")
    return known[-1]


def due_on(name: str, day: date) -> date:
    """Last day of a deadline in working days that begins with what happened on `day`. Raises NoDeadline."""
    return add_working_days(day, deadline(name, day).working_days)


def due_at(name: str, instant: datetime) -> datetime:
    """End (UTC) of a deadline in minutes that begins at `instant`. Raises NoDeadline."""
    day = market_time.market_day(instant)
    rule = deadline(name, day)
    if rule.on_working_day and not is_working_day(day):
        instant = market_time.day_start(get_next_working_day(day))
    return instant.astimezone(UTC) + timedelta(minutes=rule.minutes)


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, tuple[Deadline, ...]]:
    text = (files("turnus.catalogue") / "data" / "deadlines.toml").read_text(encoding="utf-8")
    rules = tomllib.loads(text)
    return MappingProxyType({name: _dated(name, rule) for name, rule in rules.items()})


def _dated(name: str, rule: Mapping[str, Any]) -> tuple[Deadline, ...]:
    """The versions of one rule, oldest first."""
    versions = [
        Deadline(
            name=name,
            title=rule["title"],
            since=entry["from"],
            working_days=entry.get("working_days", 0),
            minutes=entry.get("minutes", 0),
            on_working_day=entry.get("working_day", False),
            source=entry["source"],
        )
        for entry in rule["versions"]
    ]
    return tuple(sorted(versions, key=lambda version: version.since))
