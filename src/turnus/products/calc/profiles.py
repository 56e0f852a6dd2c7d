"""Daily energy weights of standard load profiles, for splitting and extrapolating consumption.

A split only needs the ratio of two sums of days. So each profile, federal state and year is turned once into
cumulative integers; every split afterwards is two subtractions, exact and without rounding.

Sources: BDEW/VDEW profiles 1999 (three seasons) and 2025 (twelve months) with their dynamisation function;
gas profiles with the sigmoid of TU München. Figures and their origin: `products/data/profiles_*.toml`, page
`docs/algorithms/profiles.md`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

import holidays

from turnus.lib.period import Period, days_in_year
from turnus.lib.rounding import half_up

__all__ = [
    "STATES",
    "UnknownProfile",
    "UnknownState",
    "canonical_profile",
    "check_state",
    "month_shares",
    "profile_codes",
    "profile_title",
    "share",
    "weight",
]

STATES = frozenset(
    ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")
)
_SCALE = 10**12
_GAS_CODE = re.compile(r"(?:DE_)?(H[EM]F|G[A-Z]{2})\d{0,2}")
_GAS_ALIASES = {"EFH": "HEF", "MFH": "HMF"}
_WORKING_DAY, _SATURDAY, _SUNDAY = range(3)


class UnknownProfile(ValueError):
    """No figures for this profile code."""


class UnknownState(ValueError):
    """No federal state of Germany."""


@dataclass(frozen=True, slots=True)
class _Electricity:
    """`days[row][day type]` in kWh per day for 1,000 kWh a year; 3 rows are seasons, 12 rows are months."""

    title: str
    dynamised: bool
    days: tuple[tuple[Decimal, ...], ...]


@dataclass(frozen=True, slots=True)
class _Gas:
    """`months[month - 1]` relative demand of the typical year, `weekdays` factors Monday to Sunday."""

    title: str
    months: tuple[Decimal, ...]
    weekdays: tuple[Decimal, ...]


def profile_codes(commodity: str) -> list[str]:
    """Codes with figures, "electricity" or "gas"."""
    return list(_electricity() if commodity == "electricity" else _gas())


def profile_title(commodity: str, code: str) -> str:
    """German name. Raises UnknownProfile."""
    profiles = _electricity() if commodity == "electricity" else _gas()
    return profiles[canonical_profile(commodity, code)].title


@cache
def canonical_profile(commodity: str, code: str) -> str:
    """The code under which figures are kept: "h0" → "H0", "HEF03" → "HEF". Raises UnknownProfile.

    Gas classes such as 03 or 33 share the months of their family here: only the shape over the year is used.
    """
    upper = code.strip().upper()
    if commodity == "gas":
        upper = _GAS_ALIASES.get(upper, upper)
        match = _GAS_CODE.fullmatch(upper)
        upper = match.group(1) if match else upper
    known = profile_codes(commodity)
    if upper not in known:
        raise UnknownProfile(f"Lastprofil „{code}“ ist nicht bekannt; bekannt sind {', '.join(known)}")
    return upper


def check_state(state: str) -> None:
    """Raises UnknownState unless `state` is one of the sixteen two-letter codes."""
    if state not in STATES:
        raise UnknownState(
            f"Bundesland „{state}“ ist nicht bekannt; bekannt sind {', '.join(sorted(STATES))}"
        )


def weight(commodity: str, code: str, state: str | None, period: Period) -> int:
    """Energy of `period` under the profile, in an integer unit that is the same for all days and years.

    `state` decides which holidays count as Sundays; None counts only those of the whole country.
    Raises UnknownProfile, UnknownState.
    """
    first, last = period.start.year, period.last.year
    code = canonical_profile(commodity, code)
    total = 0
    for year in range(first, last + 1):
        sums = _cumulative(commodity, code, state, year)
        begin = (period.start - date(year, 1, 1)).days if year == first else 0
        end = (period.end - date(year, 1, 1)).days if year == last else len(sums) - 1
        total += sums[end] - sums[begin]
    return total


def share(commodity: str, code: str, state: str | None, part: Period, whole: Period) -> Decimal:
    """Fraction of the energy of `whole` that falls into `part`, 0 to 1 when `part` lies inside."""
    return Decimal(weight(commodity, code, state, part)) / weight(commodity, code, state, whole)


def month_shares(commodity: str, code: str, state: str | None, year: int) -> list[Decimal]:
    """Fractions of a calendar year by month, January first."""
    bounds = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
    whole = Period(bounds[0], bounds[-1])
    return [share(commodity, code, state, Period(bounds[m], bounds[m + 1]), whole) for m in range(12)]


@cache
def _cumulative(commodity: str, code: str, state: str | None, year: int) -> tuple[int, ...]:
    """Energy before each day of the year, and of the whole year as the last entry."""
    if state is not None:
        check_state(state)
    days_off = holidays.country_holidays("DE", subdiv=state, years=year)
    first = date(year, 1, 1)
    days = [first + timedelta(n) for n in range(days_in_year(first))]
    types = [_day_type(day, day in days_off) for day in days]
    if commodity == "gas":
        energies = _gas_days(_gas()[code], days, types)
    else:
        energies = _electricity_days(_electricity()[code], days, types)
    return tuple(accumulate((int(energy * _SCALE) for energy in energies), initial=0))


def _electricity_days(profile: _Electricity, days: list[date], types: list[int]) -> list[Decimal]:
    row = _season if len(profile.days) == 3 else _month
    energies = [profile.days[row(day)][kind] for day, kind in zip(days, types, strict=True)]
    if not profile.dynamised:
        return energies
    return [energy * dynamisation(number) for number, energy in enumerate(energies, start=1)]


def _gas_days(profile: _Gas, days: list[date], types: list[int]) -> list[Decimal]:
    return [
        profile.months[day.month - 1] * profile.weekdays[6 if kind == _SUNDAY else day.weekday()]
        for day, kind in zip(days, types, strict=True)
    ]


@cache
def dynamisation(day_of_year: int) -> Decimal:
    """F(t) of the BDEW for the day of the year (1 to 366), rounded to four decimals as the method says."""
    t = Decimal(day_of_year)
    value = (
        Decimal("-3.92E-10") * t**4
        + Decimal("3.2E-7") * t**3
        - Decimal("7.02E-5") * t**2
        + Decimal("2.1E-3") * t
        + Decimal("1.24")
    )
    return half_up(value, 4)


def _day_type(day: date, is_holiday: bool) -> int:
    """Holidays are Sundays; 24 and 31 December are Saturdays unless they fall on a Sunday."""
    if is_holiday or day.weekday() == 6:
        return _SUNDAY
    if day.weekday() == 5 or (day.month == 12 and day.day in (24, 31)):
        return _SATURDAY
    return _WORKING_DAY


def _season(day: date) -> int:
    """Row of the 1999 set: winter 1.11.–20.3., summer 15.5.–14.9., transition between."""
    key = (day.month, day.day)
    if key >= (11, 1) or key <= (3, 20):
        return 0
    return 2 if (5, 15) <= key <= (9, 14) else 1


def _month(day: date) -> int:
    return day.month - 1


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files("turnus.products.data").joinpath(name).read_text(encoding="utf-8"))


@cache
def _electricity() -> dict[str, _Electricity]:
    return {
        code: _Electricity(
            title=entry["title"],
            dynamised=entry["dynamised"],
            days=tuple(tuple(Decimal(figure) for figure in row) for row in entry["days"]),
        )
        for code, entry in _load("profiles_electricity.toml").items()
    }


@cache
def _gas() -> dict[str, _Gas]:
    entries = _load("profiles_gas.toml")
    temperatures = [Decimal(t) for t in entries.pop("typical_year")["temperature"]]
    return {
        code: _Gas(
            title=entry["title"],
            months=tuple(_sigmoid([Decimal(c) for c in entry["sigmoid"]], t) for t in temperatures),
            weekdays=tuple(Decimal(factor) for factor in entry["weekdays"]),
        )
        for code, entry in entries.items()
    }


def _sigmoid(coefficients: list[Decimal], temperature: Decimal) -> Decimal:
    """h(ϑ) = A / (1 + (B / (ϑ − 40))^C) + D, to eight decimals; ϑ in °C below 40."""
    a, b, c, d = coefficients
    return half_up(a / (1 + (b / (temperature - 40)) ** c) + d, 8)
