"""Direct debit runs: announce, plan, release by a second person, hand over the file."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from turnus.clients.models import HouseBank
from turnus.clients.services import may_decide, setting, thresholds
from turnus.documents.services import store_original
from turnus.lib.money import from_cents
from turnus.masterdata.models import ContractAccount, Mandate
from turnus.receivables.calc.debits import AccountDebit, DueItem, Exclusion, MandateView, select
from turnus.receivables.calc.target_days import collection_date, hand_in_by, next_target_day
from turnus.receivables.files.pain008 import write_pain008
from turnus.receivables.files.pain008_records import Batch, Collection, Creditor, DirectDebit
from turnus.receivables.files.pain008_rules import check_debit, check_pain008
from turnus.receivables.files.sepa_text import sepa_text
from turnus.receivables.models import Debit, DebitExclusion, DebitItem, DebitRun, DunningBlock, OpenItem
from turnus.receivables.services.offset import offset_credits
from turnus.system import audit, numbers
from turnus.system.bulk import copy_rows, reserve_ids
from turnus.system.models import User
from turnus.worklist.services import FourEyesViolation, NewCase, open_cases

_CASE_CODES = ("no_mandate", "mandate", "mandate_lapsed", "not_announced")


@transaction.atomic
def plan_debit_run(
    *, client_id: int, collect_on: date, today: date, user: User | None, at: datetime
) -> DebitRun:
    """Propose the collection of everything due up to `collect_on`.

    Credits are set off first. The collection day becomes the next TARGET day, never earlier. Items that
    cannot be collected are kept with their reason; where somebody has to act, a case is opened.
    Raises: `ValueError` when the file could not reach the bank in time, or there is no house bank.
    """
    day = next_target_day(collect_on)
    lead = int(setting(client_id=client_id, name="debit_lead_days"))
    earliest = collection_date(day, today, lead)
    if earliest > day:
        raise ValueError(
            f"Für einen Einzug am {day:%d.%m.%Y} musste die Datei bis {hand_in_by(day, lead):%d.%m.%Y} "
            f"zur Bank; möglich ist der {earliest:%d.%m.%Y}."
        )
    bank = _house_bank(client_id)
    offset_credits(client_id=client_id, on=today, user=user, at=at, due_until=day)
    items, mandates = load_due(client_id, day)
    notice = int(setting(client_id=client_id, name="pre_notification_days"))
    debits, excluded = select(items, mandates, day, notice)
    (number,) = numbers.draw(client_id=client_id, name="direct_debit_run")
    run = DebitRun.objects.create(
        client_id=client_id,
        number=number,
        collect_on=day,
        count=len(debits),
        total_cents=sum(debit.cents for debit in debits),
        created_at=at,
        created_by=user,
    )
    refused = _write_debits(run, debits, bank)
    excluded = [exclusion for exclusion in excluded if exclusion.code != "not_due"] + refused
    DebitExclusion.objects.bulk_create(
        [
            DebitExclusion(
                client_id=client_id, run=run, open_item_id=e.item_id, code=e.code, reason=e.reason[:200]
            )
            for e in excluded
        ],
        batch_size=1000,
    )
    _open_cases(client_id, excluded, at)
    _audit(run, user, at, "debit_run_planned", f"{run.count} Lastschriften")
    return run


def _house_bank(client_id: int) -> HouseBank:
    bank = HouseBank.objects.filter(client_id=client_id).order_by("id").first()
    if bank is None:
        raise ValueError("Der Auftraggeber hat keine Hausbank; in den Stammdaten ergänzen.")
    return bank


def load_due(client_id: int, day: date) -> tuple[list[DueItem], dict[int, MandateView]]:
    """Open debts of accounts that pay by direct debit, and their mandates."""
    accounts = {
        account.pk: account
        for account in ContractAccount.objects.filter(
            client_id=client_id, payment_method=ContractAccount.PaymentMethod.DIRECT_DEBIT
        ).select_related("mandate__bank_account", "customer")
    }
    blocks: dict[int | None, dict[int | None, date]] = {}
    for block in DunningBlock.objects.filter(client_id=client_id, reason="deferral", since__lte=day).filter(
        Q(until__isnull=True) | Q(until__gte=day)
    ):
        blocks.setdefault(block.subaccount_id, {})[block.open_item_id] = block.until or date.max
    rows = (
        OpenItem.objects.select_for_update()
        .filter(
            client_id=client_id, subaccount_id__in=list(accounts), open_cents__gt=0, side=1, due_date__lte=day
        )
        .exclude(kind=OpenItem.Kind.REVERSAL)
        .order_by("id")
    )
    held = set(
        DebitItem.objects.filter(client_id=client_id, live=True).values_list("open_item_id", flat=True)
    )
    items = [
        DueItem(
            item_id=row.pk,
            account_id=row.subaccount_id,
            cents=row.open_cents,
            due_date=row.due_date,
            announced_on=row.announced_on,
            blocked=row.debit_blocked,
            in_collection=row.pk in held,
            deferred_until=_deferred(blocks.get(row.subaccount_id, {}), row.pk),
        )
        for row in rows
    ]
    return items, {pk: view for pk, account in accounts.items() if (view := _mandate(account)) is not None}


def _deferred(blocks: dict[int | None, date], item_id: int) -> date | None:
    return blocks.get(item_id) or blocks.get(None)


def _mandate(account: ContractAccount) -> MandateView | None:
    mandate = account.mandate
    if mandate is None:
        return None
    problem = ""
    if mandate.status != Mandate.Status.ACTIVE:
        problem = f"Das Mandat ist {mandate.get_status_display()}: {mandate.blocked_reason or 'ohne Angabe'}."
    elif mandate.bank_account.entered_by_id and not mandate.bank_account.approved_by_id:
        problem = "Die Bankverbindung ist noch nicht freigegeben."
    elif account.customer.insolvent_on or account.customer.deceased_on:
        problem = "Der Kunde ist insolvent oder verstorben."
    return MandateView(mandate.pk, mandate.scheme, mandate.signed_on, mandate.last_used_on, problem)


def _write_debits(run: DebitRun, debits: Sequence[AccountDebit], bank: HouseBank) -> list[Exclusion]:
    """Write the proposed debits; one that the bank would refuse is excluded with the bank's reason."""
    accounts = {
        account.pk: account
        for account in ContractAccount.objects.filter(pk__in=[d.account_id for d in debits]).select_related(
            "mandate__bank_account", "customer"
        )
    }
    references = dict(
        OpenItem.objects.filter(pk__in=[i.item_id for d in debits for i in d.items]).values_list(
            "id", "reference"
        )
    )
    ids = reserve_ids(Debit, len(debits))
    rows: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    refused: list[Exclusion] = []
    total = 0
    for debit_id, debit in zip(ids, debits, strict=True):
        account = accounts[debit.account_id]
        texts = list(dict.fromkeys(references[item.item_id] for item in debit.items))
        remittance = sepa_text(f"Vertragskonto {account.number} {', '.join(texts)}", 140)
        row = _Row(run, debit_id, debit, account, remittance)
        problem = check_debit(row.as_debit())
        if problem:
            refused += [Exclusion(item.item_id, problem[0].code, problem[0].text) for item in debit.items]
            continue
        rows.append(row.as_tuple())
        total += debit.cents
        lines.extend((run.client_id, debit_id, item.item_id, item.cents, True) for item in debit.items)
    copy_rows(Debit, _DEBIT_COLUMNS, rows)
    copy_rows(DebitItem, ("client_id", "debit_id", "open_item_id", "amount_cents", "live"), lines)
    run.count, run.total_cents = len(rows), total
    run.save(update_fields=["count", "total_cents"])
    return refused


@dataclass(frozen=True, slots=True)
class _Row:
    """A debit about to be written."""

    run: DebitRun
    debit_id: int
    debit: AccountDebit
    account: ContractAccount
    remittance: str

    @property
    def end_to_end_id(self) -> str:
        return f"{self.run.number}-{self.debit_id}"

    def as_debit(self) -> DirectDebit:
        mandate = self.account.mandate
        assert mandate is not None
        return DirectDebit(
            end_to_end_id=self.end_to_end_id,
            amount=from_cents(self.debit.cents),
            mandate_id=mandate.reference,
            mandate_signed=mandate.signed_on,
            debtor_name=mandate.bank_account.holder,
            debtor_iban=mandate.bank_account.iban,
            debtor_bic=mandate.bank_account.bic,
            remittance=self.remittance,
        )

    def as_tuple(self) -> tuple[object, ...]:
        mandate = self.account.mandate
        assert mandate is not None
        scheme = self.debit.mandate.scheme
        return (
            self.debit_id,
            self.run.client_id,
            self.run.pk,
            self.account.pk,
            mandate.pk,
            self.debit.sequence,
            scheme,
            f"{self.run.number}-{scheme}-{self.debit.sequence}",
            self.run.collect_on,
            self.debit.cents,
            self.end_to_end_id,
            mandate.bank_account.iban,
            mandate.bank_account.holder[:70],
            self.remittance,
            Debit.State.PLANNED,
        )


_DEBIT_COLUMNS = (
    "id",
    "client_id",
    "run_id",
    "subaccount_id",
    "mandate_id",
    "sequence",
    "scheme",
    "batch_id",
    "collect_on",
    "amount_cents",
    "end_to_end_id",
    "iban",
    "debtor",
    "remittance",
    "state",
)


def _open_cases(client_id: int, excluded: Sequence[Exclusion], at: datetime) -> None:
    """One case per account and cause, however many items it has."""
    wanted = {e.item_id: e for e in excluded if e.code in _CASE_CODES}
    rows = OpenItem.objects.filter(pk__in=list(wanted)).values_list(
        "id", "subaccount_id", "subaccount__number"
    )
    cases: dict[str, NewCase] = {}
    for item_id, account_id, number in rows:
        exclusion = wanted[item_id]
        key = f"debit:{account_id}:{exclusion.code}"
        cases[key] = NewCase(
            kind="debit_not_possible",
            service="M14",
            key=key,
            title=f"Kein Einzug für Vertragskonto {number}",
            reason=exclusion.reason,
            object_kind="ledger.subaccount",
            object_id=account_id,
            object_label=number,
        )
    open_cases(client_id=client_id, new=list(cases.values()), at=at)


@transaction.atomic
def release_debit_run(*, run_id: int, user: User | None, at: datetime) -> DebitRun:
    """Release a run: write the pain.008, check it, archive it with its hash.

    Raises:
        ValueError: the run is not proposed, is empty, or an item has been paid since.
        FourEyesViolation: the planner cannot release. PermissionError: the amount is above the user's limit.
    """
    run = DebitRun.objects.select_for_update().get(pk=run_id)
    if run.state != DebitRun.State.PLANNED:
        raise ValueError(f"Der Lauf {run.number} ist schon {run.get_state_display()}.")
    if user is None or user.pk == run.created_by_id:
        raise FourEyesViolation(
            "Vier-Augen-Prinzip: Wer den Lauf vorgeschlagen hat, kann ihn nicht freigeben."
        )
    _check_limit(run, user)
    if not run.count:
        raise ValueError(f"Der Lauf {run.number} enthält keine Lastschrift.")
    _check_still_open(run)
    content = pain008_of(run, at)
    findings = check_pain008(io.BytesIO(content))
    if findings:
        raise ValueError("; ".join(str(finding) for finding in findings[:5]))
    name = f"{run.number}.pain.008.xml"
    original, _ = store_original(
        client_id=run.client_id, content=content, name=name, media_type="application/xml", at=at
    )
    run.state, run.original, run.released_by, run.released_at = DebitRun.State.RELEASED, original, user, at
    run.save(update_fields=["state", "original", "released_by", "released_at"])
    run.debits.update(state=Debit.State.RELEASED)
    Mandate.objects.filter(pk__in=run.debits.values("mandate_id")).update(last_used_on=run.collect_on)
    _audit(run, user, at, "debit_run_released", f"SHA-256 {original.sha256}")
    return run


def _check_limit(run: DebitRun, user: User) -> None:
    """Only where the principal has set a limit for debit runs."""
    amount = from_cents(run.total_cents)
    if thresholds(client_id=run.client_id, kind="debit_run") and not may_decide(
        client_id=run.client_id, user=user, kind="debit_run", amount=amount
    ):
        raise PermissionError(f"Die Summe {amount} € liegt über Ihrer Freigabegrenze.")


def _check_still_open(run: DebitRun) -> None:
    changed = [
        line.open_item.reference
        for line in DebitItem.objects.filter(debit__run=run).select_related("open_item")
        if line.open_item.open_cents < line.amount_cents
    ]
    if changed:
        raise ValueError(
            f"Seit dem Vorschlag bezahlt: {', '.join(changed[:5])}. Den Lauf verwerfen und neu vorschlagen."
        )


def pain008_of(run: DebitRun, created: datetime) -> bytes:
    """The bytes of a run's file; the same run and time give the same bytes."""
    bank = _house_bank(run.client_id)
    creditor = Creditor(bank.holder, bank.iban, bank.creditor_id, bank.bic)
    groups: dict[str, list[Debit]] = {}
    for debit in run.debits.select_related("mandate").order_by("id"):
        groups.setdefault(debit.batch_id, []).append(debit)
    batches = [
        Batch(
            batch_id=batch_id,
            scheme=debits[0].scheme,
            sequence=debits[0].sequence,
            collection_date=run.collect_on,
            creditor=creditor,
            count=len(debits),
            total=sum((from_cents(debit.amount_cents) for debit in debits), Decimal(0)),
            debits=[_direct_debit(debit) for debit in debits],
        )
        for batch_id, debits in sorted(groups.items())
    ]
    target = io.BytesIO()
    write_pain008(Collection(run.number, created, bank.holder, batches), target)
    return target.getvalue()


def _direct_debit(debit: Debit) -> DirectDebit:
    return DirectDebit(
        end_to_end_id=debit.end_to_end_id,
        amount=from_cents(debit.amount_cents),
        mandate_id=debit.mandate.reference,
        mandate_signed=debit.mandate.signed_on,
        debtor_name=debit.debtor,
        debtor_iban=debit.iban,
        remittance=debit.remittance,
    )


@transaction.atomic
def cancel_debit_run(*, run_id: int, user: User | None, at: datetime, reason: str) -> DebitRun:
    """Throw a proposed run away; its items are free again. Raises: `ValueError` once it was released."""
    run = DebitRun.objects.select_for_update().get(pk=run_id)
    if run.state != DebitRun.State.PLANNED:
        raise ValueError(f"Der Lauf {run.number} ist {run.get_state_display()} und nicht mehr zu verwerfen.")
    run.state = DebitRun.State.CANCELLED
    run.save(update_fields=["state"])
    run.debits.update(state=Debit.State.CANCELLED)
    DebitItem.objects.filter(debit__run=run).update(live=False)
    _audit(run, user, at, "debit_run_cancelled", reason)
    return run


def _audit(run: DebitRun, user: User | None, at: datetime, action: str, text: str) -> None:
    audit.record(
        client_id=run.client_id,
        at=at,
        user=user,
        action=action,
        object_kind="receivables.debitrun",
        object_id=run.pk,
        text=text,
        details={"total_cents": run.total_cents, "count": run.count},
    )
