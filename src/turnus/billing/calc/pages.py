"""The page of a bill (`documents.calc.bill`) from the calculated bill and what stands around it. Pure.

A `House` is what all bills of a principal share; it hands out the same object for the same content, so that
the checklist looks at it once per chunk. `Parties` belong to a contract, `Issue` to one bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from turnus.billing.calc.records import Bill, BillInput
from turnus.billing.calc.rendering import charge_lines, contained_charges, instalment_entries, measured
from turnus.documents.calc import bill as page
from turnus.documents.calc.consumer import ConsumerInformation, consumer_information
from turnus.documents.calc.parties import Letterhead, PostalAddress, Recipient

__all__ = ["NO_LETTERHEAD", "House", "Issue", "Labelling", "Parties", "Terms", "build"]

# Yearly consumption in kWh for the comparison, unless the principal decided on own figures.
GROUPS: dict[str, list[tuple[str, int]]] = {
    "electricity": [
        ("Haushalt mit 1 Person", 1500),
        ("Haushalt mit 2 Personen", 2500),
        ("Haushalt mit 3 Personen", 3500),
        ("Haushalt mit 4 Personen", 4250),
    ],
    "gas": [("Wohnfläche 50 m²", 7000), ("Wohnfläche 100 m²", 14000), ("Wohnfläche 150 m²", 21000)],
}

#: Stands in while the principal has stored none: nothing on it, so the checklist names what is missing.
NO_LETTERHEAD = Letterhead(
    name="",
    short_name="",
    address=PostalAddress("", "", ""),
    register_court="",
    register_number="",
    managing_directors=(),
    tax_number="",
    vat_id="",
    hotline="",
    email="",
    web="",
    bank_name="",
    iban="",
    bic="",
    creditor_id="",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with the product that holds on the last day of the bill."""

    product_id: int
    name: str
    is_default_supply: bool
    minimum_term_months: int
    notice_weeks: int


@dataclass(frozen=True, slots=True)
class Labelling:
    """Energy mix of one year, of a product or (None) of the company: percent, g/kWh, mg/kWh (§ 42 EnWG)."""

    year: int
    product_id: int | None
    shares: Mapping[str, Any]
    co2_g_per_kwh: Decimal
    radioactive_mg_per_kwh: Decimal


@dataclass(frozen=True, slots=True)
class Parties:
    """Contract, customer and supply point as the page names them; the mandate only if it may be used."""

    contract_id: int
    contract_number: str
    contract_start: date
    customer_id: int
    customer_number: str
    is_household: bool
    is_business: bool
    recipient: Recipient
    supply: page.Supply
    direct_debit: tuple[str, str] | None
    payout_iban: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What is decided when a bill is issued. `number` is empty before its release."""

    kind: page.BillKind
    number: str
    day: date
    due_date: date
    terms: Terms | None
    prior: page.PriorConsumption | None
    next_instalments: page.NextInstalments | None = None
    corrected: page.CorrectedBill | None = None


@dataclass(slots=True)
class House:
    """What all bills of one principal share."""

    letterhead: Letterhead
    settings: Mapping[str, Any]
    mixes: Sequence[Labelling]
    _mixes: dict[tuple[int | None, date], page.EnergyMix | None] = field(default_factory=dict)
    _groups: dict[tuple[str, int], page.GroupComparison] = field(default_factory=dict)

    def grid_fees(self, commodity: str) -> Mapping[str, Any]:
        """Grid and metering fees in the price as the principal states them; empty: not stated."""
        fees: Mapping[str, Any] = self.settings.get("grid_fees", {}).get(commodity, {})
        return fees

    def storage_levy_relief(self) -> Decimal | None:
        """What the principal passes on since the storage levy ended (§ 35g(7) EnWG), ct/kWh net."""
        stated = self.settings.get("storage_levy_relief_ct")
        return Decimal(stated) if stated is not None else None

    def energy_mix(self, product_id: int | None, issued: date) -> page.EnergyMix | None:
        """The labelling of the latest year known: product, company, Germany (§ 42(1), (2) EnWG)."""
        if not any(mix.product_id == product_id for mix in self.mixes):
            product_id = None
        key = (product_id, issued)
        if key not in self._mixes:
            self._mixes[key] = self._mix(product_id, issued)
        return self._mixes[key]

    def _mix(self, product_id: int | None, issued: date) -> page.EnergyMix | None:
        year = max((mix.year for mix in self.mixes if mix.year < issued.year), default=None)
        if year is None:
            return None
        own = [mix for mix in self.mixes if mix.year == year]
        columns = [_column("Ihr Tarif", mix) for mix in own if product_id and mix.product_id == product_id]
        columns += [_column("Unser Unternehmen", mix) for mix in own if mix.product_id is None]
        germany = self.settings.get("energy_mix_germany")
        if germany:
            co2, waste = (Decimal(str(germany[name])) for name in ("co2_g_per_kwh", "radioactive_mg_per_kwh"))
            columns.append(_column("Deutschland", Labelling(year, None, germany["shares"], co2, waste)))
        return page.EnergyMix(year, tuple(columns))

    def comparison(self, given: BillInput, kwh: Decimal) -> page.GroupComparison:
        """Comparison groups, the one nearest to the yearly consumption marked as the own."""
        commodity = given.commodity.value
        rows = self.settings.get("comparison_groups", {}).get(commodity) or GROUPS[commodity]
        yearly = kwh * 365 / given.period.days
        nearest = min(range(len(rows)), key=lambda n: abs(rows[n][1] - yearly))
        key = (commodity, nearest)
        if key not in self._groups:
            values = tuple(
                page.GroupValue(label, Decimal(figure), n == nearest)
                for n, (label, figure) in enumerate(rows)
            )
            self._groups[key] = page.GroupComparison(values, "Richtwerte des Lieferanten")
        return self._groups[key]


def build(given: BillInput, result: Bill, house: House, parties: Parties, issue: Issue) -> page.BillDocument:
    """The page. `result` is the calculation of `given`, or its mirror image for a cancellation."""
    terms, commodity = issue.terms, given.commodity.value
    is_electricity = commodity == "electricity"
    return page.BillDocument(
        letterhead=house.letterhead,
        recipient=parties.recipient,
        kind=issue.kind,
        commodity=page.Commodity(commodity),
        number=issue.number or "Entwurf",
        issue_date=issue.day,
        period=given.period,
        customer_number=parties.customer_number,
        contract_number=parties.contract_number,
        is_household=parties.is_household,
        is_business=parties.is_business,
        product=_product(terms, parties.contract_start, issue.day),
        supply=_supply(parties.supply, given.profile or ""),
        intervals=measured(given, result),
        lines=charge_lines(result),
        vat_totals=tuple(page.VatTotal(v.percent, v.net, v.vat) for v in result.vat),
        net=result.net,
        gross=result.gross,
        instalments=instalment_entries(given, result),
        balance=result.balance,
        payment=_payment(result.balance, parties, issue),
        contained=contained_charges(given, result, house.grid_fees(commodity)),
        kwh=result.kwh,
        estimate=_estimate(result),
        prior=issue.prior,
        prior_missing_reason="" if issue.prior else "Für den Vorjahreszeitraum liegt keine Abrechnung vor.",
        group=house.comparison(given, result.kwh),
        energy_mix=house.energy_mix(terms.product_id if terms else None, issue.day)
        if is_electricity
        else None,
        co2=_co2(result),
        next_instalments=issue.next_instalments,
        corrected=issue.corrected,
        consumer=_consumer(issue.day),
        storage_levy_relief_ct=house.storage_levy_relief(),
        has_e_invoice=False,
    )


def _consumer(day: date) -> ConsumerInformation | None:
    """None where no edition is valid: the checklist then says what is missing and where."""
    try:
        return consumer_information(day)
    except LookupError:
        return None


def _column(label: str, mix: Labelling) -> page.MixColumn:
    shares = tuple((key, Decimal(str(value))) for key, value in mix.shares.items())
    return page.MixColumn(label, shares, mix.co2_g_per_kwh, mix.radioactive_mg_per_kwh / 1000)


def _product(terms: Terms | None, supply_start: date, issued: date) -> page.Product:
    if terms is None:
        return page.Product("", False, supply_start, "", "", None)
    months = terms.minimum_term_months
    term_end = None
    if months:
        total = supply_start.year * 12 + supply_start.month - 1 + months
        term_end = date(total // 12, total % 12 + 1, min(supply_start.day, 28)) - timedelta(days=1)
    earliest = issued + timedelta(weeks=terms.notice_weeks)
    running = term_end is not None and term_end > earliest
    return page.Product(
        name=terms.name,
        is_default_supply=terms.is_default_supply,
        contract_start=supply_start,
        term=f"Mindestlaufzeit {months} Monate" if months else "unbefristet",
        notice_period=f"{terms.notice_weeks} Wochen",
        next_termination=term_end if running else earliest,
        minimum_term_until=term_end,
    )


def _supply(supply: page.Supply, profile: str) -> page.Supply:
    """A bill names the profile it was calculated with, which the location may have changed since."""
    return supply if supply.profile == profile else replace(supply, profile=profile)


def _payment(balance: Decimal, parties: Parties, issue: Issue) -> page.BillPayment:
    due, number = issue.due_date, issue.number
    if balance == 0:
        return page.BillPayment(page.PaymentMethod.NOTHING_DUE, due, number)
    if balance < 0:
        method = page.PaymentMethod.PAYOUT if parties.payout_iban else page.PaymentMethod.OFFSET
        return page.BillPayment(method, due, number, parties.payout_iban)
    if parties.direct_debit is not None:
        return page.BillPayment(page.PaymentMethod.DIRECT_DEBIT, due, number, *parties.direct_debit)
    return page.BillPayment(page.PaymentMethod.TRANSFER, due, number)


def _estimate(result: Bill) -> page.Estimate | None:
    meters = sorted({interval.meter for interval in result.intervals if interval.estimated})
    if not meters:
        return None
    return page.Estimate(
        "Für mindestens einen Zählerstand lag keine Ablesung vor.",
        f"Ersatzwert oder Schätzung aus dem bisherigen Verbrauch für Zähler {', '.join(meters)}",
    )


def _co2(result: Bill) -> page.Co2Statement | None:
    if result.co2 is None:
        return None
    co2 = result.co2
    return page.Co2Statement(co2.kg, co2.gross, co2.factor_net_calorific, result.kwh)
