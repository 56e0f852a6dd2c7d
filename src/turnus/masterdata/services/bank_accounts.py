"""Bank accounts and mandates. No account is used before a second person has approved it (GoBD 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from turnus.clients.models import Role
from turnus.clients.services import role_of
from turnus.masterdata.models import BankAccount, ContractAccount, Customer, Mandate
from turnus.system import audit, changes, numbers
from turnus.system.changes import InvalidInput
from turnus.system.models import User
from turnus.worklist.models import Approval
from turnus.worklist.services import propose

WAITING = "Bankverbindung wartet auf Freigabe"
APPROVAL_KIND = "bank_account"


@dataclass(frozen=True, slots=True)
class ProposedBankAccount:
    """What was entered and the approval that has to be decided before it is used."""

    bank_account: BankAccount
    mandate: Mandate | None
    approval: Approval


def check_iban(text: str) -> tuple[str, str]:
    """(IBAN without blanks, BIC or empty) of what somebody typed.

    Raises:
        InvalidInput: wrong length, unknown country or wrong check digits (ISO 13616).
    """
    compact = "".join(text.split()).upper()
    try:
        iban = IBAN(compact)
        bic = iban.bic
    except SchwiftyException as error:
        raise InvalidInput("iban", f"IBAN „{text}“ ist ungültig: {_cause(compact)}") from error
    return compact, str(bic or "")


def _cause(iban: str) -> str:
    if iban[:2] == "DE" and len(iban) != 22:
        return f"Eine deutsche IBAN hat 22 Stellen, hier sind es {len(iban)}."
    if not iban[:2].isalpha():
        return "Sie beginnt mit zwei Buchstaben für das Land."
    return "Die Prüfziffer stimmt nicht; bitte Zeichen für Zeichen vergleichen."


def check_bic(text: str) -> str:
    """The BIC in capitals, or empty.

    Raises:
        InvalidInput: the form is not that of a BIC.
    """
    compact = "".join(text.split()).upper()
    if compact:
        try:
            BIC(compact)
        except SchwiftyException as error:
            raise InvalidInput("bic", f"BIC „{text}“ ist ungültig.") from error
    return compact


@transaction.atomic
def propose_bank_account(
    *, customer: Customer, iban: str, holder: str, user: User, at: datetime, bic: str = "",
    mandate_signed_on: date | None = None, mandate_reference: str = "", scheme: str = "CORE",
    contract_accounts: Sequence[ContractAccount] = (),
) -> ProposedBankAccount:  # fmt: skip
    """Enter a bank account (and, if signed, a mandate) and ask a second person to approve it.

    Args:
        contract_accounts: those that shall be collected by the new mandate once it is approved.

    Raises:
        InvalidInput: IBAN, BIC or holder are wrong, or the account is already in use or proposed.
    """
    compact, known_bic = check_iban(iban)
    if not holder.strip():
        raise InvalidInput("holder", "Kontoinhaber fehlt.")
    account = _account_row(customer, compact, check_bic(bic) or known_bic, holder.strip(), user, at)
    mandate = None
    if mandate_signed_on is not None:
        if mandate_signed_on > at.date():
            raise InvalidInput(
                "mandate_signed_on", "Das Mandat kann nicht in der Zukunft unterschrieben sein."
            )
        mandate = _mandate_row(account, mandate_signed_on, mandate_reference, scheme, user, at)
    approval = propose(
        client_id=customer.client_id, kind=APPROVAL_KIND, object_kind="masterdata.bankaccount",
        object_id=account.pk, title=f"Bankverbindung {compact} für {customer}", amount=None, user=user, at=at,
        details={
            "bank_accounts": [account.pk],
            "Kundennummer": customer.number,
            "mandates": [mandate.pk] if mandate else [],
            "collect": [[a.pk, mandate.pk] for a in contract_accounts] if mandate else [],
        },
    )  # fmt: skip
    return ProposedBankAccount(account, mandate, approval)


def _account_row(
    customer: Customer, iban: str, bic: str, holder: str, user: User, at: datetime
) -> BankAccount:
    known = BankAccount.objects.select_for_update().filter(customer=customer, iban=iban).first()
    if known is None:
        row = BankAccount(
            client_id=customer.client_id,
            customer=customer,
            iban=iban,
            bic=bic,
            holder=holder,
            entered_by=user,
        )
        return changes.add(row=row, user=user, at=at)
    if known.approved_at is not None:
        raise InvalidInput("iban", f"IBAN {iban} ist bei diesem Kunden schon freigegeben.")
    if Approval.objects.filter(
        kind=APPROVAL_KIND,
        object_kind="masterdata.bankaccount",
        object_id=known.pk,
        state=Approval.State.OPEN,
    ).exists():
        raise InvalidInput("iban", f"IBAN {iban} wartet bei diesem Kunden schon auf Freigabe.")
    changes.change(row=known, values={"holder": holder, "bic": bic, "entered_by": user}, user=user, at=at)
    return known


def _mandate_row(
    account: BankAccount, signed_on: date, reference: str, scheme: str, user: User, at: datetime
) -> Mandate:
    number = reference or numbers.draw(client_id=account.client_id, name="mandate")[0]
    if Mandate.objects.filter(client_id=account.client_id, reference=number).exists():
        raise InvalidInput("mandate_reference", f"Mandatsreferenz {number} ist schon vergeben.")
    row = Mandate(
        client_id=account.client_id, bank_account=account, reference=number, signed_on=signed_on,
        scheme=scheme, status=Mandate.Status.BLOCKED, blocked_reason=WAITING,
    )  # fmt: skip
    return changes.add(row=row, user=user, at=at)


@transaction.atomic
def approve_bank_accounts(*, approval: Approval, user: User, at: datetime) -> None:
    """Carry out an approved proposal: accounts usable, mandates active, contract accounts collected by them.

    Registered in `project.handlers.APPROVAL_HANDLERS` for `bank_account`; one approval may cover a
    whole import file.

    Raises:
        PermissionError: the decider is no staff of this principal.
    """
    if role_of(client_id=approval.client_id, user=user) not in {Role.CLERK, Role.LEAD, Role.PRINCIPAL}:
        raise PermissionError("Nur Beschäftigte oder der Auftraggeber geben Bankverbindungen frei.")
    ids = approval.details["bank_accounts"]
    BankAccount.objects.filter(pk__in=ids).update(approved_by=user, approved_at=at)
    Mandate.objects.filter(pk__in=approval.details["mandates"], blocked_reason=WAITING).update(
        status=Mandate.Status.ACTIVE, blocked_reason=""
    )
    _collect_by(approval.details["collect"])
    audit.record_many(
        client_id=approval.client_id, at=at, user=user, action="bank_account_approved",
        object_kind="masterdata.bankaccount", object_ids=ids, text=approval.reason,
    )  # fmt: skip


def _collect_by(pairs: Sequence[Sequence[int]]) -> None:
    """Switch contract accounts to their new mandates; mandates nobody uses any more end."""
    wanted = {pair[0]: pair[1] for pair in pairs}
    accounts = list(ContractAccount.objects.select_for_update().filter(pk__in=wanted))
    former = {a.mandate_id for a in accounts if a.mandate_id and a.mandate_id != wanted[a.pk]}
    for account in accounts:
        account.mandate_id = wanted[account.pk]
        account.payment_method = ContractAccount.PaymentMethod.DIRECT_DEBIT
    ContractAccount.objects.bulk_update(accounts, ["mandate", "payment_method"], batch_size=1000)
    still_used = ContractAccount.objects.filter(mandate__in=former).values_list("mandate_id", flat=True)
    Mandate.objects.filter(pk__in=former - set(still_used)).update(
        status=Mandate.Status.REVOKED, blocked_reason="durch ein neues Mandat ersetzt"
    )


@transaction.atomic
def block_mandate(*, mandate: Mandate, reason: str, user: User | None, at: datetime) -> bool:
    """Stop collecting by a mandate (for example after a return MD01 or AC04)."""
    values = {"status": Mandate.Status.BLOCKED, "blocked_reason": reason[:120]}
    return changes.change(row=mandate, values=values, user=user, at=at, reason=reason)


@transaction.atomic
def revoke_mandate(*, mandate: Mandate, reason: str, user: User | None, at: datetime) -> bool:
    """The customer withdraws a mandate: its contract accounts pay by transfer from now on."""
    ContractAccount.objects.filter(mandate=mandate).update(
        payment_method=ContractAccount.PaymentMethod.TRANSFER, mandate=None
    )
    values = {"status": Mandate.Status.REVOKED, "blocked_reason": reason[:120]}
    return changes.change(row=mandate, values=values, user=user, at=at, reason=reason)
