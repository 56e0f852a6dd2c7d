"""Release and rejection of bills that were put aside: four eyes, value limits by role, reason kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from turnus.billing import document, explanation
from turnus.billing.calc.agreement import check_agreement
from turnus.billing.calc.completeness import RULE, checklist_entry, gaps
from turnus.billing.calc.fileformat import parse
from turnus.billing.models import Bill
from turnus.billing.queries.agreements import agreements_of
from turnus.billing.queries.locks import lock_requests
from turnus.billing.services import store
from turnus.billing.services.instalments import adjust_instalments
from turnus.clients.services import may_decide, role_of, settings_of, thresholds
from turnus.documents.calc.checklist import Verdict
from turnus.receivables.services import BillPosting, VatPart, post_bills, received_instalments
from turnus.system import audit, numbers
from turnus.system.models import User
from turnus.worklist.services import AlreadyDecided, FourEyesViolation

__all__ = ["NotAsAgreed", "NotReleasable", "Outdated", "check_fit", "reject_bill", "release_bills"]

ISSUED = [
    "state",
    "number",
    "bill_date",
    "due_date",
    "decided_by",
    "decided_at",
    "decision_reason",
    "open_item_id",
    "exceptions",
    "checks",
]


class NotReleasable(PermissionError):
    """The user's role may not decide on this amount."""


class NotAsAgreed(ValueError):
    """The bill does not fit its contract (any more): product, price, period or the bill before (M08)."""


class Outdated(ValueError):
    """Instalments were received or returned since the bill was calculated; it must be calculated again."""


@transaction.atomic
def release_bills(
    *,
    bill_ids: Sequence[int],
    user: User,
    at: datetime,
    today: date,
    reason: str,
    documents: bool = True,
) -> list[Bill]:
    """Release bills that were put aside: number, post, record, document. All or none.

    Raises:
        FourEyesViolation: the user prepared one of them.
        NotReleasable: the role of the user may not decide on the amount.
        AlreadyDecided: one of them is released or rejected already.
        NotAsAgreed: price or period of one of them does not fit the contract any more.
        Outdated: the instalments received are not those of the bill any more.
        document.Incomplete: content the law wants on one of them is missing; nobody can release it.
        ValueError: no reason given.
    """
    _need(reason)
    bills = list(
        Bill.objects.select_for_update(of=("self",))
        .select_related("contract__market_location")
        .filter(id__in=bill_ids)
        .order_by("client_id", "id")
    )
    if len(bills) != len(set(bill_ids)):
        raise AlreadyDecided("Eine der Rechnungen gibt es nicht (mehr).")
    for bill in bills:
        _check(bill, user)
    for client_id in dict.fromkeys(bill.client_id for bill in bills):
        own = [bill for bill in bills if bill.client_id == client_id]
        check_fit(client_id=client_id, bills=own)
        _check_instalments(client_id, own, today)
        decision = Decision(user, user, at, today, reason)
        complete = document.require(
            client_id=client_id, bills=own, day=today, due_date=due_date_of(client_id, today)
        )
        for bill, verdict in zip(own, complete, strict=True):
            record_verdict(bill, verdict)
        issue(client_id, own, decision, documents)
    return bills


@transaction.atomic
def reject_bill(*, bill_id: int, user: User, at: datetime, reason: str) -> Bill:
    """Reject a bill that was put aside. Its period is free again for the next run.

    Raises: as `release_bills`.
    """
    _need(reason)
    bill = Bill.objects.select_for_update().get(id=bill_id)
    _check(bill, user)
    bill.state, bill.decided_by, bill.decided_at, bill.decision_reason = (
        Bill.State.REJECTED,
        user,
        at,
        reason,
    )
    bill.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit_decision(bill, "bill_rejected", user, at, reason)
    return bill


def _need(reason: str) -> None:
    if not reason.strip():
        raise ValueError("Bitte eine Begründung angeben.")


def _check(bill: Bill, user: User) -> None:
    if bill.state != Bill.State.EXCEPTED:
        raise AlreadyDecided(f"Rechnung {bill} ist bereits {bill.get_state_display()}.")
    if bill.prepared_by_id == user.pk:
        raise FourEyesViolation("Vier-Augen-Prinzip: Wer abgerechnet hat, kann nicht selbst freigeben.")
    check_amounts(bill, user)


def check_amounts(bill: Bill, user: User) -> None:
    """The role of the user must be allowed to decide on net, gross and credit of the bill."""
    if role_of(client_id=bill.client_id, user=user) is None:
        raise NotReleasable("Für diesen Auftraggeber arbeiten Sie nicht.")
    amounts = [("bill_net", bill.net), ("bill_gross", bill.gross)]
    if bill.balance < 0:
        amounts.append(("credit", bill.balance))
    for kind, amount in amounts:
        if not _may(bill.client_id, user, kind, amount):
            raise NotReleasable(f"{abs(amount)} € liegen über Ihrer Wertgrenze für {KINDS[kind]}.")


KINDS = {"bill_net": "Nettobeträge", "bill_gross": "Bruttobeträge", "credit": "Guthaben"}


def _may(client_id: int, user: User, kind: str, amount: Decimal) -> bool:
    """A kind for which the principal set no limit at all restricts nobody."""
    if not thresholds(client_id=client_id, kind=kind):
        return True
    return may_decide(client_id=client_id, user=user, kind=kind, amount=amount)


@dataclass(frozen=True, slots=True)
class Decision:
    """Why bills are issued: `by` decided, or nobody (None) where no rule is broken any more; `user` acted."""

    user: User | None
    by: User | None
    at: datetime
    today: date
    reason: str


def due_date_of(client_id: int, today: date) -> date:
    """When bills issued today fall due."""
    return today + timedelta(days=int(settings_of(client_id=client_id)["bill_due_days"]))


def record_verdict(bill: Bill, verdict: Verdict) -> None:
    """The checklist of the law as it stands now: in the rules the bill breaks and in its check log."""
    others = [rule for rule in bill.exceptions if rule["rule"] != RULE]
    bill.exceptions = store.exceptions_data(gaps(verdict)) + others
    entry = checklist_entry(verdict)
    known = any(check["check"] == RULE for check in bill.checks)
    checks = bill.checks if known else [*bill.checks, entry]
    bill.checks = [entry if check["check"] == RULE else check for check in checks]


def issue(client_id: int, bills: Sequence[Bill], decision: Decision, documents: bool) -> None:
    """Number, post and record bills that nothing holds up any more; the caller has checked them."""
    user, at, today = decision.user, decision.at, decision.today
    due_date = due_date_of(client_id, today)
    drawn = numbers.draw(client_id=client_id, name="bill", count=len(bills))
    postings = [_posting(bill, number, today, due_date) for bill, number in zip(bills, drawn, strict=True)]
    items = post_bills(client_id=client_id, bills=postings, posting_date=today, user=user, at=at)
    for bill, number in zip(bills, drawn, strict=True):
        bill.state, bill.number, bill.bill_date, bill.due_date = (
            Bill.State.RELEASED,
            number,
            today,
            due_date,
        )
        bill.decided_by, bill.decided_at, bill.decision_reason = decision.by, at, decision.reason
        bill.open_item_id = items.get(store.bill_key(bill.pk)) or None
        bill.save(update_fields=ISSUED)
        audit_decision(bill, "bill_released", user, at, decision.reason)
    store.lapse(client_id, [_settled(bill) for bill in bills])
    continuing = [bill.contract_id for bill in bills if bill.kind == Bill.Kind.PERIODIC]
    adjust_instalments(client_id=client_id, contract_ids=continuing, since=today, user=user, at=at)
    if documents:
        document.create(client_id=client_id, bill_ids=[bill.pk for bill in bills], user=user, at=at)
        _explain([bill for bill in bills if bill.kind == Bill.Kind.CORRECTION], user, at)


def _explain(corrections: Sequence[Bill], user: User | None, at: datetime) -> None:
    """A correction that waited for a second person gets its letter of explanation now."""
    for bill in corrections:
        old = bill.corrects
        assert old is not None, "a correction names the bill it corrects"
        cancellation = Bill.objects.get(corrects=old, kind=Bill.Kind.CANCELLATION)
        reason = cancellation.decision_reason
        explanation.create(old=old, cancellation=cancellation, new=bill, reason=reason, user=user, at=at)


def _settled(bill: Bill) -> store.Settled:
    end = date.max if bill.kind == Bill.Kind.FINAL else bill.period.upper
    return store.Settled(bill.pk, bill.contract_id, bill.instalment_keys, end)


def check_fit(*, client_id: int, bills: Sequence[Bill]) -> None:
    """Product, price and period of bills about to go out, against the contract as it is now (M08).

    Raises: NotAsAgreed, with days and prices.
    """
    agreements = agreements_of(client_id=client_id, contract_ids=[bill.contract_id for bill in bills])
    for bill in bills:
        findings = check_agreement(parse(bill.input), agreements[bill.contract_id])
        if findings:
            reasons = "; ".join(finding.text for finding in findings)
            raise NotAsAgreed(
                f"{bill.get_kind_display()} zu Vertrag {bill.contract.number} passt nicht zum Vertrag: "
                f"{reasons}. Bitte ablehnen und neu abrechnen."
            )


def _check_instalments(client_id: int, bills: Sequence[Bill], today: date) -> None:
    """A payment between calculation and release would be credited by nobody. Raises Outdated."""
    keys = [key for bill in bills for key in bill.instalment_keys]
    if keys:
        lock_requests(client_id=client_id, keys=keys)
    received = received_instalments(client_id=client_id, keys=keys, until=today) if keys else {}
    for bill in bills:
        now = sum((received.get(key, Decimal(0)) for key in bill.instalment_keys), Decimal(0))
        if now != bill.instalments:
            raise Outdated(
                f"Rechnung {bill} rechnet {bill.instalments} € Abschläge an, eingegangen sind {now} €: "
                "bitte ablehnen und neu abrechnen."
            )


def _posting(bill: Bill, number: str, bill_date: date, due_date: date) -> BillPosting:
    contract = bill.contract
    return BillPosting(
        key=store.bill_key(bill.pk),
        subaccount_id=contract.contract_account_id,
        bill_number=number,
        bill_date=bill_date,
        due_date=due_date,
        division=contract.market_location.commodity,
        parts=_parts(bill.vat),
        instalments=_parts(bill.instalments_vat),
        instalment_keys=tuple(bill.instalment_keys),
        text=f"{bill.get_kind_display()} bis {bill.period.upper - timedelta(days=1):%d.%m.%Y}",
    )


def _parts(sums: Sequence[dict[str, Any]]) -> tuple[VatPart, ...]:
    return tuple(VatPart(Decimal(s["percent"]), Decimal(s["net"]), Decimal(s["vat"])) for s in sums)


def audit_decision(bill: Bill, action: str, user: User | None, at: datetime, reason: str) -> None:
    """Who decided what on a bill, with its amount and the rules it broke."""
    audit.record(
        client_id=bill.client_id,
        at=at,
        user=user,
        action=action,
        object_kind="billing.bill",
        object_id=bill.pk,
        text=reason,
        details={"gross": str(bill.gross), "number": bill.number, "exceptions": bill.exceptions},
    )
