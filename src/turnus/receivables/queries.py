"""Reads for screens, lists and reports. Amounts in cents unless a name says otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import F, Q, QuerySet

from turnus.clients.services import settings_of
from turnus.ledger.services import account_table
from turnus.lib.money import from_cents
from turnus.masterdata.models import ContractAccount
from turnus.receivables.calc.ageing import Bucket, age
from turnus.receivables.models import DunningBlock, OpenItem, StatementEntry
from turnus.worklist.models import Approval, Case


def open_items(*, client_id: int, on: date) -> QuerySet[OpenItem]:
    """Open items with their account, the most overdue first."""
    return (
        OpenItem.objects.filter(client_id=client_id, open_cents__gt=0, document_date__lte=on)
        .select_related("subaccount")
        .order_by("due_date", "id")
    )


def ageing(*, client_id: int, on: date) -> list[Bucket]:
    """Open items by days overdue; credits count negative, so that the sum is the control account."""
    rows = OpenItem.objects.filter(client_id=client_id, open_cents__gt=0)
    return age(rows.values_list("due_date", F("side") * F("open_cents")).iterator(chunk_size=5000), on)


def control_balance(*, client_id: int) -> int:
    """Balance of the control account of receivables in cents."""
    account_id = account_table(client_id=client_id).of("receivable")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount_cents), 0) FROM ledger_leg WHERE client_id = %s AND account_id = %s",
            [client_id, account_id],
        )
        return int(cursor.fetchone()[0])


def accounts_in_arrears(*, client_id: int, on: date) -> list[int]:
    """Accounts that owe anything overdue on a day, in order of their ids."""
    late = OpenItem.objects.filter(client_id=client_id, open_cents__gt=0, side=1, due_date__lt=on)
    return sorted(set(late.order_by().values_list("subaccount_id", flat=True)))


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement on a customer's account: debit positive, with the balance after it, in euros."""

    day: date
    text: str
    reference: str
    amount: Decimal
    balance: Decimal
    due_date: date | None
    open_amount: Decimal


def account_statement(*, subaccount_id: int, until: date) -> list[StatementLine]:
    """Every posting on a contract account in order, with running balance (Kontoauszug des Kunden)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.document_date, j.text, j.kind, coalesce(i.reference, j.reference), "
            "l.amount_cents, i.due_date, coalesce(i.open_cents, 0) FROM ledger_leg l "
            "JOIN ledger_journal j ON j.id = l.journal_id "
            "LEFT JOIN receivables_openitem i ON i.leg_id = l.id "
            "WHERE l.subaccount_id = %s AND j.document_date <= %s ORDER BY j.document_date, l.id",
            [subaccount_id, until],
        )
        rows = cursor.fetchall()
    lines: list[StatementLine] = []
    balance = 0
    for day, text, kind, reference, cents, due, left in rows:
        balance += cents
        lines.append(
            StatementLine(
                day, text or kind, reference, from_cents(cents), from_cents(balance), due, from_cents(left)
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class OverduePayer:
    """A customer who transfers and is late (service M16): what, how long, what comes next."""

    account_id: int
    number: str
    name: str
    cents: int
    oldest_due: date
    days_overdue: int
    next_action: str
    next_action_on: date


def overdue_payers(*, client_id: int, on: date) -> Iterator[OverduePayer]:
    """Transfer payers with overdue items, longest first, with the next step and its day."""
    grace = int(settings_of(client_id=client_id)["dunning_grace_days"])
    blocks = {
        block.subaccount_id: block
        for block in DunningBlock.objects.filter(client_id=client_id, since__lte=on).filter(
            Q(until__isnull=True) | Q(until__gte=on)
        )
    }
    items: dict[int, list[OpenItem]] = {}
    rows = OpenItem.objects.filter(client_id=client_id, open_cents__gt=0, side=1, due_date__lt=on)
    for item in rows.order_by("due_date", "id"):
        items.setdefault(item.subaccount_id, []).append(item)
    accounts = ContractAccount.objects.filter(
        pk__in=list(items), payment_method=ContractAccount.PaymentMethod.TRANSFER
    ).select_related("customer")
    found = [_payer(account, items[account.pk], blocks.get(account.pk), on, grace) for account in accounts]
    yield from sorted(found, key=lambda payer: (payer.oldest_due, payer.account_id))


def _payer(
    account: ContractAccount, items: list[OpenItem], block: DunningBlock | None, on: date, grace: int
) -> OverduePayer:
    oldest = items[0]
    if block is not None:
        action, day = f"Mahnsperre ({block.get_reason_display()}) prüfen", block.until or on
    elif oldest.dunning_level:
        action, day = "Anruf (Mahnstufe 2)", (oldest.dunned_on or on) + timedelta(days=14)
    else:
        action, day = "Zahlungserinnerung", oldest.due_date + timedelta(days=grace + 1)
    return OverduePayer(
        account.pk,
        account.number,
        account.customer.full_name,
        sum(item.open_cents for item in items),
        oldest.due_date,
        (on - oldest.due_date).days,
        action,
        max(day, on),
    )


def suspense(*, client_id: int) -> QuerySet[StatementEntry]:
    """Unexplained bank entries, the oldest first."""
    return StatementEntry.objects.filter(client_id=client_id, state=StatementEntry.State.SUSPENSE).order_by(
        "booking_date", "id"
    )


def open_return(*, entry: StatementEntry) -> Approval | None:
    """The proposal to send an entry back to its sender that nobody has decided yet."""
    return Approval.objects.filter(
        client_id=entry.client_id,
        kind="payout",
        object_kind="receivables.statemententry",
        object_id=entry.pk,
        state=Approval.State.OPEN,
    ).first()


def suspense_overdue(*, client_id: int, on: date, days: int = 10) -> QuerySet[StatementEntry]:
    """Money that has been unexplained for longer than `days` (service M17)."""
    return suspense(client_id=client_id).filter(booking_date__lt=on - timedelta(days=days))


@dataclass(frozen=True, slots=True)
class SuspenseLine:
    """Money unexplained for long (service M17): since when, whose, with which case."""

    entry_id: int
    booked: date
    days: int
    cents: int
    name: str
    owner: str
    case: str


def suspense_report(*, client_id: int, on: date, days: int = 10) -> list[SuspenseLine]:
    """Unexplained money older than `days`, the oldest first, with its owner and its open case."""
    entries = list(suspense_overdue(client_id=client_id, on=on, days=days).select_related("owner"))
    keys = [f"suspense:{entry.pk}" for entry in entries]
    known = Case.objects.filter(client_id=client_id, key__in=keys).exclude(state=Case.State.DONE)
    cases = {case.key: case for case in known.select_related("owner")}
    lines = []
    for entry, key in zip(entries, keys, strict=True):
        case = cases.get(key)
        owner = case.owner if case and case.owner else entry.owner
        lines.append(
            SuspenseLine(
                entry.pk,
                entry.booking_date,
                (on - entry.booking_date).days,
                entry.amount_cents,
                entry.name,
                str(owner) if owner else "",
                case.number if case else "",
            )
        )
    return lines
