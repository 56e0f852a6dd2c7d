"""Dunning: proposal, removal of single notices, release with letters and fees, taking a run back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum

from turnus.clients.services import settings_of
from turnus.documents.calc.letters import OverdueItem as PrintedItem
from turnus.documents.calc.letters import ReminderLetter
from turnus.documents.models import Document
from turnus.documents.render.records import to_data
from turnus.documents.services import DocumentDraft, create_documents
from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.services import account_table
from turnus.lib.money import from_cents, to_cents
from turnus.masterdata.models import ContractAccount
from turnus.receivables.calc.dunning import (
    Block,
    DunningAccount,
    LeftOut,
    Notice,
    OverdueItem,
    Policy,
    propose,
)
from turnus.receivables.models import (
    DebitItem,
    DunningBlock,
    DunningExclusion,
    DunningNotice,
    DunningNoticeItem,
    DunningRun,
    OpenItem,
)
from turnus.receivables.services.batch import ItemDraft, PostingBatch
from turnus.receivables.services.dunning_undo import take_back
from turnus.receivables.services.letters import Stationery, stationery
from turnus.system import audit, numbers
from turnus.system.models import User

State = DunningNotice.State


def policy_of(*, client_id: int) -> Policy:
    """The principal's dunning rules from its settings."""
    settings = settings_of(client_id=client_id)
    return Policy(
        grace_days=int(settings["dunning_grace_days"]),
        minimum_cents=to_cents(Decimal(str(settings["dunning_minimum"]))),
        pay_days=int(settings["dunning_due_days"]),
        fees=((1, to_cents(Decimal(str(settings["dunning_fee_level_1"])))),),
    )


@transaction.atomic
def propose_dunning(*, client_id: int, on: date, user: User | None, at: datetime) -> DunningRun:
    """Make the proposal for a day; a former proposal that was not released is replaced.

    Nothing changes for any customer until the release. Exclusions are kept with their reasons.
    """
    DunningRun.objects.filter(client_id=client_id, state=DunningRun.State.PROPOSED).delete()
    run = DunningRun.objects.create(client_id=client_id, on=on, created_at=at, created_by=user)
    notices, left_out = propose(_accounts(client_id, on), policy_of(client_id=client_id), on)
    _write_proposal(run, notices, left_out)
    _audit(run, user, at, "dunning_proposed", f"{len(notices)} Schreiben, {len(left_out)} Ausschlüsse")
    return run


def _write_proposal(run: DunningRun, notices: Sequence[Notice], left_out: Sequence[LeftOut]) -> None:
    rows = DunningNotice.objects.bulk_create(
        [
            DunningNotice(
                client_id=run.client_id,
                run=run,
                subaccount_id=notice.account_id,
                level=notice.level,
                total_cents=notice.claim_cents,
                fee_cents=notice.fee_cents,
                pay_until=notice.pay_until,
            )
            for notice in notices
        ],
        batch_size=1000,
    )
    DunningNoticeItem.objects.bulk_create(
        [
            DunningNoticeItem(
                client_id=run.client_id,
                notice=row,
                open_item_id=item.item_id,
                open_cents=item.cents,
                due_date=item.due_date,
                level_before=item.level_before,
                dunned_before=item.dunned_before,
            )
            for row, notice in zip(rows, notices, strict=True)
            for item in notice.items
        ],
        batch_size=2000,
    )
    DunningExclusion.objects.bulk_create(
        [
            DunningExclusion(
                client_id=run.client_id,
                run=run,
                subaccount_id=e.account_id,
                open_item_id=e.item_id,
                amount_cents=e.cents,
                code=e.code,
                reason=e.reason[:200],
            )
            for e in left_out
        ],
        batch_size=2000,
    )


def _accounts(client_id: int, on: date) -> list[DunningAccount]:
    """Accounts with anything overdue, with all that stands against dunning, loaded set-wise."""
    owed = OpenItem.objects.filter(client_id=client_id, open_cents__gt=0, due_date__lt=on)
    overdue = owed.filter(side=1).order_by("due_date", "id")
    held = set(
        DebitItem.objects.filter(client_id=client_id, live=True).values_list("open_item_id", flat=True)
    )
    items: dict[int, list[OverdueItem]] = {}
    for row in overdue:
        items.setdefault(row.subaccount_id, []).append(
            OverdueItem(
                item_id=row.pk,
                reference=row.reference,
                open_cents=row.open_cents,
                due_date=row.due_date,
                level=row.dunning_level,
                dunned_on=row.dunned_on,
                fixed_date=row.kind == OpenItem.Kind.INSTALMENT,
                in_collection=row.pk in held,
            )
        )
    blocks: dict[int, list[Block]] = {}
    live = DunningBlock.objects.filter(client_id=client_id, subaccount_id__in=items, since__lte=on)
    for block in live.filter(Q(until__isnull=True) | Q(until__gte=on)):
        blocks.setdefault(block.subaccount_id, []).append(
            Block(block.get_reason_display(), block.open_item_id, block.until, block.amount_cents)
        )
    credits = dict(
        OpenItem.objects.filter(client_id=client_id, subaccount_id__in=items, side=-1, open_cents__gt=0)
        .values("subaccount_id")
        .annotate(total=Sum("open_cents"))
        .values_list("subaccount_id", "total")
    )
    problems = _problems(items)
    return [
        DunningAccount(
            account_id,
            tuple(found),
            tuple(blocks.get(account_id, ())),
            credits.get(account_id, 0),
            problems.get(account_id, ""),
        )
        for account_id, found in sorted(items.items())
    ]


def _problems(account_ids: Iterable[int]) -> dict[int, str]:
    rows = ContractAccount.objects.filter(pk__in=list(account_ids)).filter(
        Q(customer__insolvent_on__isnull=False) | Q(customer__deceased_on__isnull=False)
    )
    return {
        account.pk: "Insolvenz eröffnet." if account.customer.insolvent_on else "Kunde verstorben."
        for account in rows.select_related("customer")
    }


@transaction.atomic
def remove_notice(*, notice_id: int, reason: str, user: User | None, at: datetime) -> DunningNotice:
    """Take one notice out of a proposal. Raises: `ValueError` once the proposal was released."""
    notice = DunningNotice.objects.select_for_update().select_related("run").get(pk=notice_id)
    if notice.state != State.PROPOSED or notice.run.state != DunningRun.State.PROPOSED:
        raise ValueError("Nur aus einem offenen Vorschlag lässt sich ein Schreiben herausnehmen.")
    notice.state, notice.removed_reason = State.REMOVED, reason[:200]
    notice.save(update_fields=["state", "removed_reason"])
    _audit(notice.run, user, at, "dunning_notice_removed", reason)
    return notice


@transaction.atomic
def release_dunning(*, run_id: int, user: User | None, at: datetime) -> DunningRun:
    """Release a proposal: amounts as they stand now, levels raised, fees posted, letters created.

    Raises: `ValueError` when the run is not a proposal; `letters.NoLetterhead`.
    """
    run = DunningRun.objects.select_for_update().get(pk=run_id)
    if run.state != DunningRun.State.PROPOSED:
        raise ValueError(f"Der Mahnlauf vom {run.on:%d.%m.%Y} ist schon {run.get_state_display()}.")
    due = _still_due(run)
    notices = [
        notice for notice in run.notices.filter(state=State.PROPOSED).order_by("id") if _refresh(notice, due)
    ]
    if notices:
        drawn = numbers.draw(client_id=run.client_id, name="dunning_notice", count=len(notices))
        for notice, number in zip(notices, drawn, strict=True):
            notice.number, notice.state = number, State.SENT
        _post_fees(run, notices, user, at)
        _write_letters(run, notices, user, at)
        DunningNotice.objects.bulk_update(
            notices, ["number", "state", "fee_item", "document"], batch_size=500
        )
        for notice in notices:
            OpenItem.objects.filter(notice_items__notice=notice).update(
                dunning_level=notice.level, dunned_on=run.on
            )
    run.state, run.released_by, run.released_at = DunningRun.State.RELEASED, user, at
    run.save(update_fields=["state", "released_by", "released_at"])
    _audit(run, user, at, "dunning_released", f"{len(notices)} Schreiben")
    return run


def _still_due(run: DunningRun) -> dict[int, int]:
    """Cents of each item that the rules would dun now: blocks, payments, credits since the proposal count."""
    notices, _ = propose(_accounts(run.client_id, run.on), policy_of(client_id=run.client_id), run.on)
    return {item.item_id: item.cents for notice in notices for item in notice.items}


def _refresh(notice: DunningNotice, due: Mapping[int, int]) -> bool:
    """Bring a notice to what is open and may be dunned now; False if nothing is left of it."""
    total = 0
    for line in notice.items.select_related("open_item").select_for_update():
        cents = min(line.open_cents, due.get(line.open_item_id, 0))
        if cents == 0:
            line.delete()
            continue
        if cents != line.open_cents:
            line.open_cents = cents
            line.save(update_fields=["open_cents"])
        total += cents
    if total == 0:
        notice.state, notice.removed_reason = State.REMOVED, "inzwischen bezahlt oder gesperrt"
        notice.save(update_fields=["state", "removed_reason"])
        return False
    if total != notice.total_cents:
        notice.total_cents = total
        notice.save(update_fields=["total_cents"])
    return True


def _post_fees(run: DunningRun, notices: Sequence[DunningNotice], user: User | None, at: datetime) -> None:
    accounts = account_table(client_id=run.client_id)
    batch = PostingBatch(run.client_id, user, at)
    charged = [notice for notice in notices if notice.fee_cents]
    first = dict(
        DunningNoticeItem.objects.filter(notice__in=charged)
        .order_by("notice_id", "-id")
        .values_list("notice_id", "open_item_id")
    )
    for notice in charged:
        batch.post(
            JournalDraft(
                key=f"dunning_fee:{notice.pk}",
                kind="dunning_fee",
                posting_date=run.on,
                document_date=run.on,
                legs=(
                    LegDraft(accounts.of("receivable"), notice.fee_cents, notice.subaccount_id),
                    LegDraft(accounts.of("dunning_fee"), -notice.fee_cents),
                ),
                reference=notice.number,
                text=f"Mahngebühr {notice.number}",
            ),
            [
                ItemDraft(
                    leg=0,
                    key=f"dunning_fee:{notice.pk}",
                    kind=OpenItem.Kind.DUNNING_FEE,
                    reference=notice.number,
                    due_date=notice.pay_until,
                    principal_item_id=first[notice.pk],
                )
            ],
        )
    items = batch.flush().items
    for notice in charged:
        notice.fee_item_id = items[f"dunning_fee:{notice.pk}"]


def _write_letters(
    run: DunningRun, notices: Sequence[DunningNotice], user: User | None, at: datetime
) -> None:
    paper = stationery(client_id=run.client_id, account_ids=[notice.subaccount_id for notice in notices])
    drafts = [_draft(run, notice, paper) for notice in notices]
    documents: list[Document] = create_documents(client_id=run.client_id, drafts=drafts, user=user, at=at)
    for notice, document in zip(notices, documents, strict=True):
        notice.document = document


def _draft(run: DunningRun, notice: DunningNotice, paper: Stationery) -> DocumentDraft:
    lines = notice.items.select_related("open_item").order_by("due_date", "id")
    items = tuple(
        PrintedItem(
            f"{line.open_item.get_kind_display()} {line.open_item.reference}",
            line.due_date,
            from_cents(line.open_item.amount_cents),
            from_cents(line.open_cents),
        )
        for line in lines
    )
    subject = "Zahlungserinnerung" if notice.level == 1 else f"{notice.level}. Mahnung"
    letter = ReminderLetter(
        paper.frame(account_id=notice.subaccount_id, on=run.on, subject=subject, number=notice.number),
        notice.level,
        items,
        notice.pay_until,
        paper.accounts[notice.subaccount_id].number,
        from_cents(notice.total_cents + notice.fee_cents),
        from_cents(notice.fee_cents),
    )
    customer = paper.customer(notice.subaccount_id)
    return DocumentDraft(
        "reminder",
        notice.number,
        subject,
        customer.number,
        "receivables.dunningnotice",
        notice.pk,
        to_data(letter),
    )


@transaction.atomic
def cancel_dunning(*, run_id: int, user: User | None, at: datetime) -> DunningRun:
    """Take a run back before its letters have left: levels and fees roll back, letters are withdrawn.

    Raises: `ValueError` when a letter has left the house or the run was taken back already.
    """
    run = DunningRun.objects.select_for_update().get(pk=run_id)
    if run.state == DunningRun.State.CANCELLED:
        raise ValueError(f"Der Mahnlauf vom {run.on:%d.%m.%Y} ist schon zurückgenommen.")
    sent = list(run.notices.filter(state=State.SENT).select_related("document").order_by("id"))
    gone = [n.number for n in sent if n.document and n.document.state != Document.State.CREATED]
    if gone:
        raise ValueError(f"Schon versendet: {', '.join(gone[:5])}. Der Lauf lässt sich nicht zurücknehmen.")
    for notice in sent:
        take_back(notice=notice, reason="Mahnlauf zurückgenommen", user=user, at=at)
    run.notices.filter(state=State.PROPOSED).update(state=State.CANCELLED)
    run.state = DunningRun.State.CANCELLED
    run.save(update_fields=["state"])
    _audit(run, user, at, "dunning_cancelled", f"{len(sent)} Schreiben zurückgenommen")
    return run


@transaction.atomic
def block_dunning(
    *,
    client_id: int,
    subaccount_id: int,
    reason: str,
    since: date,
    until: date | None,
    user: User | None,
    at: datetime,
    open_item_id: int | None = None,
    amount: Decimal | None = None,
    note: str = "",
) -> DunningBlock:
    """Let dunning rest for an account or an item, in whole or for a disputed amount in euros.

    Raises: `ValueError` for an unknown reason or an end before the start.
    """
    if reason not in DunningBlock.Reason.values:
        raise ValueError(f"Den Sperrgrund „{reason}“ gibt es nicht.")
    if until is not None and until < since:
        raise ValueError("Das Ende der Mahnsperre liegt vor ihrem Beginn.")
    block = DunningBlock.objects.create(
        client_id=client_id,
        subaccount_id=subaccount_id,
        open_item_id=open_item_id,
        reason=reason,
        since=since,
        until=until,
        amount_cents=None if amount is None else to_cents(amount),
        note=note,
        created_at=at,
        created_by=user,
    )
    audit.record(
        client_id=client_id,
        at=at,
        user=user,
        action="dunning_blocked",
        object_kind="ledger.subaccount",
        object_id=subaccount_id,
        text=note,
        details={"reason": reason, "until": until.isoformat() if until else None},
    )
    return block


def _audit(run: DunningRun, user: User | None, at: datetime, action: str, text: str) -> None:
    audit.record(
        client_id=run.client_id,
        at=at,
        user=user,
        action=action,
        object_kind="receivables.dunningrun",
        object_id=run.pk,
        text=text,
    )
