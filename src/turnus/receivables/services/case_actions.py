"""What a clerk can do from a case of receivables; registered in `project.handlers.CASE_ACTIONS`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from turnus.documents.models import Original
from turnus.masterdata.models import ContractAccount
from turnus.receivables.models import OpenItem, StatementEntry
from turnus.receivables.services.assignment import assign, suggestions
from turnus.receivables.services.imports import import_statement
from turnus.system import audit
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import CaseAction


def _object(case: Case) -> int:
    if case.object_id is None:
        raise ValueError("Der Fall nennt keinen Vorgang.")
    return case.object_id


def _import_again(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    original = Original.objects.get(pk=_object(case))
    result = import_statement(
        client_id=case.client_id, content=original.content, name=original.name, at=at, user=user
    )
    return f"Eingelesen: {result.new} Umsätze, davon {result.suspense} ungeklärt."


def _pay_by_transfer(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    account_id = int(case.details.get("subaccount") or _object(case))
    account = ContractAccount.objects.select_for_update().get(pk=account_id)
    account.payment_method = ContractAccount.PaymentMethod.TRANSFER
    account.save(update_fields=["payment_method"])
    audit.record(
        client_id=case.client_id,
        at=at,
        user=user,
        action="payment_method_changed",
        object_kind="masterdata.contractaccount",
        object_id=account.pk,
        text=case.reason,
        details={"new": account.payment_method},
    )
    return f"Vertragskonto {account.number} zahlt ab jetzt durch Überweisung."


def _collect_again(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    account_id = int(case.details.get("subaccount") or _object(case))
    freed = OpenItem.objects.filter(subaccount_id=account_id, open_cents__gt=0).exclude(debit_blocked="")
    count = freed.update(debit_blocked="")
    return f"{count} Posten sind wieder zum Einzug frei."


def _take_suggestion(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    entry = StatementEntry.objects.get(pk=_object(case))
    best = next((s for s in suggestions(entry_id=entry.pk) if s.item_id is not None), None)
    if best is None or best.item_id is None:
        raise ValueError("Kein Vorschlag nennt einen passenden Posten; bitte von Hand zuordnen.")
    item = OpenItem.objects.get(pk=best.item_id)
    amount = Decimal(min(item.open_cents, entry.amount_cents)).scaleb(-2)
    assign(entry_id=entry.pk, parts=[(item.pk, amount)], user=user, at=at)
    return f"Zugeordnet: {item.reference} ({', '.join(best.reasons)})."


def _assign_to_reference(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    entry = StatementEntry.objects.get(pk=_object(case))
    reference = form.get("reference", "").strip()
    item = OpenItem.objects.filter(
        client_id=case.client_id, reference=reference, open_cents__gt=0, side=1
    ).first()
    if item is None:
        raise ValueError(f"Zu „{reference}“ gibt es keinen offenen Posten.")
    typed = form.get("amount", "").strip().replace(".", "").replace(",", ".")
    try:
        amount = Decimal(typed) if typed else Decimal(min(item.open_cents, entry.amount_cents)).scaleb(-2)
    except InvalidOperation as error:
        raise ValueError(f"„{form['amount']}“ ist kein Betrag.") from error
    assign(entry_id=entry.pk, parts=[(item.pk, amount)], user=user, at=at)
    return f"{amount} € auf {item.reference} zugeordnet."


IMPORT_AGAIN = CaseAction("import_again", "Noch einmal einlesen", _import_again)
PAY_BY_TRANSFER = CaseAction("pay_by_transfer", "Auf Überweisung umstellen", _pay_by_transfer)
COLLECT_AGAIN = CaseAction("collect_again", "Posten wieder zum Einzug freigeben", _collect_again)
TAKE_SUGGESTION = CaseAction("take_suggestion", "Besten Vorschlag übernehmen", _take_suggestion)
ASSIGN = CaseAction(
    "assign",
    "Einem Beleg zuordnen",
    _assign_to_reference,
    {"reference": "Belegnummer", "amount": "Betrag (leer: so viel wie möglich)"},
)
