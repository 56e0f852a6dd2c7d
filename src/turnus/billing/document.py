"""From bills to their printed form: loads what a letter needs, proves it complete, hands it to documents.

The bill is calculated again from its stored input, so that the page shows the working that was billed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from turnus.billing.calc.bill import calculate
from turnus.billing.calc.completeness import by_place, refusal
from turnus.billing.calc.correction import mirror
from turnus.billing.calc.fileformat import parse
from turnus.billing.calc.pages import NO_LETTERHEAD, House, Issue, Parties, Terms, build
from turnus.billing.models import Bill, InstalmentPlan
from turnus.billing.queries.pages import conditions_of, house_of, parties_of, terms_of_products
from turnus.documents.calc import bill as page
from turnus.documents.calc.checklist import ChecklistResult, Prover, Verdict, load_places
from turnus.documents.models import Document
from turnus.documents.render.records import to_data
from turnus.documents.services import DocumentDraft, create_documents
from turnus.lib.period import Period
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import NewCase, open_cases

__all__ = [
    "UNPRINTED",
    "WAITING",
    "Incomplete",
    "ask_for",
    "create",
    "create_missing",
    "page_of",
    "require",
    "verdicts",
]

KINDS = {
    Bill.Kind.PERIODIC: page.BillKind.PERIODIC,
    Bill.Kind.INTERIM: page.BillKind.INTERIM,
    Bill.Kind.FINAL: page.BillKind.FINAL,
    Bill.Kind.CORRECTION: page.BillKind.REBILL,
    Bill.Kind.CANCELLATION: page.BillKind.CANCELLATION,
}


# Beginnings of the keys of cases: what bills put aside wait for, why released ones have no letter.
WAITING, UNPRINTED = "bill-incomplete-", "bill-unprinted-"


class Incomplete(ValueError):
    """What the law wants on the bill is not all there: nobody can release it (M06)."""


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What all bills of a principal share, and what belongs to each contract of the batch."""

    house: House
    parties: Mapping[int, Parties]
    terms: Mapping[int, list[tuple[Any, Terms]]]
    prior: Mapping[int, list[Bill]]
    plans: Mapping[int, list[InstalmentPlan]]


def create(*, client_id: int, bill_ids: Sequence[int], user: User | None, at: datetime) -> int:
    """Create the documents of released bills (not yet rendered). Returns their number.

    A bill is complete when it is released. Where content was taken away since, it is not printed: the case
    of the gap names the requirements, and `create_missing` makes up for it once the gap is closed.
    """
    known = Bill.objects.filter(client_id=client_id, id__in=bill_ids).select_related("corrects")
    bills = list(known.order_by("id"))
    around = _load(client_id, bills)
    drafts, lacking = [], []
    prover = _Provers()
    for bill in bills:
        printed = _page(bill, around)
        verdict = prover.prove(printed)
        if verdict.missing:
            lacking.append(verdict)
        else:
            drafts.append(_draft(bill, around, printed))
    create_documents(client_id=client_id, drafts=drafts, user=user, at=at)
    ask_for(client_id=client_id, verdicts=lacking, at=at, prefix=UNPRINTED)
    return len(drafts)


def create_missing(*, client_id: int, user: User | None, at: datetime) -> tuple[int, int]:
    """Create the documents that released bills still lack. Returns (created, still lacking)."""
    have = Document.objects.filter(client_id=client_id, kind="bill", object_kind="billing.bill")
    released = Bill.objects.filter(client_id=client_id, state=Bill.State.RELEASED)
    lacking = list(released.exclude(id__in=have.values("object_id")).values_list("id", flat=True))
    created = create(client_id=client_id, bill_ids=lacking, user=user, at=at)
    return created, len(lacking) - created


def verdicts(*, client_id: int, bills: Sequence[Bill], day: date, due_date: date) -> list[Verdict]:
    """The checklist of bills as if they were issued on `day`, in their order."""
    around, prover = _load(client_id, bills), Prover(day)
    return [prover.prove(_page(bill, around, day, due_date)) for bill in bills]


def require(*, client_id: int, bills: Sequence[Bill], day: date, due_date: date) -> list[Verdict]:
    """The checklist of bills about to be issued. Raises Incomplete if one of them lacks an item."""
    found = verdicts(client_id=client_id, bills=bills, day=day, due_date=due_date)
    for bill, verdict in zip(bills, found, strict=True):
        if verdict.missing:
            what = f"{bill.get_kind_display()} zu Vertrag {bill.contract.number} kann niemand freigeben"
            raise Incomplete(refusal(what, verdict))
    return found


def ask_for(*, client_id: int, verdicts: Iterable[Verdict], at: datetime, prefix: str = WAITING) -> None:
    """One case per place where content is missing, however many bills wait for it.

    An open case is left as it is: chunks that work side by side would wait for each other to count it up.
    `prefix` tells the cases of bills put aside (WAITING) from those of released bills without letter.
    """
    missing: dict[str, dict[int, ChecklistResult]] = {}
    for verdict in verdicts:
        for place, results in by_place(verdict.missing).items():
            missing.setdefault(place, {}).update({result.item.id: result for result in results})
    if not missing:
        return
    _one_at_a_time(client_id)
    new = [_gap(prefix, place, list(found.values())) for place, found in sorted(missing.items())]
    known = Case.objects.filter(client_id=client_id, key__in=[case.key for case in new])
    already = set(known.exclude(state=Case.State.DONE).values_list("key", flat=True))
    open_cases(client_id=client_id, new=[case for case in new if case.key not in already], at=at)


def _one_at_a_time(client_id: int) -> None:
    """Until its end, only this transaction looks whether a case is open already and opens it if not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.incomplete'), %s)", [client_id])


def _gap(prefix: str, place: str, missing: Sequence[ChecklistResult]) -> NewCase:
    known = load_places()[place]
    lines = [f"{gap.item.text} ({gap.item.paragraph}): {gap.note}" for gap in missing]
    waiting = prefix == WAITING
    what = "Rechnungen warten auf Pflichtangaben" if waiting else "Freigegebene Rechnungen nicht gedruckt"
    first = min(gap.item.id for gap in missing)
    return NewCase(
        kind="bill_incomplete",
        service="M06",
        key=prefix + place,
        title=f"{what}: {known.title}",
        reason="\n".join([*lines, known.remedy]),
        object_kind="billing.incomplete" if waiting else "",
        object_id=first if waiting else None,
        object_label="wartende Rechnungen" if waiting else "",
    )


def _draft(bill: Bill, around: _Surroundings, printed: page.BillDocument) -> DocumentDraft:
    return DocumentDraft(
        kind="bill",
        number=str(bill.number),
        title=bill.get_kind_display(),
        customer_number=around.parties[bill.contract_id].customer_number,
        object_kind="billing.bill",
        object_id=bill.pk,
        data=to_data(printed),
    )


def page_of(bill_id: int) -> page.BillDocument:
    """The printed form of one bill, for preview and checklist. Raises LookupError without a letterhead."""
    bill = Bill.objects.get(id=bill_id)
    around = _load(bill.client_id, [bill])
    if around.house.letterhead is NO_LETTERHEAD:
        raise LookupError("Der Auftraggeber hat noch keinen Briefkopf oder keine Hausbank.")
    return _page(bill, around)


class _Provers:
    """Bills printed together may carry different dates; each date has its own law."""

    def __init__(self) -> None:
        self._by_day: dict[date, Prover] = {}

    def prove(self, printed: page.BillDocument) -> Verdict:
        return self._by_day.setdefault(printed.issue_date, Prover(printed.issue_date)).prove(printed)


def _load(client_id: int, bills: Sequence[Bill]) -> _Surroundings:
    contracts = [bill.contract_id for bill in bills]
    conditions = conditions_of(contract_ids=contracts)
    known = terms_of_products(product for entries in conditions.values() for _, product in entries)
    terms = {
        contract: [(valid, known[product]) for valid, product in entries]
        for contract, entries in conditions.items()
    }
    prior: dict[int, list[Bill]] = {}
    standing = Bill.objects.filter(contract_id__in=contracts, state="released", is_cancelled=False)
    for bill in standing.exclude(kind="cancellation").only("contract_id", "period", "kwh").order_by("period"):
        prior.setdefault(bill.contract_id, []).append(bill)
    plans: dict[int, list[InstalmentPlan]] = {}
    found = InstalmentPlan.objects.filter(contract_id__in=contracts).prefetch_related("instalments")
    for plan in found.order_by("valid"):
        plans.setdefault(plan.contract_id, []).append(plan)
    return _Surroundings(
        house=house_of(client_id=client_id),
        parties=parties_of(contract_ids=contracts),
        terms=terms,
        prior=prior,
        plans=plans,
    )


def _page(
    bill: Bill, around: _Surroundings, day: date | None = None, due_date: date | None = None
) -> page.BillDocument:
    """The page as the bill was issued, or as it would be issued on `day`."""
    given = parse(bill.input)
    result = calculate(given)
    if bill.kind == Bill.Kind.CANCELLATION:
        result = mirror(result)
    issued = day or bill.bill_date or bill.prepared_at.date()
    terms = around.terms.get(bill.contract_id, ())
    issue = Issue(
        kind=KINDS[Bill.Kind(bill.kind)],
        number=bill.number or "",
        day=issued,
        due_date=due_date or bill.due_date or issued,
        terms=next((one for valid, one in terms if given.period.last in valid), None),
        prior=_prior(around.prior.get(bill.contract_id, ()), given.period),
        next_instalments=_next(around.plans.get(bill.contract_id, ()), issued, bill),
        corrected=_corrected(bill),
    )
    return build(given, result, around.house, around.parties[bill.contract_id], issue)


def _prior(bills: Sequence[Bill], period: Period) -> page.PriorConsumption | None:
    earlier = [bill for bill in bills if bill.period.upper <= period.start]
    if not earlier:
        return None
    last = earlier[-1]
    return page.PriorConsumption(Period(last.period.lower, last.period.upper), last.kwh)


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
