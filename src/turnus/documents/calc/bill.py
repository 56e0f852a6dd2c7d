"""A bill as it is printed: everything the law wants on it, ready-made figures, nothing to calculate.

The records carry results and the figures behind them, so that the page can show the calculation and a
check can prove that it adds up. Quantities and money are `Decimal`; money in euro with two places; periods
are half-open.
Sources: §§ 40, 40a, 41, 42 EnWG; § 14 UStG; § 3 CO2KostAufG; § 107 EnergieStV.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from turnus.documents.calc.consumer import ConsumerInformation
from turnus.documents.calc.parties import Letterhead, PostalAddress, Recipient
from turnus.lib.period import Period

__all__ = [
    "BillDocument",
    "BillKind",
    "BillPayment",
    "ChargeKind",
    "ChargeLine",
    "Co2Statement",
    "Commodity",
    "ContainedCharge",
    "CorrectedBill",
    "DayShare",
    "EnergyMix",
    "EnergyPortion",
    "Estimate",
    "GasRun",
    "GroupComparison",
    "GroupValue",
    "InstalmentReceived",
    "MeasuredInterval",
    "MixColumn",
    "NextInstalments",
    "PaymentMethod",
    "PriorConsumption",
    "Product",
    "Reading",
    "ReadingOrigin",
    "SplitMethod",
    "Supply",
    "VatTotal",
]


class Commodity(StrEnum):
    """What is supplied."""

    ELECTRICITY = "electricity"
    GAS = "gas"


class BillKind(StrEnum):
    """Why the bill is written; a rebill replaces a cancelled one."""

    PERIODIC = "periodic"
    INTERIM = "interim"
    FINAL = "final"
    REBILL = "rebill"
    CANCELLATION = "cancellation"


class ReadingOrigin(StrEnum):
    """How a reading was obtained (§ 40(2) no. 6, § 40a EnWG)."""

    GRID = "grid"
    METERING_OPERATOR = "metering_operator"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    REMOTE = "remote"
    SUBSTITUTE = "substitute"
    ESTIMATE = "estimate"


class SplitMethod(StrEnum):
    """MEASURED: the whole interval lies in the line. The others divide an interval at a change."""

    MEASURED = "measured"
    READING = "reading"
    INTERVAL = "interval"
    SLP = "slp"
    DAYS = "days"


class ChargeKind(StrEnum):
    """What a line charges for; decides where the summary adds it."""

    ENERGY = "energy"
    BASE = "base"
    DEMAND = "demand"
    BONUS = "bonus"
    OTHER = "other"


class PaymentMethod(StrEnum):
    """How the balance is settled; OFFSET: against the next instalment."""

    DIRECT_DEBIT = "direct_debit"
    TRANSFER = "transfer"
    PAYOUT = "payout"
    OFFSET = "offset"
    NOTHING_DUE = "nothing_due"


@dataclass(frozen=True, slots=True)
class Reading:
    """State of a register; `value` as the register shows it."""

    value: Decimal
    origin: ReadingOrigin


@dataclass(frozen=True, slots=True)
class GasRun:
    """Part of an interval with one conversion factor: `kwh` = `volume` × z × H_s, not rounded."""

    period: Period
    volume: Decimal
    conversion_factor: Decimal | None
    calorific_value: Decimal | None
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class MeasuredInterval:
    """One register between two readings: `opening` at the start of `period`, `closing` at its end.

    `consumption` = (closing − opening, or across an overflow of `overflow_digits`) × `factor`, in kWh or m³;
    `kwh` the energy of the interval, not rounded (gas: sum of its `gas` runs).
    """

    meter_number: str
    period: Period
    opening: Reading
    closing: Reading
    consumption: Decimal
    kwh: Decimal
    register: str = ""
    factor: Decimal = Decimal(1)
    overflow_digits: int | None = None
    gas: tuple[GasRun, ...] = ()


@dataclass(frozen=True, slots=True)
class EnergyPortion:
    """What one interval adds to an energy line: `kwh` = `share` × kWh of the interval, not rounded.

    `interval` and `meter_number` name the measured interval, `period` the part that falls into the line.
    """

    meter_number: str
    interval: Period
    period: Period
    method: SplitMethod
    share: Decimal
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class DayShare:
    """Days of a charge that fall into one calendar year of `days_in_year` days."""

    days: int
    days_in_year: int


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One position of the bill. `net` in euro; a bonus is negative.

    `unit_price` in `price_unit` ("ct/kWh", "€/Jahr"), None where there is none; the sum of `portions`,
    rounded, is `quantity`; `day_shares` explain a yearly price; `working` is free text where neither fits.
    """

    kind: ChargeKind
    label: str
    period: Period
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    price_unit: str
    net: Decimal
    vat_percent: Decimal
    portions: tuple[EnergyPortion, ...] = ()
    day_shares: tuple[DayShare, ...] = ()
    working: str = ""


@dataclass(frozen=True, slots=True)
class VatTotal:
    """Net sum and VAT of one rate, in euro."""

    percent: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class InstalmentReceived:
    """Payments received on account, with the VAT they contain (§ 14(5) UStG).

    One entry per payment (`paid_on`) or one for all payments of a rate (`paid_on` None, `label` says so).
    """

    paid_on: date | None
    gross: Decimal
    net: Decimal
    vat: Decimal
    vat_percent: Decimal
    label: str = "Abschlag"


@dataclass(frozen=True, slots=True)
class ContainedCharge:
    """Tax, levy, grid or metering fee that the net price contains (§ 40(3) EnWG).

    `key`: code of the levy, or concession_fee, grid_fee, metering_fee. `rates` are (kWh, ct per kWh) where
    the charge is one per kWh; `amount` net in euro, None while a rate of the period is unpublished.
    """

    key: str
    label: str
    rates: tuple[tuple[Decimal, Decimal], ...]
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Product:
    """What was agreed: § 40(2) nos. 7, 8, 18 EnWG."""

    name: str
    is_default_supply: bool
    contract_start: date
    term: str
    notice_period: str
    next_termination: date | None
    minimum_term_until: date | None = None
    price_guarantee_until: date | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """Where and through whom: § 40(2) nos. 6, 9 EnWG. Codes are 13-digit market partner ids."""

    address: PostalAddress
    market_location: str
    grid_operator: str
    grid_operator_code: str
    metering_operator: str
    metering_operator_code: str = ""
    metering_location: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class PriorConsumption:
    """Consumption of the comparable earlier period (§ 40(2) no. 7 EnWG), kWh."""

    period: Period
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class GroupValue:
    """Yearly consumption of a comparison group in kWh; `own` marks the group of this customer."""

    label: str
    kwh: Decimal
    own: bool = False


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """Comparison groups of one commodity and where their figures come from."""

    values: tuple[GroupValue, ...]
    source: str


@dataclass(frozen=True, slots=True)
class MixColumn:
    """Energy mix of one scope (own product, whole company, Germany): share in percent per source key.

    CO₂ in g/kWh, radioactive waste in g/kWh (§ 42(1), (2) EnWG). Source keys: see `render/labels.py`.
    """

    label: str
    shares: tuple[tuple[str, Decimal], ...]
    co2_g_per_kwh: Decimal
    radioactive_waste_g_per_kwh: Decimal


@dataclass(frozen=True, slots=True)
class EnergyMix:
    """Electricity labelling of one year: own product, company, Germany (§ 42 EnWG)."""

    year: int
    columns: tuple[MixColumn, ...]


@dataclass(frozen=True, slots=True)
class Co2Statement:
    """§ 3 CO2KostAufG: emissions, their price, emission factor by net calorific value, energy."""

    kg: Decimal
    cost_gross: Decimal
    factor_kg_per_kwh_hi: Decimal
    kwh: Decimal
    price_eur_per_tonne: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """§ 40a(2) EnWG: the reason for the estimate and what it rests on."""

    reason: str
    basis: str


@dataclass(frozen=True, slots=True)
class NextInstalments:
    """The instalments after this bill: `gross` each, due on `due_dates`."""

    gross: Decimal
    net: Decimal
    vat: Decimal
    vat_percent: Decimal
    due_dates: tuple[date, ...]
    expected_year_gross: Decimal | None = None
    previous_gross: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BillPayment:
    """How the balance is settled. `iban` is the customer's and printed masked."""

    method: PaymentMethod
    due_date: date
    reference: str
    iban: str = ""
    mandate_reference: str = ""


@dataclass(frozen=True, slots=True)
class CorrectedBill:
    """Reference to the bill that this one cancels or replaces."""

    number: str
    issue_date: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BillDocument:
    """One bill of one contract. `balance` = gross − instalments received: positive is to be paid.

    `kwh` is the billed consumption of the period. `excluded_charges` names the keys of
    § 40(3) EnWG that are no part of this price (a metering fee billed by the metering operator, say).
    `storage_levy_relief_ct` is the part of the gas storage levy, ct/kWh net, that the supplier passes on
    since it ended on 2025-12-31 (§ 35g(7) EnWG).
    """

    letterhead: Letterhead
    recipient: Recipient
    kind: BillKind
    commodity: Commodity
    number: str
    issue_date: date
    period: Period
    customer_number: str
    contract_number: str
    is_household: bool
    is_business: bool
    product: Product
    supply: Supply
    intervals: tuple[MeasuredInterval, ...]
    lines: tuple[ChargeLine, ...]
    vat_totals: tuple[VatTotal, ...]
    net: Decimal
    gross: Decimal
    instalments: tuple[InstalmentReceived, ...]
    balance: Decimal
    payment: BillPayment
    contained: tuple[ContainedCharge, ...]
    kwh: Decimal
    estimate: Estimate | None = None
    prior: PriorConsumption | None = None
    prior_missing_reason: str = ""
    group: GroupComparison | None = None
    energy_mix: EnergyMix | None = None
    co2: Co2Statement | None = None
    next_instalments: NextInstalments | None = None
    corrected: CorrectedBill | None = None
    consumer: ConsumerInformation | None = None
    excluded_charges: tuple[str, ...] = ()
    storage_levy_relief_ct: Decimal | None = None
    notes: tuple[str, ...] = ()
    has_e_invoice: bool = False

    @property
    def is_estimated(self) -> bool:
        """True when any reading was estimated (§ 40a(2) EnWG); substitute values count."""
        guessed = {ReadingOrigin.ESTIMATE, ReadingOrigin.SUBSTITUTE}
        return any(guessed & {i.opening.origin, i.closing.origin} for i in self.intervals)

    @property
    def instalments_gross(self) -> Decimal:
        return sum((i.gross for i in self.instalments), Decimal("0.00"))
