"""TARGET business days: when SEPA money moves, and when a file must be at the bank.

TARGET is closed on Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays

# Days between handing the file in and collection. The rulebooks ask for one business day; the banks' own
# cut-off times eat part of it, so two are planned.
PRESENTATION_DAYS = 2


@lru_cache(maxsize=64)
def _closed(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("ECB", years=year))


def is_target_day(day: date) -> bool:
    """Whether TARGET is open on `day`."""
    return day.weekday() < 5 and day not in _closed(day.year)


def next_target_day(day: date) -> date:
    """`day` itself if TARGET is open, else the next open day; never earlier than the due date."""
    while not is_target_day(day):
        day += timedelta(days=1)
    return day


def add_target_days(day: date, count: int) -> date:
    """The TARGET day `count` business days after `day`; negative counts go back."""
    step = timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_target_day(day):
            day += step
    return day


def collection_date(due: date, today: date, lead: int = PRESENTATION_DAYS) -> date:
    """When a debit due on `due` is collected if its file is handed in on `today`.

    Never before the due date, always a TARGET day, never sooner than the bank can take it.
    """
    earliest = add_target_days(next_target_day(today), lead)
    return max(next_target_day(due), earliest)


def hand_in_by(collection: date, lead: int = PRESENTATION_DAYS) -> date:
    """The last day on which the file for `collection` can be handed in."""
    return add_target_days(collection, -lead)
