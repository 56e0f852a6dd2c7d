"""Bills of a chunk of contracts: load → calculate → number → post → record, or hold with a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from turnus.billing import document
from turnus.billing.calc.agreement import product_coverage, product_price
from turnus.billing.calc.bill import calculate
from turnus.billing.calc.checks import CHECKS
from turnus.billing.calc.completeness import checklist_entry, gaps
from turnus.billing.calc.limits import RULES, Exceptional, Limits, broken_rules
from turnus.billing.calc.records import Bill as CalculatedBill
from turnus.billing.calc.records import BillRefused, Code, Finding, Split, VatModel
from turnus.billing.models import Bill
from turnus.billing.queries.agreements import agreements_of
from turnus.billing.queries.gather import Case, Terms, gather
from turnus.billing.services import store
from turnus.billing.services.checklist import DraftChecklist
from turnus.billing.services.instalments import adjust_instalments
from turnus.clients.services import settings_of, thresholds
from turnus.documents.calc.checklist import Verdict
from turnus.metering.services import NewRequest, request_values
from turnus.system.models import Run, User
from turnus.worklist.models import Case as WorklistCase
from turnus.worklist.services import NewCase, close_cause, open_cases

__all__ = ["Prepared", "check_log", "draft", "hold_key", "limits_of", "prepare_bills", "terms_of"]

RUN_RELEASES = "keine Regel verletzt, vom Lauf freigegeben"

# § 40c(2) EnWG: six weeks after the end of the period.
SIX_WEEKS = timedelta(days=42)
ANSWER_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a chunk. `bill_ids` in the order of the contracts; amounts in euro."""

    bill_ids: tuple[int, ...]
    released: int
    excepted: int
    held: int
    not_due: int
    gross: Decimal


@transaction.atomic
def prepare_bills(
    *,
    client_id: int,
    contract_ids: Sequence[int],
    until: date,
    today: date,
    run: Run | None,
    user: User | None,
    at: datetime,
    documents: bool = True,
) -> Prepared:
    """Bill the contracts that are due. A bill that breaks no rule is released, numbered and posted at once.

    Bills that break a rule wait for `release_bills`, those that lack content the law wants on them for
    `release_completed`; what cannot be calculated becomes a case, and no bill. Where instalments run, new
    ones follow from the consumption just billed.
    """
    settings = settings_of(client_id=client_id)
    terms, limits = terms_of(settings), limits_of(client_id, settings)
    cases = gather(client_id=client_id, contract_ids=contract_ids, until=until, today=today, terms=terms)
    checklist = DraftChecklist.load(client_id=client_id, cases=cases, settings=settings, today=today)
    drafts, held, incomplete = _calculated(client_id, cases, checklist, limits)
    # Cases come before numbers, always in this order: each draws from a counter that stays locked.
    document.ask_for(client_id=client_id, verdicts=incomplete, at=at)
    _hold(client_id, held, today, at)
    written = store.write(
        client_id=client_id,
        drafts=drafts,
        run=run,
        user=user,
        at=at,
        today=today,
        due_days=int(settings["bill_due_days"]),
    )
    _close_held(client_id, drafts, at)
    released = [bill_id for bill_id, draft in zip(written, drafts, strict=True) if not draft.exceptions]
    continuing = [
        draft.case.contract.contract_id
        for draft in drafts
        if not draft.exceptions and draft.kind is Bill.Kind.PERIODIC
    ]
    adjust_instalments(client_id=client_id, contract_ids=continuing, since=today, user=user, at=at)
    if documents and released:
        document.create(client_id=client_id, bill_ids=released, user=user, at=at)
    return Prepared(
        bill_ids=tuple(written),
        released=len(released),
        excepted=len(written) - len(released),
        held=len(held),
        not_due=len(contract_ids) - len(cases),
        gross=sum((draft.bill.gross for draft in drafts), Decimal(0)),
    )


def _calculated(
    client_id: int, cases: Sequence[Case], checklist: DraftChecklist, limits: Limits
) -> tuple[list[store.Draft], list[tuple[Case, list[Finding]]], list[Verdict]]:
    """Bills, what is held with its findings, and what the checklist misses on some of the bills."""
    drafts, held, incomplete = [], [], []
    for case in cases:
        try:
            bill = calculate(case.input)
        except BillRefused as refused:
            held.append((case, _by_product(client_id, case, refused.findings)))
            continue
        kind = Bill.Kind.FINAL if case.due.is_final else Bill.Kind.PERIODIC
        verdict = checklist.prove(case, bill, kind)
        drafts.append(draft(case, bill, kind, limits, verdict))
        if verdict.missing:
            incomplete.append(verdict)
    return drafts, held, incomplete


def _by_product(client_id: int, case: Case, findings: list[Finding]) -> list[Finding]:
    """A price is missing because the contract has no product that day, or the product no price: say which."""
    if all(finding.code is not Code.PRICE_MISSING for finding in findings):
        return findings
    contract_id = case.contract.contract_id
    agreement = agreements_of(client_id=client_id, contract_ids=[contract_id])[contract_id]
    why = [*product_coverage(case.input, agreement), *product_price(case.input, agreement)]
    return why + [finding for finding in findings if finding.code is not Code.PRICE_MISSING]


def terms_of(settings: Mapping[str, Any]) -> Terms:
    """The principal's decisions that shape a bill. Raises ValueError for an unknown split or VAT model."""
    return Terms(Split(settings["split"]), VatModel(settings["vat_model"]))


def limits_of(client_id: int, settings: Mapping[str, Any]) -> Limits:
    """Above the clerk's limit a bill is put aside; a principal without limits has none."""
    clerk = {
        kind: thresholds(client_id=client_id, kind=kind).get("clerk")
        for kind in ("bill_net", "bill_gross", "credit")
    }
    percent = Decimal(str(settings["bill_deviation_percent"]))
    return Limits(clerk["bill_net"], clerk["bill_gross"], clerk["credit"], percent)


def draft(
    case: Case,
    bill: CalculatedBill,
    kind: Bill.Kind,
    limits: Limits,
    verdict: Verdict,
    corrects_id: int | None = None,
    reason: str = RUN_RELEASES,
) -> store.Draft:
    """A calculated bill with the rules it breaks: what the checklist misses, then the principal's own."""
    exceptions = (*gaps(verdict), *broken_rules(bill, case.prior, limits))
    return store.Draft(
        case, bill, kind, exceptions, check_log(case, exceptions, verdict), corrects_id, reason
    )


def check_log(case: Case, exceptions: Sequence[Exceptional], verdict: Verdict) -> list[dict[str, Any]]:
    """The checks the bill has passed and the rules it broke (M06, M08), as they are stored with it."""
    broken = {found.rule: found.text for found in exceptions}
    log = [{"check": check.__name__, "ok": True} for check in CHECKS]
    log.append({"check": "previous_bill", "ok": True, "text": _joins(case)})
    if case.bonus is not None:
        log.append({"check": "bonus", "ok": case.bonus.gross > 0, "text": case.bonus.text})
    log.append(checklist_entry(verdict))
    log += [
        {"check": rule.__name__, "ok": rule.__name__ not in broken, "text": broken.get(rule.__name__, "")}
        for rule in RULES
    ]
    return log


def _joins(case: Case) -> str:
    """Gap and overlap are impossible here: the period starts where the last bill or the supply does."""
    if case.before is None:
        return f"erste Abrechnung ab Lieferbeginn {case.period.start:%d.%m.%Y}"
    return f"schließt an {case.before.number or 'die vorige Rechnung'} bis {case.before.end:%d.%m.%Y} an"


def hold_key(contract_id: int, start: date) -> str:
    """Cause of a held bill: one case per contract and start of the unbilled period."""
    return f"billing-hold-{contract_id}-{start.isoformat()}"


def _hold(client_id: int, held: Sequence[tuple[Case, list[Finding]]], today: date, at: datetime) -> None:
    """One case per held bill, and one request to the grid operator per value it misses."""
    if not held:
        return
    open_cases(client_id=client_id, new=[_new_case(case, findings) for case, findings in held], at=at)
    requests = [r for case, findings in held for r in _requests(case, findings, today)]
    request_values(client_id=client_id, requests=requests, at=at)


def _requests(case: Case, findings: list[Finding], today: date) -> list[NewRequest]:
    start, end, requests = case.period.start, case.period.end, {}
    for finding in findings:
        if finding.code in (Code.READING_MISSING_START, Code.READING_MISSING_END):
            day = start if finding.code is Code.READING_MISSING_START else end
            requests["reading"] = (day, day + timedelta(days=1), finding.text)
        elif finding.code is Code.READING_GAP:
            requests["reading"] = (start, end, finding.text)
        elif finding.code is Code.GAS_QUALITY_MISSING:
            requests["gas_quality"] = (start, end, finding.text)
    return [
        NewRequest(
            kind=kind,
            key=f"{hold_key(case.contract.contract_id, start)}:{kind}",
            market_location_id=case.contract.location_id,
            start=first,
            end=last,
            reason=text,
            due_on=today + ANSWER_WITHIN,
        )
        for kind, (first, last, text) in requests.items()
    ]


def _new_case(case: Case, findings: list[Finding]) -> NewCase:
    first = findings[0].code.value
    missing_input = first.startswith(("reading_missing", "gas_quality_missing"))
    return NewCase(
        kind="billing_hold",
        service="M01" if missing_input else "M08",
        key=hold_key(case.contract.contract_id, case.period.start),
        title=f"Abrechnung angehalten: Vertrag {case.contract.number}",
        reason="\n".join(finding.text for finding in findings),
        object_kind="contracts.supplycontract",
        object_id=case.contract.contract_id,
        object_label=f"{case.contract.number} · MaLo {case.contract.market_location}",
        due_on=case.period.last + SIX_WEEKS,
        priority=WorklistCase.Priority.NORMAL,
        details={
            "from": case.period.start.isoformat(),
            "to": case.period.last.isoformat(),
            "market_location_id": case.contract.location_id,
            "findings": [{"code": f.code.value, "field": f.field, "text": f.text} for f in findings],
        },
    )


def _close_held(client_id: int, drafts: Sequence[store.Draft], at: datetime) -> None:
    """Cases of bills held earlier that could be calculated now."""
    keys = [hold_key(draft.case.contract.contract_id, draft.case.period.start) for draft in drafts]
    waiting = WorklistCase.objects.filter(client_id=client_id, key__in=keys).exclude(state="done")
    for key in list(waiting.values_list("key", flat=True)):
        close_cause(client_id=client_id, key=key, at=at, outcome="Angaben vollständig, abgerechnet")
