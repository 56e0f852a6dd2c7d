"""From released bills to their printed form: loads what a letter needs, builds the record of documents.

The bill is calculated again from its stored input, so that the page shows the working that was billed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from turnus.billing.calc.bill import calculate
from turnus.billing.calc.correction import mirror
from turnus.billing.calc.fileformat import parse
from turnus.billing.calc.records import Bill as CalculatedBill
from turnus.billing.calc.records import BillInput
from turnus.billing.calc.rendering import charge_lines, contained_charges, instalment_entries, measured
from turnus.billing.models import Bill, InstalmentPlan
from turnus.clients.models import HouseBank, Letterhead
from turnus.clients.services import settings_of
from turnus.contracts.models import ContractCondition
from turnus.documents.calc import bill as page
from turnus.documents.calc.checklist import ChecklistResult, bill_checklist, blocking
from turnus.documents.calc.consumer import consumer_information
from turnus.documents.calc.parties import Letterhead as PageLetterhead
from turnus.documents.calc.parties import PostalAddress, Recipient
from turnus.documents.models import Document
from turnus.documents.queries import letterhead_on_paper
from turnus.documents.render.records import to_data
from turnus.documents.services import DocumentDraft, create_documents
from turnus.lib.period import Period
from turnus.masterdata.models import Address, BankAccount, Customer
from turnus.products.models import EnergyMix, Product
from turnus.system.models import User
from turnus.worklist.services import NewCase, open_case, open_cases

__all__ = ["create", "create_missing", "page_of"]

KINDS = {
    Bill.Kind.PERIODIC: page.BillKind.PERIODIC,
    Bill.Kind.INTERIM: page.BillKind.INTERIM,
    Bill.Kind.FINAL: page.BillKind.FINAL,
    Bill.Kind.CORRECTION: page.BillKind.REBILL,
    Bill.Kind.CANCELLATION: page.BillKind.CANCELLATION,
}
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
_RELATED = (
    "contract__customer__address",
    "contract__contract_account__mandate__bank_account",
    "contract__market_location__address",
    "contract__market_location__grid_operator",
    "contract__market_location__metering_operator",
    "corrects",
)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What all bills of a principal share, and what belongs to each contract of the batch."""

    letterhead: PageLetterhead
    settings: Mapping[str, Any]
    mixes: Sequence[EnergyMix]
    products: Mapping[int, list[tuple[Any, Product]]]
    prior: Mapping[int, list[Bill]]
    plans: Mapping[int, list[InstalmentPlan]]
    accounts: Mapping[int, BankAccount]


def create(*, client_id: int, bill_ids: Sequence[int], user: User | None, at: datetime) -> int:
    """Create the documents of released bills (not yet rendered). Returns their number.

    Without a letterhead nothing can be printed: the bills stand, and one case asks for the letterhead. A bill
    that lacks what the law wants on it is not printed either: one case per gap names the requirements (M06),
    and `create_missing` makes up for it once the gap is closed.
    """
    head = Letterhead.objects.filter(client_id=client_id).first()
    bank = HouseBank.objects.filter(client_id=client_id).order_by("id").first()
    if head is None or bank is None:
        _ask_for_letterhead(client_id, at)
        return 0
    bills = list(
        Bill.objects.filter(client_id=client_id, id__in=bill_ids).select_related(*_RELATED).order_by("id")
    )
    around = _load(client_id, bills, letterhead_on_paper(head, bank))
    drafts, gaps = [], []
    for bill in bills:
        printed = _page(bill, around)
        missing = blocking(bill_checklist(printed, on=printed.issue_date))
        if missing:
            gaps.append(_gap(bill, missing))
        else:
            drafts.append(_draft(bill, printed))
    create_documents(client_id=client_id, drafts=drafts, user=user, at=at)
    open_cases(client_id=client_id, new=gaps, at=at)
    return len(drafts)


def create_missing(*, client_id: int, user: User | None, at: datetime) -> tuple[int, int]:
    """Create the documents that released bills still lack. Returns (created, still lacking)."""
    have = Document.objects.filter(client_id=client_id, kind="bill", object_kind="billing.bill")
    released = Bill.objects.filter(client_id=client_id, state=Bill.State.RELEASED)
    lacking = list(released.exclude(id__in=have.values("object_id")).values_list("id", flat=True))
    created = create(client_id=client_id, bill_ids=lacking, user=user, at=at)
    return created, len(lacking) - created


def _draft(bill: Bill, printed: page.BillDocument) -> DocumentDraft:
    return DocumentDraft(
        kind="bill",
        number=str(bill.number),
        title=bill.get_kind_display(),
        customer_number=bill.contract.customer.number,
        object_kind="billing.bill",
        object_id=bill.pk,
        data=to_data(printed),
    )


def _gap(bill: Bill, missing: Sequence[ChecklistResult]) -> NewCase:
    """Bills that lack the same requirements share one case."""
    lines = [f"{gap.item.text} ({gap.item.paragraph}): {gap.note}" for gap in missing]
    return NewCase(
        kind="bill_incomplete",
        service="M06",
        key="bill-incomplete-" + "-".join(str(gap.item.id) for gap in missing),
        title="Rechnungen ohne Pflichtangaben werden nicht gedruckt",
        reason="\n".join(lines),
        object_kind="billing.bill",
        object_id=bill.pk,
        object_label=str(bill),
    )


def page_of(bill_id: int) -> page.BillDocument:
    """The printed form of one bill, for preview and checklist. Raises LookupError without a letterhead."""
    bill = Bill.objects.select_related(*_RELATED).get(id=bill_id)
    head = Letterhead.objects.filter(client_id=bill.client_id).first()
    bank = HouseBank.objects.filter(client_id=bill.client_id).order_by("id").first()
    if head is None or bank is None:
        raise LookupError("Der Auftraggeber hat noch keinen Briefkopf oder keine Hausbank.")
    return _page(bill, _load(bill.client_id, [bill], letterhead_on_paper(head, bank)))


def _ask_for_letterhead(client_id: int, at: datetime) -> None:
    new = NewCase(
        kind="letterhead_missing",
        service="M06",
        key="letterhead-missing",
        title="Briefkopf oder Hausbank fehlt",
        reason="Freigegebene Rechnungen können nicht gedruckt werden, bis beides hinterlegt ist.",
    )
    open_case(client_id=client_id, new=new, at=at)


def _load(client_id: int, bills: Sequence[Bill], letterhead: PageLetterhead) -> _Surroundings:
    contracts = [bill.contract_id for bill in bills]
    customers = [bill.contract.customer_id for bill in bills]
    products: dict[int, list[tuple[Any, Product]]] = {}
    conditions = ContractCondition.objects.filter(contract_id__in=contracts).select_related("product")
    for condition in conditions.order_by("valid"):
        products.setdefault(condition.contract_id, []).append((condition.valid, condition.product))
    prior: dict[int, list[Bill]] = {}
    standing = Bill.objects.filter(contract_id__in=contracts, state="released", is_cancelled=False)
    for bill in standing.exclude(kind="cancellation").only("contract_id", "period", "kwh").order_by("period"):
        prior.setdefault(bill.contract_id, []).append(bill)
    plans: dict[int, list[InstalmentPlan]] = {}
    found = InstalmentPlan.objects.filter(contract_id__in=contracts).prefetch_related("instalments")
    for plan in found.order_by("valid"):
        plans.setdefault(plan.contract_id, []).append(plan)
    usable = BankAccount.objects.filter(customer_id__in=customers, approved_at__isnull=False)
    return _Surroundings(
        letterhead=letterhead,
        settings=settings_of(client_id=client_id),
        mixes=list(EnergyMix.objects.filter(client_id=client_id).order_by("-year")),
        products=products,
        prior=prior,
        plans=plans,
        accounts={account.customer_id: account for account in usable.order_by("id")},
    )


def _page(bill: Bill, around: _Surroundings) -> page.BillDocument:
    given = parse(bill.input)
    result = calculate(given)
    if bill.kind == Bill.Kind.CANCELLATION:
        result = mirror(result)
    issued = bill.bill_date or bill.prepared_at.date()
    customer, contract = bill.contract.customer, bill.contract
    product = _product_on(around.products.get(contract.pk, ()), given.period.last)
    contained = contained_charges(given, result, _grid_fees(around, given))
    prior = _prior(around.prior.get(contract.pk, ()), given.period)
    return page.BillDocument(
        letterhead=around.letterhead,
        recipient=_recipient(customer),
        kind=KINDS[Bill.Kind(bill.kind)],
        commodity=page.Commodity(given.commodity.value),
        number=bill.number or "Entwurf",
        issue_date=issued,
        period=given.period,
        customer_number=customer.number,
        contract_number=contract.number,
        is_household=customer.is_household_customer,
        is_business=customer.kind == Customer.Kind.COMPANY,
        product=_terms(product, contract.supply.lower, issued),
        supply=_supply(bill, given),
        intervals=measured(given, result),
        lines=charge_lines(result),
        vat_totals=tuple(page.VatTotal(v.percent, v.net, v.vat) for v in result.vat),
        net=result.net,
        gross=result.gross,
        instalments=instalment_entries(given, result),
        balance=result.balance,
        payment=_payment(bill, around, issued),
        contained=contained,
        kwh=result.kwh,
        estimate=_estimate(result),
        prior=prior,
        prior_missing_reason="" if prior else "Für den Vorjahreszeitraum liegt keine Abrechnung vor.",
        group=_group(around, given, result),
        energy_mix=_mix(around, product, issued) if given.commodity == "electricity" else None,
        co2=_co2(result),
        next_instalments=_next(around.plans.get(contract.pk, ()), issued, bill),
        corrected=_corrected(bill),
        consumer=consumer_information(issued),
        storage_levy_relief_ct=_storage_levy_relief(around),
        has_e_invoice=False,
    )


def _address(address: Address) -> PostalAddress:
    street = f"{address.street} {address.house_number}".strip()
    country = "" if address.country == "DE" else address.country
    return PostalAddress(street, address.postal_code, address.city, country)


def _recipient(customer: Customer) -> Recipient:
    salutation = {
        "ms": f"Guten Tag Frau {customer.name},",
        "mr": f"Guten Tag Herr {customer.name},",
    }.get(customer.salutation, "Guten Tag,")
    return Recipient((customer.full_name,), _address(customer.address), salutation)


def _product_on(conditions: Sequence[tuple[Any, Product]], day: date) -> Product | None:
    return next((product for valid, product in conditions if day in valid), None)


def _terms(product: Product | None, supply_start: date, issued: date) -> page.Product:
    if product is None:
        return page.Product("", False, supply_start, "", "", None)
    months = product.minimum_term_months
    term_end = None
    if months:
        total = supply_start.year * 12 + supply_start.month - 1 + months
        term_end = date(total // 12, total % 12 + 1, min(supply_start.day, 28)) - timedelta(days=1)
    earliest = issued + timedelta(weeks=product.notice_weeks)
    running = term_end is not None and term_end > earliest
    return page.Product(
        name=product.name,
        is_default_supply=product.is_default_supply,
        contract_start=supply_start,
        term=f"Mindestlaufzeit {months} Monate" if months else "unbefristet",
        notice_period=f"{product.notice_weeks} Wochen",
        next_termination=term_end if running else earliest,
        minimum_term_until=term_end,
    )


def _supply(bill: Bill, given: BillInput) -> page.Supply:
    location = bill.contract.market_location
    grid, metering = location.grid_operator, location.metering_operator
    return page.Supply(
        address=_address(location.address),
        market_location=location.market_location_id,
        grid_operator=grid.name if grid else "",
        grid_operator_code=grid.market_partner_id if grid else "",
        metering_operator=metering.name if metering else "",
        metering_operator_code=metering.market_partner_id if metering else "",
        profile=given.profile or "",
    )


def _payment(bill: Bill, around: _Surroundings, issued: date) -> page.BillPayment:
    account = bill.contract.contract_account
    mandate = account.mandate
    due, number = bill.due_date or issued, bill.number or ""
    known = around.accounts.get(bill.contract.customer_id)
    if bill.balance == 0:
        return page.BillPayment(page.PaymentMethod.NOTHING_DUE, due, number)
    if bill.balance < 0:
        method = page.PaymentMethod.PAYOUT if known else page.PaymentMethod.OFFSET
        return page.BillPayment(method, due, number, known.iban if known else "")
    if account.payment_method == "direct_debit" and mandate is not None and mandate.status == "active":
        iban = mandate.bank_account.iban
        return page.BillPayment(page.PaymentMethod.DIRECT_DEBIT, due, number, iban, mandate.reference)
    return page.BillPayment(page.PaymentMethod.TRANSFER, due, number)


def _estimate(result: CalculatedBill) -> page.Estimate | None:
    meters = sorted({interval.meter for interval in result.intervals if interval.estimated})
    if not meters:
        return None
    return page.Estimate(
        "Für mindestens einen Zählerstand lag keine Ablesung vor.",
        f"Ersatzwert oder Schätzung aus dem bisherigen Verbrauch für Zähler {', '.join(meters)}",
    )


def _prior(bills: Sequence[Bill], period: Period) -> page.PriorConsumption | None:
    earlier = [bill for bill in bills if bill.period.upper <= period.start]
    if not earlier:
        return None
    last = earlier[-1]
    return page.PriorConsumption(Period(last.period.lower, last.period.upper), last.kwh)


def _group(around: _Surroundings, given: BillInput, result: CalculatedBill) -> page.GroupComparison:
    """Comparison groups, the one nearest to the yearly consumption marked as the own."""
    own_figures = around.settings.get("comparison_groups", {})
    rows = own_figures.get(given.commodity.value) or GROUPS[given.commodity.value]
    yearly = result.kwh * 365 / given.period.days
    nearest = min(rows, key=lambda row: abs(Decimal(row[1]) - yearly))
    values = tuple(page.GroupValue(row[0], Decimal(row[1]), row is nearest) for row in rows)
    return page.GroupComparison(values, "Richtwerte des Lieferanten")


def _mix(around: _Surroundings, product: Product | None, issued: date) -> page.EnergyMix | None:
    """The labelling of the latest year known: product, company, Germany (§ 42(1), (2) EnWG)."""
    rows = [mix for mix in around.mixes if mix.year < issued.year]
    if not rows:
        return None
    year = rows[0].year
    own = [mix for mix in rows if mix.year == year]
    columns = [_column("Ihr Tarif", mix) for mix in own if product and mix.product_id == product.pk]
    columns += [_column("Unser Unternehmen", mix) for mix in own if mix.product_id is None]
    germany = around.settings.get("energy_mix_germany")
    if germany:
        shares = tuple((key, Decimal(str(value))) for key, value in germany["shares"].items())
        co2, waste = Decimal(str(germany["co2_g_per_kwh"])), Decimal(str(germany["radioactive_mg_per_kwh"]))
        columns.append(page.MixColumn("Deutschland", shares, co2, waste / 1000))
    return page.EnergyMix(year, tuple(columns))


def _column(label: str, mix: EnergyMix) -> page.MixColumn:
    shares = tuple((key, Decimal(str(value))) for key, value in mix.shares.items())
    return page.MixColumn(label, shares, mix.co2_g_per_kwh, mix.radioactive_mg_per_kwh / 1000)


def _grid_fees(around: _Surroundings, given: BillInput) -> Mapping[str, Any]:
    """Grid and metering fees in the price as the principal states them; empty: not stated."""
    fees: Mapping[str, Any] = around.settings.get("grid_fees", {}).get(given.commodity.value, {})
    return fees


def _storage_levy_relief(around: _Surroundings) -> Decimal | None:
    """What the principal says it passes on since the storage levy ended (§ 35g(7) EnWG), ct/kWh net."""
    stated = around.settings.get("storage_levy_relief_ct")
    return Decimal(stated) if stated is not None else None


def _co2(result: CalculatedBill) -> page.Co2Statement | None:
    if result.co2 is None:
        return None
    co2 = result.co2
    return page.Co2Statement(co2.kg, co2.gross, co2.factor_net_calorific, result.kwh)


def _next(plans: Sequence[InstalmentPlan], issued: date, bill: Bill) -> page.NextInstalments | None:
    if bill.kind in (Bill.Kind.FINAL, Bill.Kind.CANCELLATION):
        return None
    for plan in reversed(plans):
        dates = sorted(
            instalment.due_date
            for instalment in plan.instalments.all()
            if instalment.state == "planned" and instalment.due_date > issued
        )
        if dates:
            net = (plan.gross * 100 / (100 + plan.vat_percent)).quantize(Decimal("0.01"))
            earlier = [other.gross for other in plans if other.valid.lower < plan.valid.lower]
            return page.NextInstalments(
                gross=plan.gross,
                net=net,
                vat=plan.gross - net,
                vat_percent=plan.vat_percent,
                due_dates=tuple(dates),
                expected_year_gross=Decimal(plan.working["expected_gross"]),
                previous_gross=earlier[-1] if earlier else None,
            )
    return None


def _corrected(bill: Bill) -> page.CorrectedBill | None:
    old = bill.corrects
    if old is None:
        return None
    return page.CorrectedBill(str(old.number), old.bill_date or old.prepared_at.date(), bill.decision_reason)
