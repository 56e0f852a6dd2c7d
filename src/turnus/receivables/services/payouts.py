"""Money nobody can place goes back to the account it came from (service M17).

A clerk proposes, a second person approves within the value limit `payout`; the amount moves from suspense to
transit, a credit transfer file carries it to the bank, and its debit on a statement clears the transit. Until
it is in a file it can be taken back.
"""

import io
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from turnus.clients.models import HouseBank, Role
from turnus.clients.services import may_decide, role_of, thresholds
from turnus.documents.services import store_original
from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.services import account_table, post_many, reverse
from turnus.lib.money import format_eur, from_cents
from turnus.receivables.calc.target_days import next_target_day
from turnus.receivables.files.iban import iban_valid
from turnus.receivables.files.pain001 import write_pain001
from turnus.receivables.files.pain001_records import TRANSFER_BACK, Debtor, Transfer, TransferFile
from turnus.receivables.files.pain001_rules import check_pain001
from turnus.receivables.files.sepa_text import sepa_text
from turnus.receivables.models import Payout, PayoutFile, StatementEntry
from turnus.receivables.queries import open_return
from turnus.receivables.services.settlement import entry_reference
from turnus.system import audit, numbers
from turnus.system.models import User
from turnus.worklist.models import Approval
from turnus.worklist.services import close_cause, propose

KIND = "payout"
ENTRY = "receivables.statemententry"
_NAME, _TEXT = "Empfänger", "Verwendungszweck"


@transaction.atomic
def propose_return(*, entry_id: int, name: str, remittance: str, user: User, at: datetime) -> Approval:
    """Propose to send an unplaced receipt back to its sender; a second person decides (`approve_return`).

    Raises: `ValueError` when the entry is no receipt in suspense, its IBAN is missing or wrong, a text is
    empty, or a return has been proposed already.
    """
    entry = StatementEntry.objects.select_for_update().get(pk=entry_id)
    _check_returnable(entry)
    if open_return(entry=entry) is not None:
        raise ValueError("Die Rücküberweisung ist schon vorgeschlagen und wartet auf die Freigabe.")
    payee, purpose = sepa_text(name, 70), sepa_text(remittance, 140)
    if not payee:
        raise ValueError("Der Empfänger fehlt: Die Bank verlangt einen Namen aus lateinischen Buchstaben.")
    if not purpose:
        raise ValueError("Der Verwendungszweck fehlt: Der Absender muss erkennen, warum er Geld bekommt.")
    amount = from_cents(entry.amount_cents)
    return propose(
        client_id=entry.client_id,
        kind=KIND,
        object_kind=ENTRY,
        object_id=entry.pk,
        title=f"{format_eur(amount)} zurück an {payee}"[:200],
        amount=amount,
        user=user,
        at=at,
        details={_NAME: payee, "IBAN": entry.iban, _TEXT: purpose, "Beleg": entry_reference(entry)},
    )


def _check_returnable(entry: StatementEntry) -> None:
    if entry.state != StatementEntry.State.SUSPENSE:
        raise ValueError(f"Der Umsatz ist nicht ungeklärt, sondern „{entry.get_state_display()}“.")
    if entry.amount_cents <= 0:
        raise ValueError("Eine Belastung lässt sich nicht zurücküberweisen.")
    if not entry.iban:
        raise ValueError(
            "Der Kontoauszug nennt keine IBAN des Absenders. Zurück geht Geld nur auf das Konto, von dem es "
            "kam: bitte bei der Bank nachfragen oder die Zahlung zuordnen."
        )
    if not iban_valid(entry.iban):
        raise ValueError(
            f"Die IBAN des Absenders ist falsch ({entry.iban}). Zurück geht Geld nur auf das Konto, von dem "
            "es kam: bitte bei der Bank nachfragen oder die Zahlung zuordnen."
        )
    if HouseBank.objects.filter(client_id=entry.client_id, iban=entry.iban).exists():
        raise ValueError("Das Geld kam von einem eigenen Konto des Auftraggebers; das ist eine Umbuchung.")


@transaction.atomic
def approve_return(*, approval: Approval, user: User, at: datetime) -> Payout:
    """Carry an approved return out: suspense to transit, and the payout waits for the next file.

    Called by `worklist.services.decide`, which refuses the proposer.
    Raises: `PermissionError` above the user's value limit; `ValueError` when the entry has been placed since.
    """
    amount = approval.amount or Decimal(0)
    _check_limit(approval, user, amount)
    entry = StatementEntry.objects.select_for_update().get(pk=approval.object_id)
    _check_returnable(entry)
    accounts = account_table(client_id=entry.client_id)
    (number,) = numbers.draw(client_id=entry.client_id, name="payout")
    cents = entry.amount_cents
    draft = JournalDraft(
        key=f"payout:{approval.pk}",
        kind="payout",
        posting_date=timezone.localdate(at),
        document_date=timezone.localdate(at),
        legs=(
            LegDraft(accounts.of("suspense"), cents),
            LegDraft(accounts.of("payout_in_transit"), -cents),
        ),
        reference=number,
        text=f"Rücküberweisung {entry_reference(entry)}",
    )
    (posted,) = post_many(client_id=entry.client_id, journals=[draft], user=user, at=at)
    payout = Payout.objects.create(
        client_id=entry.client_id,
        number=number,
        entry=entry,
        amount_cents=cents,
        iban=entry.iban,
        name=approval.details[_NAME],
        remittance=approval.details[_TEXT],
        journal_id=posted.journal_id,
        proposed_by=approval.proposed_by,
        approved_by=user,
        approved_at=at,
    )
    entry.state = StatementEntry.State.REFUNDED
    entry.reason = f"Rücküberweisung {number} freigegeben."
    entry.save(update_fields=["state", "reason"])
    outcome = f"Zurück an den Absender ({number})"
    close_cause(client_id=entry.client_id, key=f"suspense:{entry.pk}", at=at, outcome=outcome)
    _audit(payout, user, at, "payout_approved", "")
    return payout


def _check_limit(approval: Approval, user: User, amount: Decimal) -> None:
    client_id = approval.client_id
    if thresholds(client_id=client_id, kind=KIND):
        if not may_decide(client_id=client_id, user=user, kind=KIND, amount=amount):
            raise PermissionError(f"Der Betrag {format_eur(amount)} liegt über Ihrer Wertgrenze.")
    elif role_of(client_id=client_id, user=user) not in (Role.LEAD, Role.PRINCIPAL):
        raise PermissionError("Das entscheidet die Teamleitung oder der Auftraggeber.")


@transaction.atomic
def cancel_payout(*, payout_id: int, reason: str, user: User, at: datetime) -> Payout:
    """Take a payout back that is in no file yet: its posting is reversed, the money is in suspense again.

    Raises: `ValueError` once it is in a file, or without a reason.
    """
    payout = Payout.objects.select_for_update().get(pk=payout_id)
    if payout.state != Payout.State.APPROVED:
        raise ValueError(
            f"{payout.number} ist {payout.get_state_display()}; zurücknehmen lässt sich eine Auszahlung nur, "
            "solange sie in keiner Datei steht."
        )
    if not reason.strip():
        raise ValueError("Bitte den Grund der Rücknahme angeben.")
    reverse(
        client_id=payout.client_id,
        journal_id=payout.journal_id,
        key=f"undo:payout:{payout.pk}",
        posting_date=timezone.localdate(at),
        user=user,
        at=at,
        text=f"{payout.number} zurückgenommen",
    )
    payout.state, payout.cancelled_by, payout.cancel_reason = Payout.State.CANCELLED, user, reason[:200]
    payout.save(update_fields=["state", "cancelled_by", "cancel_reason"])
    entry = StatementEntry.objects.select_for_update().get(pk=payout.entry_id)
    entry.state = StatementEntry.State.SUSPENSE
    entry.reason = f"Rücküberweisung {payout.number} zurückgenommen: {reason}"
    entry.save(update_fields=["state", "reason"])
    _audit(payout, user, at, "payout_cancelled", reason)
    return payout


@transaction.atomic
def create_payout_file(*, client_id: int, today: date, user: User, at: datetime) -> PayoutFile:
    """Write every approved payout into one pain.001, check it, archive it with its hash.

    A payout is in one file at most; running it again finds nothing.
    Raises: `ValueError` when nothing is approved, or there is no house bank; `Pain001Refused`.
    """
    payouts = list(
        Payout.objects.select_for_update()
        .filter(client_id=client_id, state=Payout.State.APPROVED)
        .order_by("id")
    )
    if not payouts:
        raise ValueError("Es gibt keine freigegebene Auszahlung, die noch in keiner Datei steht.")
    (number,) = numbers.draw(client_id=client_id, name="payout_file")
    day = next_target_day(today)
    content = _pain001(client_id, number, day, payouts, at)
    findings = check_pain001(io.BytesIO(content))
    if findings:
        raise ValueError("; ".join(str(finding) for finding in findings[:5]))
    original, _ = store_original(
        client_id=client_id,
        content=content,
        name=f"{number}.pain.001.xml",
        media_type="application/xml",
        at=at,
    )
    made = PayoutFile.objects.create(
        client_id=client_id,
        number=number,
        execute_on=day,
        count=len(payouts),
        total_cents=sum(payout.amount_cents for payout in payouts),
        original=original,
        created_at=at,
        created_by=user,
    )
    Payout.objects.filter(pk__in=[payout.pk for payout in payouts]).update(
        state=Payout.State.IN_FILE, file=made
    )
    audit.record(
        client_id=client_id,
        at=at,
        user=user,
        action="payout_file_created",
        object_kind="receivables.payoutfile",
        object_id=made.pk,
        text=f"SHA-256 {original.sha256}",
        details={"count": made.count, "total_cents": made.total_cents},
    )
    return made


def _pain001(client_id: int, number: str, day: date, payouts: list[Payout], at: datetime) -> bytes:
    bank = HouseBank.objects.filter(client_id=client_id).order_by("id").first()
    if bank is None:
        raise ValueError("Der Auftraggeber hat keine Hausbank; in den Stammdaten ergänzen.")
    order = TransferFile(
        message_id=number,
        created=at,
        execution_date=day,
        debtor=Debtor(bank.holder, bank.iban, bank.bic),
        count=len(payouts),
        total=sum((from_cents(payout.amount_cents) for payout in payouts), Decimal(0)),
        transfers=(
            Transfer(
                end_to_end_id=payout.number,
                amount=from_cents(payout.amount_cents),
                creditor_name=payout.name,
                creditor_iban=payout.iban,
                remittance=payout.remittance,
                purpose=TRANSFER_BACK,
            )
            for payout in payouts
        ),
    )
    target = io.BytesIO()
    write_pain001(order, target)
    return target.getvalue()


def _audit(payout: Payout, user: User, at: datetime, action: str, text: str) -> None:
    audit.record(
        client_id=payout.client_id,
        at=at,
        user=user,
        action=action,
        object_kind="receivables.payout",
        object_id=payout.pk,
        text=text,
        details={"amount_cents": payout.amount_cents, "entry": payout.entry_id},
    )
