"""Estimates (§ 40a(2) EnWG): consumption where no reading can be had, with the factors a bill must show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.billing.calc.records import Commodity, Split
from turnus.lib.period import Period
from turnus.lib.quantity import round_kwh
from turnus.products.calc import profiles

__all__ = ["EstimateBasis", "Estimation", "estimate", "year_from"]


@dataclass(frozen=True, slots=True)
class EstimateBasis:
    """What is known: `kwh` over `period`, from the last bill or the grid operator's annual forecast."""

    kwh: Decimal
    period: Period
    source: str


@dataclass(frozen=True, slots=True)
class Estimation:
    """`kwh` = basis × `share`, rounded; `share` is the weight of the period divided by that of the basis."""

    kwh: Decimal
    period: Period
    basis: EstimateBasis
    method: Split
    profile: str
    share: Decimal

    @property
    def text(self) -> str:
        """German sentence for the bill."""
        how = f"Lastprofil {self.profile}" if self.method is Split.SLP else "Tagen"
        return (
            f"geschätzt aus {self.basis.kwh.normalize():f} kWh ({self.basis.source}, "
            f"{self.basis.period.german()}) nach {how}: Faktor {self.share:.6f}"
        )


def year_from(start: date) -> Period:
    """The twelve months from a day on, the time an annual forecast speaks of."""
    last_year = start.year + 1
    is_leap_day = (start.month, start.day) == (2, 29)
    return Period(start, date(last_year, 3, 1) if is_leap_day else start.replace(year=last_year))


def estimate(
    commodity: Commodity,
    basis: EstimateBasis,
    period: Period,
    split: Split,
    profile: str | None,
    state: str | None,
) -> Estimation:
    """Consumption of `period` in proportion to `basis`, by load profile or, without a usable one, by days."""
    method, code = Split.DAYS, ""
    if split is Split.SLP and profile is not None:
        try:
            code, method = profiles.canonical_profile(commodity, profile), Split.SLP
        except profiles.UnknownProfile:
            code = ""
    if method is Split.SLP:
        share = profiles.share(commodity, code, state, period, basis.period)
    else:
        share = Decimal(period.days) / basis.period.days
    return Estimation(round_kwh(basis.kwh * share), period, basis, method, code, share)
