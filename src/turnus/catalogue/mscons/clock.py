"""Berlin days for whole arrays of minutes since 1970-01-01 00:00 UTC.

Summer time follows the rule of the EU (since 1996 for October): from 01:00 UTC on the last Sunday of March
to 01:00 UTC on the last Sunday of October. A test compares every hour of forty years with the time zone
database.
"""

from __future__ import annotations

from calendar import SUNDAY, monthrange, weekday
from datetime import date

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.int64]

DAY = 1440
GAS_SHIFT = 360


def _last_sunday(year: int, month: int) -> date:
    last = monthrange(year, month)[1]
    return date(year, month, last - (weekday(year, month, last) - SUNDAY) % 7)


_EPOCH = date(1970, 1, 1).toordinal()
_CHANGES: Minutes = np.array(
    [
        (_last_sunday(year, month).toordinal() - _EPOCH) * DAY + 60
        for year in range(1996, 2100)
        for month in (3, 10)
    ],
    dtype=np.int64,
)


def offset(minutes: Minutes) -> Minutes:
    """Minutes that Berlin is ahead of UTC at each instant: 60 or 120."""
    return np.asarray(60 + 60 * (np.searchsorted(_CHANGES, minutes, side="right") % 2), dtype=np.int64)


def day_number(minutes: Minutes, *, gas: bool) -> Minutes:
    """Days since 1970-01-01 of the market day (or gas day) that contains each instant."""
    local = minutes + offset(minutes) - (GAS_SHIFT if gas else 0)
    return np.asarray(local // DAY, dtype=np.int64)


def day_start(days: Minutes, *, gas: bool) -> Minutes:
    """Instant at which each day begins."""
    # Two hours before local midnight (or 06:00) the clock already shows what it shows then.
    local = days * DAY + (GAS_SHIFT if gas else 0)
    return np.asarray(local - offset(local - 120), dtype=np.int64)
