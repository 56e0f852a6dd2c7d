"""What the billing engine reads and what it returns. Everything is frozen; amounts are euro, energies kWh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from turnus.lib.period import Period

__all__ = [
    "BaseWorking",
    "Bill",
    "BillInput",
    "BillRefused",
    "BonusWorking",
    "Co2Cost",
    "Code",
    "Commodity",
    "ContainedCharge",
    "EnergyWorking",
    "Finding",
    "GasQuality",
    "GasRun",
    "InstalmentReceived",
    "Line",
    "LineKind",
    "MeterInterval",
    "Portion",
    "Price",
    "Reading",
    "Split",
    "VatModel",
    "VatRate",
    "VatSum",
    "YearDays",
]

ZERO = Decimal(0)


class Commodity(StrEnum):
    """What is supplied."""

    ELECTRICITY = "electricity"
    GAS = "gas"


class Split(StrEnum):
    """How consumption between two readings is divided at a change between them."""

    SLP = "slp"
    DAYS = "days"


class VatModel(StrEnum):
    """STICHTAG: the rate of the last day taxes the whole period. ZEITSCHEIBEN: each rate taxes its days."""

    STICHTAG = "stichtag"
    ZEITSCHEIBEN = "zeitscheiben"


class LineKind(StrEnum):
    """What a line charges: energy by kWh, base price by days, or a bonus given."""

    ENERGY = "energy"
    BASE = "base"
    BONUS = "bonus"


class Code(StrEnum):
    """Why a bill cannot be calculated. The values are stored with cases, so they never change."""

    READING_CONFLICT = "reading_conflict"
    READING_EXCEEDS_DIGITS = "reading_exceeds_digits"
    FACTOR_CONFLICT = "factor_conflict"
    READING_BACKWARDS = "reading_backwards"
    READING_MISSING_START = "reading_missing_start"
    READING_MISSING_END = "reading_missing_end"
    READING_GAP = "reading_gap"
    SEVERAL_REGISTERS = "several_registers"
    READING_OVERLAP = "reading_overlap"
    PRICE_MISSING = "price_missing"
    PRICE_OVERLAP = "price_overlap"
    VAT_MISSING = "vat_missing"
    VAT_OVERLAP = "vat_overlap"
    GAS_QUALITY_MISSING = "gas_quality_missing"
    GAS_QUALITY_OVERLAP = "gas_quality_overlap"
    PROFILE_MISSING = "profile_missing"
    PROFILE_UNKNOWN = "profile_unknown"
    STATE_UNKNOWN = "state_unknown"
    PRODUCT_MISSING = "product_missing"
    PRICE_NOT_AGREED = "price_not_agreed"
    PERIOD_GAP = "period_gap"
    PERIOD_OVERLAP = "period_overlap"
    PERIOD_OUTSIDE_SUPPLY = "period_outside_supply"


@dataclass(frozen=True, slots=True)
class Finding:
    """`field` names the place in the input file, `text` is German and says cause and remedy."""

    code: Code
    field: str
    text: str


class BillRefused(ValueError):
    """The input does not allow a bill; `findings` holds every reason, in the order of the checks."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(f"{finding.field}: {finding.text}" for finding in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Reading:
    """State of a register at 00:00 of `day`. `digits` are the places before the decimal point."""

    meter: str
    day: date
    value: Decimal
    factor: Decimal | None = None
    digits: int | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """Net prices of a price period: ct per kWh and € per year."""

    period: Period
    energy_ct: Decimal
    base_eur: Decimal


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate in percent and the days it holds."""

    period: Period
    percent: Decimal


@dataclass(frozen=True, slots=True)
class GasQuality:
    """Conversion factor z (4 decimals) and calorific value H_s in kWh/m³ (3 decimals)."""

    period: Period
    conversion_factor: Decimal
    calorific_value: Decimal


@dataclass(frozen=True, slots=True)
class InstalmentReceived:
    """One payment on account as it was received, taxed with its rate."""

    gross: Decimal
    vat_percent: Decimal


@dataclass(frozen=True, slots=True)
class BillInput:
    """Everything a bill depends on. The stored form of a bill's input is the file of `turnus calc bill`.

    `registers`: meter number and OBIS codes of the registers that count its consumption, from master data; it
    only decides whether there may be a bill, and is no part of the file.
    """

    commodity: Commodity
    period: Period
    readings: tuple[Reading, ...]
    prices: tuple[Price, ...]
    vat: tuple[VatRate, ...]
    profile: str | None = None
    state: str | None = None
    split: Split = Split.SLP
    vat_model: VatModel = VatModel.STICHTAG
    gas: tuple[GasQuality, ...] = ()
    instalments: tuple[InstalmentReceived, ...] = ()
    bonus_gross: Decimal = ZERO
    concession_ct: Decimal | None = None
    registers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class GasRun:
    """Part of a meter interval with one conversion factor; `calorific_value` is the weighted mean."""

    period: Period
    volume: Decimal
    conversion_factor: Decimal
    calorific_value: Decimal
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class MeterInterval:
    """Two readings of a meter; `quantity` = `difference` × `factor` in kWh or m³, `kwh` unrounded."""

    meter: str
    period: Period
    opening: Decimal
    closing: Decimal
    difference: Decimal
    overflow: bool
    factor: Decimal
    quantity: Decimal
    kwh: Decimal
    estimated: bool = False
    gas: tuple[GasRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Portion:
    """What one meter interval adds to a line. `method`: "measured" (whole interval), "slp" or "days"."""

    interval: MeterInterval
    period: Period
    method: str
    share: Decimal
    kwh: Decimal
    profile: str = ""


@dataclass(frozen=True, slots=True)
class EnergyWorking:
    """`exact` is the sum of the portions; `takes_rest` marks the part that evens out the rounding."""

    portions: tuple[Portion, ...]
    exact: Decimal
    takes_rest: bool


@dataclass(frozen=True, slots=True)
class YearDays:
    """Days of a line that fall into one calendar year."""

    year: int
    days: int
    days_in_year: int


@dataclass(frozen=True, slots=True)
class BaseWorking:
    """A base price line: its days per calendar year."""

    years: tuple[YearDays, ...]


@dataclass(frozen=True, slots=True)
class BonusWorking:
    """A bonus line: the gross amount promised and the VAT inside it."""

    gross: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """`unit_price`: ct/kWh for energy, €/year for base, None for a bonus. `net` rounded once."""

    kind: LineKind
    period: Period
    kwh: Decimal | None
    unit_price: Decimal | None
    net: Decimal
    vat_percent: Decimal
    working: EnergyWorking | BaseWorking | BonusWorking


@dataclass(frozen=True, slots=True)
class VatSum:
    """Net sum and VAT of one rate, in euro."""

    percent: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class ContainedCharge:
    """A tax or levy inside the price. `rates` are (kWh, ct per kWh); `net` None: a rate is unpublished."""

    code: str
    title: str
    rates: tuple[tuple[Decimal, Decimal], ...]
    net: Decimal | None


@dataclass(frozen=True, slots=True)
class Co2Cost:
    """Statement of § 3 CO2KostAufG: emissions in kg (1 decimal), cost in €, factor in kg/kWh (H_i)."""

    kg: Decimal
    net: Decimal
    gross: Decimal
    factor_net_calorific: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """`balance` = `gross` − `instalments`; above zero the customer pays. `instalments_vat` by rate."""

    lines: tuple[Line, ...]
    kwh: Decimal
    net: Decimal
    vat: tuple[VatSum, ...]
    gross: Decimal
    instalments: Decimal
    instalments_vat: tuple[VatSum, ...]
    balance: Decimal
    intervals: tuple[MeterInterval, ...]
    contained: tuple[ContainedCharge, ...]
    co2: Co2Cost | None
    estimated: bool
