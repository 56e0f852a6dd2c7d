"""Writing bills set-wise: numbers, postings, rows. Shared by preparation, release and correction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from turnus.billing.calc.fileformat import to_data
from turnus.billing.calc.limits import Exceptional
from turnus.billing.calc.records import Bill as CalculatedBill
from turnus.billing.calc.wording import co2_data, contained_data, line_data, vat_data
from turnus.billing.models import Bill, BillLine, Instalment
from turnus.billing.queries.gather import Case
from turnus.lib.period import Period
from turnus.receivables.services import BillPosting, VatPart, post_bills
from turnus.system import numbers
from turnus.system.bulk import copy_rows, reserve_ids
from turnus.system.models import Run, User

__all__ = [
    "LINE_COLUMNS",
    "Draft",
    "Settled",
    "bill_key",
    "co2_data",
    "contained_data",
    "exceptions_data",
    "lapse",
    "line_rows",
    "posting",
    "vat_data",
    "write",
]

BILL_COLUMNS = [
    "id",
    "client_id",
    "contract_id",
    "run_id",
    "kind",
    "state",
    "number",
    "period",
    "kwh",
    "net",
    "gross",
    "instalments",
    "balance",
    "is_estimated",
    "vat",
    "instalments_vat",
    "contained",
    "co2",
    "input",
    "checks",
    "exceptions",
    "instalment_keys",
    "bill_date",
    "due_date",
    "prepared_by_id",
    "prepared_at",
    "decided_by_id",
    "decided_at",
    "decision_reason",
    "open_item_id",
    "corrects_id",
    "is_cancelled",
]
LINE_COLUMNS = [
    "client_id",
    "bill_id",
    "position",
    "kind",
    "period",
    "kwh",
    "unit_price",
    "net",
    "vat_percent",
    "working",
]


@dataclass(frozen=True, slots=True)
class Draft:
    """A calculated bill on its way into the database."""

    case: Case
    bill: CalculatedBill
    kind: Bill.Kind
    exceptions: tuple[Exceptional, ...]
    checks: list[dict[str, Any]]
    corrects_id: int | None = None
    reason: str = "keine Regel verletzt, vom Lauf freigegeben"


def bill_key(bill_id: int) -> str:
    """Idempotency key of the posting of a bill."""
    return f"bill-{bill_id}"


def write(
    *,
    client_id: int,
    drafts: Sequence[Draft],
    run: Run | None,
    user: User | None,
    at: datetime,
    today: date,
    due_days: int,
) -> list[int]:
    """Insert the bills; those without exceptions are numbered, posted and released. Ids as in `drafts`."""
    if not drafts:
        return []
    ids = reserve_ids(Bill, len(drafts))
    pairs = list(zip(ids, drafts, strict=True))
    clear = [(bill_id, draft) for bill_id, draft in pairs if not draft.exceptions]
    due_date = today + timedelta(days=due_days)
    texts = [_texts(draft) for draft in drafts]
    lines = list(line_rows(client_id, ids, [draft.bill for draft in drafts]))
    # Drawn after all that takes time: the counter is locked until this transaction ends.
    drawn = numbers.draw(client_id=client_id, name="bill", count=len(clear))
    numbered = {bill_id: number for (bill_id, _), number in zip(clear, drawn, strict=True)}
    postings = [
        posting(bill_id, numbered[bill_id], draft.case.contract.subaccount_id, draft, today, due_date)
        for bill_id, draft in clear
    ]
    items = (
        post_bills(client_id=client_id, bills=postings, posting_date=today, user=user, at=at)
        if postings
        else {}
    )
    issue = _Issue(client_id, run, user, at, today, due_date, numbered, items)
    rows = (
        _bill_row(issue, bill_id, draft, text) for (bill_id, draft), text in zip(pairs, texts, strict=True)
    )
    copy_rows(Bill, BILL_COLUMNS, rows)
    copy_rows(BillLine, LINE_COLUMNS, lines)
    lapse(client_id, [_settled(bill_id, draft) for bill_id, draft in clear])
    return ids


def posting(
    bill_id: int, number: str, subaccount_id: int, draft: Draft, bill_date: date, due_date: date
) -> BillPosting:
    """What the receivables need to know of a bill."""
    bill = draft.bill
    return BillPosting(
        key=bill_key(bill_id),
        subaccount_id=subaccount_id,
        bill_number=number,
        bill_date=bill_date,
        due_date=due_date,
        division=draft.case.contract.commodity,
        parts=tuple(VatPart(v.percent, v.net, v.vat) for v in bill.vat),
        instalments=tuple(VatPart(v.percent, v.net, v.vat) for v in bill.instalments_vat),
        instalment_keys=draft.case.instalment_keys,
        text=f"{draft.kind.label} {draft.case.period.german()}",
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """A released bill and the instalments it settles; nothing is requested any more for days before `end`."""

    bill_id: int
    contract_id: int
    keys: Sequence[str]
    end: date


def _settled(bill_id: int, draft: Draft) -> Settled:
    case = draft.case
    end = date.max if draft.kind is Bill.Kind.FINAL else case.period.end
    return Settled(bill_id, case.contract.contract_id, case.instalment_keys, end)


def lapse(client_id: int, settled: Sequence[Settled]) -> None:
    """Requests of the billed periods end with their bill, paid or not; planned ones are never requested."""
    pairs = [(one.bill_id, key) for one in settled for key in one.keys]
    with connection.cursor() as cursor:
        if pairs:
            cursor.execute(
                "UPDATE billing_instalment i SET state = %s, bill_id = s.bill_id"
                " FROM unnest(%s::bigint[], %s::text[]) AS s(bill_id, key)"
                " WHERE i.client_id = %s AND i.key = s.key",
                [Instalment.State.LAPSED, [p[0] for p in pairs], [p[1] for p in pairs], client_id],
            )
        cursor.execute(
            "UPDATE billing_instalment i SET state = %s"
            " FROM unnest(%s::bigint[], %s::date[]) AS s(contract_id, until)"
            " WHERE i.contract_id = s.contract_id AND i.state = %s AND i.due_date < s.until",
            [
                Instalment.State.CANCELLED,
                [one.contract_id for one in settled],
                [one.end for one in settled],
                Instalment.State.PLANNED,
            ],
        )


def exceptions_data(exceptions: Iterable[Exceptional]) -> list[dict[str, str]]:
    """Broken rules as they are stored with a bill."""
    return [
        {"rule": e.rule, "text": e.text, "value": e.value, "limit": e.limit}
        | ({"place": e.place} if e.place else {})
        for e in exceptions
    ]


@dataclass(frozen=True, slots=True)
class _Issue:
    """What all bills of one writing share, and the numbers and open items of the released ones."""

    client_id: int
    run: Run | None
    user: User | None
    at: datetime
    today: date
    due_date: date
    numbered: dict[int, str]
    items: dict[str, int]


def _texts(draft: Draft) -> list[str | None]:
    """The JSON columns from `vat` to `instalment_keys`."""
    bill = draft.bill
    return [
        _json(vat_data(bill.vat)),
        _json(vat_data(bill.instalments_vat)),
        _json(contained_data(bill)),
        None if bill.co2 is None else _json(co2_data(bill)),
        _json(to_data(draft.case.input)),
        _json(draft.checks),
        _json(exceptions_data(draft.exceptions)),
        _json(list(draft.case.instalment_keys)),
    ]


def _bill_row(issue: _Issue, bill_id: int, draft: Draft, texts: list[str | None]) -> list[Any]:
    """One row in the order of BILL_COLUMNS."""
    bill, case = draft.bill, draft.case
    number = issue.numbered.get(bill_id)
    released = number is not None
    return [
        bill_id,
        issue.client_id,
        case.contract.contract_id,
        issue.run.pk if issue.run else None,
        draft.kind.value,
        (Bill.State.RELEASED if released else Bill.State.EXCEPTED).value,
        number,
        range_text(case.period),
        *(bill.kwh, bill.net, bill.gross, bill.instalments, bill.balance, bill.estimated),
        *texts,
        *((issue.today, issue.due_date) if released else (None, None)),
        issue.user.pk if issue.user else None,
        issue.at,
        None,
        issue.at if released else None,
        draft.reason if released else "",
        (issue.items.get(bill_key(bill_id)) or None) if released else None,
        draft.corrects_id,
        False,
    ]


def line_rows(client_id: int, ids: Sequence[int], bills: Sequence[CalculatedBill]) -> Iterable[list[Any]]:
    """Rows of `BillLine` in the order of LINE_COLUMNS."""
    for bill_id, bill in zip(ids, bills, strict=True):
        for position, line in enumerate(bill.lines, start=1):
            yield [
                client_id,
                bill_id,
                position,
                line.kind.value,
                range_text(line.period),
                line.kwh,
                line.unit_price,
                line.net,
                line.vat_percent,
                _json(line_data(line)["working"]),
            ]


def range_text(period: Period) -> str:
    """A half-open date range as PostgreSQL writes it."""
    return f"[{period.start.isoformat()},{period.end.isoformat()})"


# One encoder for all: `json.dumps` with other separators would make a new one for each of ten texts per bill.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _json(data: Any) -> str:
    return _ENCODER.encode(data)
