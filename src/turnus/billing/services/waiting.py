"""Bills that wait for content the law wants on them (M06): looked at again once it may be there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from turnus.billing import document
from turnus.billing.calc.bill import calculate
from turnus.billing.calc.completeness import RULE, by_place
from turnus.billing.calc.correction import ClaimTooOld
from turnus.billing.calc.fileformat import to_data
from turnus.billing.calc.records import Bill as CalculatedBill
from turnus.billing.calc.records import BillRefused
from turnus.billing.calc.wording import contained_data
from turnus.billing.models import Bill
from turnus.billing.queries.gather import Case, gather_periods
from turnus.billing.services.checklist import DraftChecklist
from turnus.billing.services.correction import rebill
from turnus.billing.services.prepare import prepare_bills, terms_of
from turnus.billing.services.release import (
    Decision,
    NotAsAgreed,
    audit_decision,
    check_fit,
    issue,
    record_verdict,
)
from turnus.clients.services import settings_of
from turnus.documents.calc.checklist import Verdict
from turnus.lib.period import Period
from turnus.system.models import User
from turnus.worklist.models import Case as WorklistCase
from turnus.worklist.services import close_case

__all__ = ["Completed", "release_completed"]

COMPLETE = "Pflichtangaben liegen vor, keine Regel mehr verletzt"
ANEW = "Angaben haben sich geändert, während die Rechnung auf Pflichtangaben wartete; neu abgerechnet"
CHUNK = 250
ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Completed:
    """What became of the bills that waited.

    `lacking` counts bills by the place where content is missing; a bill may lack it at several.
    """

    released: int = 0
    billed_anew: int = 0
    for_a_person: int = 0
    lacking: Counter[str] = field(default_factory=Counter)
    verdicts: list[Verdict] = field(default_factory=list)

    def text(self) -> str:
        """The outcome in words."""
        parts = [
            (self.released, "freigegeben"),
            (self.billed_anew, "neu abgerechnet"),
            (self.for_a_person, "vollständig und bereit zur Freigabe durch eine zweite Person"),
            (len(self.verdicts), "weiterhin ohne Pflichtangaben"),
        ]
        said = [f"{count} {what}" for count, what in parts if count]
        return f"Rechnungen: {', '.join(said)}" if said else "Keine Rechnung wartet mehr"


@transaction.atomic
def release_completed(
    *, client_id: int, user: User | None, at: datetime, today: date, documents: bool = True
) -> Completed:
    """Check every bill that waits for content again, and close the cases of content that is there now.

    Each bill is calculated with what holds now. If it comes out complete and the same, it is issued without
    a person where it breaks no other rule, as the run would have done, and stays for a second person where
    it does. If something it was calculated with has changed (the concession fee of the location was
    completed, instalments came in), its period is billed anew.
    """
    found = Completed()
    anew: dict[date, list[int]] = {}
    for bills in _waiting(client_id):
        ready = []
        for bill, again in zip(bills, _checked_again(client_id, bills, today), strict=True):
            record_verdict(bill, again.verdict)
            if again.verdict.missing:
                found.lacking.update(by_place(again.verdict.missing).keys())
                found.verdicts.append(again.verdict)
            elif again.has_changed and bill.kind == Bill.Kind.CORRECTION:
                if _correct_again(bill, user, at, today, documents):
                    found.billed_anew += 1
                else:
                    found.for_a_person += 1
            elif again.has_changed:
                _free(bill, user, at)
                anew.setdefault(bill.period.upper - ONE_DAY, []).append(bill.contract_id)
            elif bill.exceptions or not _fits(bill):
                found.for_a_person += 1
            else:
                ready.append(bill)
        Bill.objects.bulk_update(
            [bill for bill in bills if bill.state == Bill.State.EXCEPTED], ["exceptions", "checks"]
        )
        if ready:
            issue(client_id, ready, Decision(user, None, at, today, COMPLETE), documents)
        found.released += len(ready)
    for until, contract_ids in anew.items():
        prepare_bills(
            client_id=client_id, contract_ids=contract_ids, until=until, today=today,
            run=None, user=user, at=at, documents=documents,
        )  # fmt: skip
        found.billed_anew += len(contract_ids)
    _close_cases(client_id, found, user, at)
    document.ask_for(client_id=client_id, verdicts=found.verdicts, at=at)
    return found


def _waiting(client_id: int) -> Iterator[list[Bill]]:
    """Bills put aside for missing content, no two of one contract together; each is locked until the end."""
    waiting = Bill.objects.select_for_update(of=("self",)).select_related(
        "contract__market_location", "corrects"
    )
    waiting = waiting.filter(
        client_id=client_id, state=Bill.State.EXCEPTED, exceptions__contains=[{"rule": RULE}]
    )
    last = 0
    while found := list(waiting.filter(id__gt=last).order_by("id")[:CHUNK]):
        bills: dict[int, Bill] = {}
        for bill in found:
            if bill.contract_id in bills:
                break
            bills[bill.contract_id] = bill
            last = bill.pk
        yield list(bills.values())


@dataclass(frozen=True, slots=True)
class _Again:
    """A waiting bill calculated with what holds now."""

    verdict: Verdict
    has_changed: bool


def _checked_again(client_id: int, bills: Sequence[Bill], today: date) -> list[_Again]:
    """In the order of the bills. One that cannot be calculated any more keeps what it was found to lack."""
    settings = settings_of(client_id=client_id)
    cases = gather_periods(
        client_id=client_id,
        periods={bill.contract_id: Period(bill.period.lower, bill.period.upper) for bill in bills},
        today=today,
        terms=terms_of(settings),
        keys=[key for bill in bills for key in bill.instalment_keys],
    )
    checklist = DraftChecklist.load(client_id=client_id, cases=cases, settings=settings, today=today)
    by_contract = {case.contract.contract_id: case for case in cases}
    return [_check_again(bill, by_contract[bill.contract_id], checklist) for bill in bills]


def _check_again(bill: Bill, case: Case, checklist: DraftChecklist) -> _Again:
    try:
        calculated = calculate(case.input)
    except BillRefused:
        # Billed anew it becomes a case of its own that names the reading or price.
        return _Again(Verdict((), 0, 0), True)
    verdict = checklist.prove(case, calculated, Bill.Kind(bill.kind))
    return _Again(verdict, not _same(bill, case, calculated))


def _same(bill: Bill, case: Case, calculated: CalculatedBill) -> bool:
    """Whether the bill would be stored as it is; its taxes and levies also depend on the levy table."""

    def stored(data: Any) -> Any:
        return json.loads(json.dumps(data))

    return bool(
        stored(to_data(case.input)) == bill.input and stored(contained_data(calculated)) == bill.contained
    )


def _free(bill: Bill, user: User | None, at: datetime) -> None:
    """Nobody has decided on this bill: its period is billed again with what holds now."""
    bill.state, bill.decided_at, bill.decision_reason = Bill.State.REJECTED, at, ANEW
    bill.save(update_fields=["state", "decided_at", "decision_reason"])
    audit_decision(bill, "bill_rejected", user, at, ANEW)


def _fits(bill: Bill) -> bool:
    """A gap to the bill before, or an end of supply entered meanwhile, is for a person to look at."""
    try:
        check_fit(client_id=bill.client_id, bills=[bill])
    except NotAsAgreed:
        return False
    return True


def _correct_again(bill: Bill, user: User | None, at: datetime, today: date, documents: bool) -> bool:
    """A correction is no bill of a run; False if its period cannot be billed any more as things are."""
    old = bill.corrects
    assert old is not None, "a correction names the bill it corrects"
    cancellation = Bill.objects.get(corrects=old, kind=Bill.Kind.CANCELLATION)
    try:
        with transaction.atomic():
            _free(bill, user, at)
            rebill(old=old, cancellation=cancellation, user=user, at=at, today=today, documents=documents)
    except (BillRefused, ClaimTooOld, NotAsAgreed):
        bill.refresh_from_db()
        return False
    return True


def _close_cases(client_id: int, found: Completed, user: User | None, at: datetime) -> None:
    lacking = {document.WAITING + place for place in found.lacking}
    cases = WorklistCase.objects.filter(client_id=client_id, key__startswith=document.WAITING)
    for case in cases.exclude(state="done").exclude(key__in=lacking).order_by("id"):
        close_case(case=case, user=user, at=at, outcome=f"Angaben vollständig. {found.text()}")
