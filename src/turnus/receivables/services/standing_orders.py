"""Propose a hint to customers whose standing order still has the old amount (service M16)."""

from datetime import date, datetime, timedelta

from django.db import transaction

from turnus.lib.money import format_eur, from_cents
from turnus.masterdata.models import ContractAccount
from turnus.receivables.calc.standing_orders import outdated
from turnus.receivables.models import OpenItem
from turnus.worklist.models import Case
from turnus.worklist.services import NewCase, open_cases

_WINDOW = timedelta(days=70)


@transaction.atomic
def find_outdated_standing_orders(*, client_id: int, on: date, at: datetime) -> int:
    """Open a case per account that pays the same old amount for two months; returns how many were found."""
    since = on - _WINDOW
    items = OpenItem.objects.filter(
        client_id=client_id,
        kind__in=(OpenItem.Kind.PAYMENT, OpenItem.Kind.INSTALMENT),
        due_date__gt=since,
        due_date__lte=on,
        subaccount__contract_account__payment_method=ContractAccount.PaymentMethod.TRANSFER,
    )
    payments: dict[int, list[tuple[date, int]]] = {}
    requests: dict[int, list[tuple[date, int]]] = {}
    for account_id, kind, day, cents in items.values_list(
        "subaccount_id", "kind", "due_date", "amount_cents"
    ):
        target = payments if kind == OpenItem.Kind.PAYMENT else requests
        target.setdefault(account_id, []).append((day, cents))
    found = {
        account_id: hint
        for account_id, asked in requests.items()
        if (hint := outdated(payments.get(account_id, []), asked)) is not None
    }
    numbers = dict(ContractAccount.objects.filter(pk__in=list(found)).values_list("pk", "number"))
    cases = [
        NewCase(
            kind="standing_order_outdated",
            service="M16",
            key=f"standing-order:{account_id}:{hint.requested_cents}",
            title=f"Dauerauftrag mit altem Betrag, Vertragskonto {numbers[account_id]}",
            reason=(
                f"Seit zwei Monaten gehen {format_eur(from_cents(hint.paid_cents))} ein, der Abschlag ist "
                f"{format_eur(from_cents(hint.requested_cents))}. Den Kunden anschreiben."
            ),
            object_kind="ledger.subaccount",
            object_id=account_id,
            object_label=numbers[account_id],
            priority=Case.Priority.LOW,
        )
        for account_id, hint in sorted(found.items())
    ]
    open_cases(client_id=client_id, new=cases, at=at)
    return len(cases)
