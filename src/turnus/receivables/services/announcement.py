"""Pre-notification of direct debits: one letter per account names all its coming collections."""

from datetime import date, datetime, timedelta

from django.db import transaction

from turnus.clients.services import setting
from turnus.documents.calc.letters import Collection, PreNotification
from turnus.documents.render.records import to_data
from turnus.documents.services import DocumentDraft, create_documents
from turnus.lib.money import from_cents
from turnus.receivables.calc.debits import DueItem
from turnus.receivables.calc.target_days import next_target_day
from turnus.receivables.models import OpenItem
from turnus.receivables.services.debits import load_due
from turnus.receivables.services.letters import Stationery, stationery
from turnus.system import numbers
from turnus.system.models import User


@transaction.atomic
def announce_debits(*, client_id: int, until: date, today: date, user: User | None, at: datetime) -> int:
    """Write pre-notifications for claims due until a day that have none; returns the number of letters.

    One letter per account names all its collections with amount, date, mandate and creditor identifier. A
    collection is announced for its due date or, if that is too soon, for the first day the notice allows.
    """
    notice = int(setting(client_id=client_id, name="pre_notification_days"))
    items, mandates = load_due(client_id, until)
    waiting: dict[int, list[DueItem]] = {}
    for item in items:
        view = mandates.get(item.account_id)
        if item.announced_on is None and not item.blocked and view is not None and not view.problem:
            waiting.setdefault(item.account_id, []).append(item)
    if not waiting:
        return 0
    paper = stationery(client_id=client_id, account_ids=waiting)
    drawn = numbers.draw(client_id=client_id, name="document", count=len(waiting))
    references = dict(
        OpenItem.objects.filter(pk__in=[i.item_id for f in waiting.values() for i in f]).values_list(
            "id", "reference"
        )
    )
    drafts = []
    for number, (account_id, found) in zip(drawn, sorted(waiting.items()), strict=True):
        collections = tuple(
            Collection(
                next_target_day(max(item.due_date, today + timedelta(days=notice))),
                from_cents(item.cents),
                references[item.item_id],
            )
            for item in found
        )
        drafts.append(_draft(paper, account_id, number, today, collections))
    create_documents(client_id=client_id, drafts=drafts, user=user, at=at)
    OpenItem.objects.filter(pk__in=[i.item_id for found in waiting.values() for i in found]).update(
        announced_on=today
    )
    return len(drafts)


def _draft(
    paper: Stationery, account_id: int, number: str, today: date, collections: tuple[Collection, ...]
) -> DocumentDraft:
    mandate = paper.accounts[account_id].mandate
    assert mandate is not None
    subject = "Ankündigung Ihrer Lastschrift"
    letter = PreNotification(
        paper.frame(account_id=account_id, on=today, subject=subject, number=number),
        collections,
        mandate.bank_account.iban,
        mandate.reference,
        mandate.bank_account.holder,
    )
    customer = paper.customer(account_id)
    return DocumentDraft(
        "pre_notification", number, subject, customer.number, "ledger.subaccount", account_id, to_data(letter)
    )
