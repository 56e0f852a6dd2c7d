"""What is due about a request for values, and by when the bill that needs them must be written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

__all__ = ["Requested", "Stage", "Step", "bill_limit", "next_step", "stage"]

_SIX_WEEKS = timedelta(weeks=6)
_ONE_DAY = timedelta(days=1)


class Stage(StrEnum):
    """How far a request is."""

    RECORDED = "recorded"  # not sent yet
    ASKED = "asked"
    REMINDED = "reminded"
    ESCALATED = "escalated"  # a person has it
    ANSWERED = "answered"


class Step(StrEnum):
    """What has to be done next without a person."""

    WAIT = "wait"
    REMIND = "remind"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Requested:
    """The course of one request; days are market days, None where it has not come to that."""

    sent: bool
    due_on: date
    reminder_due_on: date | None
    escalated: bool
    answered: bool


def stage(course: Requested) -> Stage:
    """How far a request is."""
    if course.answered:
        return Stage.ANSWERED
    if course.escalated:
        return Stage.ESCALATED
    if course.reminder_due_on is not None:
        return Stage.REMINDED
    return Stage.ASKED if course.sent else Stage.RECORDED


def next_step(course: Requested, today: date) -> Step:
    """A reminder once the deadline has passed, a person once that of the reminder has passed, too.

    A deadline ends with its day: on the day itself nothing happens.
    """
    now = stage(course)
    if now is Stage.ASKED and course.due_on < today:
        return Step.REMIND
    if now is Stage.REMINDED and course.reminder_due_on is not None and course.reminder_due_on < today:
        return Step.ESCALATE
    return Step.WAIT


def bill_limit(*, is_reading: bool, start: date, end: date) -> date:
    """Last day for the bill that needs values of [start, end): six weeks after its period (§ 40c (2) EnWG).

    A reading stands for 00:00 of its date and closes the period of the day before; other values are needed
    until their last day. The period may end later (a reading for its beginning): then this is too early,
    never too late.
    """
    last = (start if is_reading else end) - _ONE_DAY
    return last + _SIX_WEEKS
