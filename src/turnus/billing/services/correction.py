"""Corrections: a released bill is cancelled by its mirror image and, if wanted, billed again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from turnus.billing import document, explanation
from turnus.billing.calc.bill import calculate
from turnus.billing.calc.correction import check_claim, mirror
from turnus.billing.calc.fileformat import parse
from turnus.billing.models import Bill, BillLine, Instalment
from turnus.billing.queries.gather import gather_period
from turnus.billing.services import store
from turnus.billing.services.checklist import DraftChecklist
from turnus.billing.services.prepare import draft, limits_of, terms_of
from turnus.billing.services.release import NotReleasable, check_amounts, check_fit
from turnus.clients.services import setting, settings_of
from turnus.lib.period import Period
from turnus.receivables.services import reverse_bills
from turnus.system import audit, numbers
from turnus.system.bulk import copy_rows
from turnus.system.models import User

__all__ = ["NotCancellable", "NotReleasable", "cancel_bill", "correct_bill", "rebill"]


class NotCancellable(ValueError):
    """Only a released bill that has not been cancelled yet can be cancelled."""


@transaction.atomic
def cancel_bill(
    *, bill_id: int, user: User, at: datetime, today: date, reason: str, documents: bool = True
) -> Bill:
    """Cancel a released bill: own number, every amount times −1, posting reversed, instalments open again.

    Raises: NotCancellable; NotReleasable when the amount is above the limit of the user's role;
    document.Incomplete when the cancellation would lack content the law wants on it; ValueError without a
    reason.
    """
    if not reason.strip():
        raise ValueError("Bitte eine Begründung angeben.")
    bill = Bill.objects.select_for_update().get(id=bill_id)
    if bill.state != Bill.State.RELEASED or bill.is_cancelled or bill.kind == Bill.Kind.CANCELLATION:
        raise NotCancellable(f"Rechnung {bill} kann nicht storniert werden.")
    check_amounts(bill, user)
    Bill.objects.filter(pk=bill.pk).update(is_cancelled=True)
    due_date = today + timedelta(days=int(setting(client_id=bill.client_id, name="bill_due_days")))
    cancellation = _mirror_rows(bill, user, at, today, due_date, reason)
    document.require(client_id=bill.client_id, bills=[cancellation], day=today, due_date=due_date)
    reverse_bills(
        client_id=bill.client_id,
        keys=[store.bill_key(bill.pk)],
        posting_date=today,
        user=user,
        at=at,
    )
    Instalment.objects.filter(client_id=bill.client_id, bill=bill).update(
        state=Instalment.State.REQUESTED, bill=None
    )
    audit.record(
        client_id=bill.client_id,
        at=at,
        user=user,
        action="bill_cancelled",
        object_kind="billing.bill",
        object_id=bill.pk,
        text=reason,
        details={"number": bill.number, "cancellation": cancellation.number, "gross": str(bill.gross)},
    )
    if documents:
        document.create(client_id=bill.client_id, bill_ids=[cancellation.pk], user=user, at=at)
    bill.refresh_from_db()
    return cancellation


def _mirror_rows(bill: Bill, user: User, at: datetime, today: date, due_date: date, reason: str) -> Bill:
    mirrored = mirror(calculate(parse(bill.input)))
    (number,) = numbers.draw(client_id=bill.client_id, name="bill")
    cancellation = Bill.objects.create(
        client_id=bill.client_id,
        contract_id=bill.contract_id,
        kind=Bill.Kind.CANCELLATION,
        state=Bill.State.RELEASED,
        number=number,
        period=bill.period,
        kwh=mirrored.kwh,
        net=mirrored.net,
        gross=mirrored.gross,
        instalments=mirrored.instalments,
        balance=mirrored.balance,
        is_estimated=bill.is_estimated,
        vat=store.vat_data(mirrored.vat),
        instalments_vat=store.vat_data(mirrored.instalments_vat),
        contained=store.contained_data(mirrored),
        co2=store.co2_data(mirrored),
        input=bill.input,
        checks=[],
        exceptions=[],
        instalment_keys=bill.instalment_keys,
        bill_date=today,
        due_date=due_date,
        prepared_by=user,
        prepared_at=at,
        decided_at=at,
        decision_reason=reason,
        corrects=bill,
    )
    copy_rows(BillLine, store.LINE_COLUMNS, store.line_rows(bill.client_id, [cancellation.pk], [mirrored]))
    return cancellation


@transaction.atomic
def correct_bill(
    *, bill_id: int, user: User, at: datetime, today: date, reason: str, documents: bool = True
) -> tuple[Bill, Bill]:
    """Cancel a bill and bill its period again with the readings and prices that hold now.

    Returns (cancellation, new bill); a letter explains what changed. A new bill that breaks one of the
    principal's rules is put aside like any other and waits for a second person; one that lacks content the
    law wants on it waits for that content.

    Raises: as `cancel_bill`; BillRefused; release.NotAsAgreed for a gap to the bill before or an overlap;
    ClaimTooOld when the customer would pay more for a period over three years back.
    """
    cancellation = cancel_bill(
        bill_id=bill_id, user=user, at=at, today=today, reason=reason, documents=documents
    )
    old = Bill.objects.get(id=bill_id)
    new = rebill(old=old, cancellation=cancellation, user=user, at=at, today=today, documents=documents)
    return cancellation, new


def rebill(
    *, old: Bill, cancellation: Bill, user: User | None, at: datetime, today: date, documents: bool = True
) -> Bill:
    """Bill the period of a cancelled bill again; the reason is that of its cancellation.

    Raises: BillRefused; ClaimTooOld; release.NotAsAgreed.
    """
    reason = cancellation.decision_reason
    settings = settings_of(client_id=old.client_id)
    period = Period(old.period.lower, old.period.upper)
    case = gather_period(
        client_id=old.client_id,
        contract_id=old.contract_id,
        period=period,
        today=today,
        terms=terms_of(settings),
        keys=old.instalment_keys,
    )
    bill = calculate(case.input)
    check_claim(period, today, bill.gross - old.gross)
    checklist = DraftChecklist.load(client_id=old.client_id, cases=[case], settings=settings, today=today)
    verdict = checklist.prove(case, bill, Bill.Kind.CORRECTION)
    limits = limits_of(old.client_id, settings)
    new_draft = draft(case, bill, Bill.Kind.CORRECTION, limits, verdict, old.pk, reason)
    document.ask_for(client_id=old.client_id, verdicts=[verdict], at=at)
    (new_id,) = store.write(
        client_id=old.client_id,
        drafts=[new_draft],
        run=None,
        user=user,
        at=at,
        today=today,
        due_days=int(settings["bill_due_days"]),
    )
    new = Bill.objects.get(pk=new_id)
    check_fit(client_id=old.client_id, bills=[new])
    if documents and not new_draft.exceptions:
        document.create(client_id=old.client_id, bill_ids=[new_id], user=user, at=at)
        explanation.create(old=old, cancellation=cancellation, new=new, reason=reason, user=user, at=at)
    return new
