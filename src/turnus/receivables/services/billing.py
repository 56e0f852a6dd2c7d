"""What billing posts down: bills, instalment requests, their reversal; and what it asks back.

An instalment request is statistical: debtor against the clearing account, no revenue and no VAT. Received, it
becomes a prepayment with its VAT. The bill takes back prepayments and their VAT and whatever was requested
but not received, so that one open item remains: the balance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.models import Journal
from turnus.ledger.services import AccountTable, account_table, reverse
from turnus.lib.money import from_cents, to_cents
from turnus.receivables.calc.vat import vat_within
from turnus.receivables.models import Clearing, ClearingLine, OpenItem
from turnus.receivables.services.batch import ClearingDraft, ItemDraft, PostingBatch
from turnus.system.models import User


@dataclass(frozen=True, slots=True)
class VatPart:
    """Net and VAT of one rate, in euros."""

    vat_percent: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class BillPosting:
    """A bill to post. `parts` by VAT rate; `instalments` the received prepayments it deducts.

    `instalment_keys` are all requests of the billed period, paid or not: what is still open lapses into the
    bill, and what comes back later (a returned debit) raises the bill's balance. The balance
    (Σ parts − Σ instalments) becomes the open item; a negative one is a credit.
    """

    key: str
    subaccount_id: int
    bill_number: str
    bill_date: date
    due_date: date
    division: str
    parts: tuple[VatPart, ...]
    instalments: tuple[VatPart, ...] = ()
    instalment_keys: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class InstalmentRequest:
    """A dated request for a prepayment; `announced_on`: day of the letter that named date and amount."""

    key: str
    subaccount_id: int
    due_date: date
    gross: Decimal
    vat_percent: Decimal
    division: str
    reference: str
    announced_on: date | None = None


@transaction.atomic
def post_bills(
    *, client_id: int, bills: Sequence[BillPosting], posting_date: date, user: User | None, at: datetime
) -> dict[str, int]:
    """Post bills set-wise. Returns key → open item id (0 if the balance is zero).

    Raises:
        IdempotencyConflict: a key was posted before with another body; nothing is posted.
        ledger.services.NoAccount: the account determination has a gap.
    """
    accounts = account_table(client_id=client_id)
    batch = PostingBatch(client_id, user, at)
    keys = [key for bill in bills for key in bill.instalment_keys]
    requests = _open_requests(client_id, keys) if keys else {}
    for bill in bills:
        _post_bill(batch, accounts, bill, posting_date)
        for key in bill.instalment_keys:
            if key in requests and requests[key].open_cents > 0:
                _lapse(batch, accounts, bill, requests[key], posting_date)
    items = batch.flush().items
    _mark_billed(client_id, bills)
    return {bill.key: items.get(f"bill:{bill.key}", 0) for bill in bills}


def _post_bill(batch: PostingBatch, accounts: AccountTable, bill: BillPosting, posting_date: date) -> None:
    legs: list[LegDraft] = []
    balance = 0
    for part in bill.parts:
        balance += _add(legs, accounts, bill, part, "revenue", -1)
    for part in bill.instalments:
        balance += _add(legs, accounts, bill, part, "prepayment", 1)
    rates = {part.vat_percent for part in bill.parts}
    items: list[ItemDraft] = []
    if balance:
        legs.insert(0, LegDraft(accounts.of("receivable", bill.division), balance, bill.subaccount_id))
        items.append(
            ItemDraft(
                leg=0,
                key=f"bill:{bill.key}",
                kind=OpenItem.Kind.BILL if balance > 0 else OpenItem.Kind.CREDIT,
                reference=bill.bill_number,
                due_date=bill.due_date,
                division=bill.division,
                vat_percent=rates.pop() if len(rates) == 1 else None,
                announced_on=bill.bill_date,
            )
        )
    batch.post(
        JournalDraft(
            key=f"bill:{bill.key}",
            kind="bill",
            posting_date=posting_date,
            document_date=bill.bill_date,
            legs=tuple(legs),
            reference=bill.bill_number,
            text=bill.text,
            body=f"{bill.subaccount_id}|{bill.due_date}",
        ),
        items,
    )


def _add(
    legs: list[LegDraft], accounts: AccountTable, bill: BillPosting, part: VatPart, item: str, sign: int
) -> int:
    """Legs of one part (`sign` −1 revenue, 1 prepayment taken back); returns its share of the balance."""
    net, vat = to_cents(part.net), to_cents(part.vat)
    rate = part.vat_percent
    if net:
        legs.append(LegDraft(accounts.of(item, bill.division, rate), sign * net, vat_percent=rate))
    if vat:
        legs.append(LegDraft(accounts.of("output_vat", bill.division, rate), sign * vat, vat_percent=rate))
    return -sign * (net + vat)


def _open_requests(client_id: int, keys: Sequence[str]) -> Mapping[str, OpenItem]:
    # An array instead of thousands of parameters: a chunk of bills asks for eleven requests each.
    found = OpenItem.objects.raw(
        "SELECT * FROM receivables_openitem WHERE client_id = %s AND key = ANY(%s) AND open_cents > 0 "
        "ORDER BY id FOR UPDATE",
        [client_id, [f"instalment:{key}" for key in keys]],
    )
    return {item.key.removeprefix("instalment:"): item for item in found}


def _lapse(
    batch: PostingBatch, accounts: AccountTable, bill: BillPosting, item: OpenItem, posting_date: date
) -> None:
    """Take back what was requested and not received: it is part of the bill now."""
    key = f"lapse:{bill.key}:{item.pk}"
    batch.post(
        JournalDraft(
            key=key,
            kind="instalment_lapse",
            posting_date=posting_date,
            document_date=bill.bill_date,
            legs=(
                LegDraft(accounts.of("receivable", item.division), -item.open_cents, item.subaccount_id),
                LegDraft(accounts.of("instalment_clearing", item.division), item.open_cents),
            ),
            reference=item.reference,
            text=f"in Rechnung {bill.bill_number} verrechnet",
        ),
        [
            ItemDraft(
                leg=0,
                key=key,
                kind=OpenItem.Kind.LAPSE,
                reference=item.reference,
                due_date=bill.bill_date,
                division=item.division,
            )
        ],
    )
    batch.clear(
        ClearingDraft(
            subaccount_id=item.subaccount_id,
            kind=Clearing.Kind.LAPSE,
            cleared_on=bill.bill_date,
            lines=((item.pk, item.open_cents), (key, item.open_cents)),
            reason=f"Abschlag in Rechnung {bill.bill_number} verrechnet",
            journal_key=key,
        )
    )


def _mark_billed(client_id: int, bills: Sequence[BillPosting]) -> None:
    pairs = [(f"instalment:{key}", bill.bill_number) for bill in bills for key in bill.instalment_keys]
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE receivables_openitem i SET billed_in = v.number "
            "FROM unnest(%s::text[], %s::text[]) AS v(key, number) "
            "WHERE i.client_id = %s AND i.key = v.key AND i.billed_in <> v.number",
            [[key for key, _ in pairs], [number for _, number in pairs], client_id],
        )


@transaction.atomic
def request_instalments(
    *,
    client_id: int,
    requests: Sequence[InstalmentRequest],
    posting_date: date,
    user: User | None,
    at: datetime,
) -> None:
    """Post instalment requests set-wise; a key requested before with the same body is left alone.

    Raises: `IdempotencyConflict` like `post_bills`; `ValueError` for an amount that is not positive.
    """
    accounts = account_table(client_id=client_id)
    batch = PostingBatch(client_id, user, at)
    for request in requests:
        cents = to_cents(request.gross)
        if cents <= 0:
            raise ValueError(f"Abschlag {request.key}: Der Betrag {request.gross} ist nicht größer als null.")
        batch.post(
            JournalDraft(
                key=f"instalment:{request.key}",
                kind="instalment_request",
                posting_date=posting_date,
                document_date=request.due_date,
                legs=(
                    LegDraft(accounts.of("receivable", request.division), cents, request.subaccount_id),
                    LegDraft(accounts.of("instalment_clearing", request.division), -cents),
                ),
                reference=request.reference,
                text="Abschlag angefordert",
                body=f"{request.due_date}|{request.vat_percent:.2f}",
            ),
            [
                ItemDraft(
                    leg=0,
                    key=f"instalment:{request.key}",
                    kind=OpenItem.Kind.INSTALMENT,
                    reference=request.reference,
                    due_date=request.due_date,
                    division=request.division,
                    vat_percent=request.vat_percent,
                    announced_on=request.announced_on,
                )
            ],
        )
    batch.flush()


def received_instalments(*, client_id: int, keys: Sequence[str], until: date) -> dict[str, Decimal]:
    """Gross euros received on each request up to and including a day (0 if none)."""
    return {key: part.net + part.vat for key, part in _received(client_id, keys, until).items()}


def received_instalment_parts(*, client_id: int, keys: Sequence[str], until: date) -> dict[str, VatPart]:
    """Like `received_instalments`, with net and VAT as they were posted, for the bill to take back."""
    return _received(client_id, keys, until)


def _received(client_id: int, keys: Sequence[str], until: date) -> dict[str, VatPart]:
    wanted = [f"instalment:{key}" for key in keys]
    sums = dict.fromkeys(wanted, 0)
    items = OpenItem.objects.filter(client_id=client_id, key__in=wanted)
    rates = {key: rate or Decimal(0) for key, rate in items.values_list("key", "vat_percent")}
    lines = ClearingLine.objects.filter(
        client_id=client_id, open_item__key__in=wanted, clearing__cleared_on__lte=until
    ).exclude(clearing__kind=Clearing.Kind.LAPSE)
    for key, cents in lines.values_list("open_item__key", "amount_cents"):
        sums[key] += cents
    result: dict[str, VatPart] = {}
    for key, cents in sums.items():
        rate = rates.get(key, Decimal(0))
        vat = vat_within(cents, rate)
        result[key.removeprefix("instalment:")] = VatPart(rate, from_cents(cents - vat), from_cents(vat))
    return result


@transaction.atomic
def reverse_bills(
    *, client_id: int, keys: Sequence[str], posting_date: date, user: User | None, at: datetime
) -> None:
    """Cancel posted bills: mirror their journals, reopen the requests that had lapsed into them.

    What has been paid on the bill stays on the account as a credit.
    Raises: `ValueError` when a bill was never posted.
    """
    for key in keys:
        journal = Journal.objects.filter(client_id=client_id, idem_key=f"bill:{key}").first()
        if journal is None:
            raise ValueError(f"Die Rechnung {key} ist nicht gebucht und kann nicht storniert werden.")
        _reverse_lapses(client_id, key, posting_date, user, at)
        _reverse_bill(client_id, key, journal, posting_date, user, at)
        OpenItem.objects.filter(client_id=client_id, billed_in=journal.reference).update(billed_in="")


def _reverse_bill(
    client_id: int, key: str, journal: Journal, posting_date: date, user: User | None, at: datetime
) -> None:
    from turnus.receivables.services.reversal import mirror_items, reopen_all

    item = OpenItem.objects.select_for_update().filter(client_id=client_id, key=f"bill:{key}").first()
    if item is not None:
        reopen_all(
            client_id=client_id, item=item, on=posting_date, user=user, at=at, reason="Rechnung storniert"
        )
    posted = reverse(
        client_id=client_id,
        journal_id=journal.pk,
        key=f"reversal:bill:{key}",
        posting_date=posting_date,
        user=user,
        at=at,
        text=f"Storno {journal.reference}",
    )
    if item is not None and posted.created:
        mirror_items(client_id=client_id, items=[item], posted=posted, on=posting_date, user=user, at=at)


def _reverse_lapses(client_id: int, key: str, posting_date: date, user: User | None, at: datetime) -> None:
    from turnus.receivables.services.reversal import mirror_items, reopen_all

    for lapse in OpenItem.objects.filter(client_id=client_id, key__startswith=f"lapse:{key}:").order_by("id"):
        reopen_all(
            client_id=client_id, item=lapse, on=posting_date, user=user, at=at, reason="Rechnung storniert"
        )
        posted = reverse(
            client_id=client_id,
            journal_id=lapse.leg.journal_id,
            key=f"reversal:{lapse.key}",
            posting_date=posting_date,
            user=user,
            at=at,
            text="Abschlag wieder offen",
        )
        if posted.created:
            mirror_items(client_id=client_id, items=[lapse], posted=posted, on=posting_date, user=user, at=at)
