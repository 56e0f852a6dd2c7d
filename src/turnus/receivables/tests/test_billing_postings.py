"""What billing posts down, with the figures of the handbook (§ 2 a, e; § 7)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

import factories as make
from turnus.ledger.models import Journal, Subaccount
from turnus.ledger.queries import balances
from turnus.ledger.services import account_table, seed_accounts
from turnus.receivables import services
from turnus.receivables.calc.vat import vat_of_part, vat_within
from turnus.receivables.models import OpenItem
from turnus.receivables.services import BillPosting, InstalmentRequest, VatPart
from turnus.receivables.services.batch import PostingBatch
from turnus.receivables.services.settlement import Payment, post_payment
from turnus.system.models import Principal

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
DAY = date(2026, 1, 20)
pytestmark = pytest.mark.django_db
NINETEEN = Decimal(19)


@pytest.fixture
def client() -> Principal:
    made = make.principal("stadtwerk-a")
    seed_accounts(client_id=made.pk)
    return made


@pytest.fixture
def account(client: Principal) -> int:
    return Subaccount.objects.create(client=client, number="00000001").pk


def bill(account: int, **changes: object) -> BillPosting:
    posting = BillPosting(
        key="2025-1",
        subaccount_id=account,
        bill_number="R00000001",
        bill_date=DAY,
        due_date=date(2026, 2, 5),
        division="electricity",
        parts=(VatPart(NINETEEN, Decimal("1016.20"), Decimal("193.08")),),
    )
    return replace(posting, **changes)  # type: ignore[arg-type]


def post(client: Principal, *bills: BillPosting) -> dict[str, int]:
    return services.post_bills(client_id=client.pk, bills=bills, posting_date=DAY, user=None, at=NOW)


def request(client: Principal, account: int, count: int = 11, gross: str = "98.00") -> list[str]:
    keys = [f"c1:{month:02d}" for month in range(1, count + 1)]
    requests = [
        InstalmentRequest(
            key, account, date(2025, 1 + n, 1), Decimal(gross), NINETEEN, "electricity", f"A-{n}"
        )
        for n, key in enumerate(keys)
    ]
    services.request_instalments(client_id=client.pk, requests=requests, posting_date=DAY, user=None, at=NOW)
    return keys


def test_bill_without_instalments(client: Principal, account: int) -> None:
    made = post(client, bill(account))
    item = OpenItem.objects.get(pk=made["2025-1"])
    assert (item.open_cents, item.side, item.due_date, item.reference) == (
        120928,
        1,
        date(2026, 2, 5),
        "R00000001",
    )
    assert balances(client_id=client.pk) == {
        "1400": Decimal("1209.28"),
        "8400": Decimal("-1016.20"),
        "1776": Decimal("-193.08"),
    }


def test_instalment_request_is_statistical_and_has_no_vat(client: Principal, account: int) -> None:
    request(client, account, 2)
    assert balances(client_id=client.pk) == {"1400": Decimal("196.00"), "1593": Decimal("-196.00")}
    request(client, account, 2)
    assert OpenItem.objects.count() == 2, "asking again changes nothing"


def test_bill_takes_back_prepayments_and_lapses_what_was_not_paid(client: Principal, account: int) -> None:
    keys = request(client, account)
    made = post(client, bill(account, instalment_keys=tuple(keys)))
    assert OpenItem.objects.get(pk=made["2025-1"]).open_cents == 120928
    assert balances(client_id=client.pk)["1400"] == Decimal("1209.28")
    assert balances(client_id=client.pk)["1593"] == Decimal("0.00")
    assert OpenItem.objects.filter(open_cents__gt=0).count() == 1
    assert set(OpenItem.objects.filter(kind="instalment").values_list("billed_in", flat=True)) == {
        "R00000001"
    }
    received = services.received_instalments(client_id=client.pk, keys=keys[:1], until=DAY)
    assert received == {keys[0]: Decimal("0.00")}


def test_bill_with_received_instalments_leaves_the_balance(client: Principal, account: int) -> None:
    paid = (VatPart(NINETEEN, Decimal("905.85"), Decimal("172.15")),)
    made = post(client, bill(account, instalments=paid))
    assert OpenItem.objects.get(pk=made["2025-1"]).open_cents == 13128
    assert balances(client_id=client.pk) == {
        "1400": Decimal("131.28"),
        "8400": Decimal("-1016.20"),
        "1776": Decimal("-20.93"),
        "1718": Decimal("905.85"),
    }


def test_credit_and_zero_balance(client: Principal, account: int) -> None:
    more = (VatPart(NINETEEN, Decimal("1100.00"), Decimal("209.00")),)
    even = (VatPart(NINETEEN, Decimal("1016.20"), Decimal("193.08")),)
    made = post(client, bill(account, instalments=more), bill(account, key="zero", instalments=even))
    credit = OpenItem.objects.get(pk=made["2025-1"])
    assert (credit.side, credit.kind, credit.open_cents) == (-1, "credit", 9972)
    assert made["zero"] == 0
    assert Journal.objects.filter(idem_key="bill:zero").exists()


def test_posting_twice_is_a_no_op_and_another_body_is_refused(client: Principal, account: int) -> None:
    keys = tuple(request(client, account))
    first = post(client, bill(account, instalment_keys=keys))
    assert post(client, bill(account, instalment_keys=keys)) == first
    for change in ({"due_date": DAY}, {"parts": (VatPart(NINETEEN, Decimal("1016.21"), Decimal("193.08")),)}):
        with pytest.raises(services.IdempotencyConflict), transaction.atomic():
            post(client, bill(account, key="new"), bill(account, **change))
    assert not Journal.objects.filter(idem_key="bill:new").exists()


def test_reversal_of_a_bill_reopens_what_had_lapsed(client: Principal, account: int) -> None:
    keys = request(client, account, 2)
    post(client, bill(account, instalment_keys=tuple(keys)))
    services.reverse_bills(client_id=client.pk, keys=["2025-1"], posting_date=DAY, user=None, at=NOW)
    assert balances(client_id=client.pk)["1400"] == Decimal("196.00")
    assert balances(client_id=client.pk)["1593"] == Decimal("-196.00")
    assert balances(client_id=client.pk)["8400"] == Decimal("0.00")
    still_open = OpenItem.objects.filter(open_cents__gt=0)
    assert sorted(still_open.values_list("key", flat=True)) == ["instalment:c1:01", "instalment:c1:02"]
    assert set(still_open.values_list("billed_in", "due_date")) == {
        ("", date(2025, 1, 1)),
        ("", date(2025, 2, 1)),
    }
    services.reverse_bills(client_id=client.pk, keys=["2025-1"], posting_date=DAY, user=None, at=NOW)
    assert balances(client_id=client.pk)["1400"] == Decimal("196.00"), "a second reversal changes nothing"
    with pytest.raises(ValueError, match="nicht gebucht"):
        services.reverse_bills(client_id=client.pk, keys=["never"], posting_date=DAY, user=None, at=NOW)


ATTACKS = {
    "open amount by hand": "UPDATE receivables_openitem SET open_cents = open_cents - 1",
    "amount": "UPDATE receivables_openitem SET amount_cents = amount_cents + 1, open_cents = open_cents + 1",
    "side": "UPDATE receivables_openitem SET side = -side",
    "delete": "DELETE FROM receivables_openitem",
    "truncate": "TRUNCATE receivables_openitem CASCADE",
    "one-sided clearing": """
        INSERT INTO receivables_clearingline (client_id, clearing_id, open_item_id, amount_cents)
        SELECT client_id, gen_random_uuid(), id, 1 FROM receivables_openitem;
        SET CONSTRAINTS ALL IMMEDIATE""",
    "born without a leg of that amount": """
        INSERT INTO receivables_openitem (client_id, leg_id, subaccount_id, kind, side, amount_cents,
            open_cents, key, reference, reference_key, document_date, due_date, division, billed_in,
            debit_attempts, debit_blocked, dunning_level)
        SELECT i.client_id, l.id, i.subaccount_id, i.kind, 1, 7, 7, 'x', '', '', i.document_date, i.due_date,
            '', '', 0, '', 0
        FROM receivables_openitem i, ledger_leg l WHERE l.subaccount_id IS NULL LIMIT 1""",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_open_items_resist_sql(client: Principal, account: int, attack: str) -> None:
    post(client, bill(account))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTACKS[attack])
    assert list(OpenItem.objects.values_list("open_cents", "amount_cents", "side")) == [(120928, 120928, 1)]


def test_vat_of_parts_sums_to_the_vat_of_the_whole() -> None:
    assert vat_within(9800, NINETEEN) == 1565
    parts = [5000, 4800]
    assert vat_of_part(0, parts[0], NINETEEN) + vat_of_part(parts[0], parts[1], NINETEEN) == 1565
    assert vat_of_part(9800, -9800, NINETEEN) == -1565


def test_a_single_cent_that_is_all_vat_makes_no_empty_leg(client: Principal, account: int) -> None:
    request(client, account, 1, gross="0.04")
    accounts = account_table(client_id=client.pk)
    for n, cents in enumerate((3, 1)):
        item = OpenItem.objects.get(kind="instalment")
        batch = PostingBatch(client.pk, None, NOW)
        payment = Payment(f"p{n}", "bank", account, cents, ((item.pk, cents),), DAY, DAY, "x", "x")
        post_payment(batch, accounts, payment, {item.pk: item})
        batch.flush()
    got = balances(client_id=client.pk)
    assert (got["1718"], got["1776"], got["1593"]) == (Decimal("-0.03"), Decimal("-0.01"), Decimal("0.00"))


def test_cancelling_a_bill_leaves_what_the_same_payment_paid_besides(client: Principal, account: int) -> None:
    request(client, account, 1)
    made = post(client, bill(account))
    items = {item.pk: item for item in OpenItem.objects.all()}
    bill_item, instalment = made["2025-1"], next(pk for pk in items if pk != made["2025-1"])
    batch = PostingBatch(client.pk, None, NOW)
    lines = ((bill_item, 120928), (instalment, 9800))
    payment = Payment("p", "bank", account, 130728, lines, DAY, DAY, "x", "x")
    post_payment(batch, account_table(client_id=client.pk), payment, items)
    batch.flush()
    services.reverse_bills(client_id=client.pk, keys=["2025-1"], posting_date=DAY, user=None, at=NOW)
    assert OpenItem.objects.get(pk=instalment).open_cents == 0
    assert OpenItem.objects.get(key="p").open_cents == 120928
    assert OpenItem.objects.get(pk=bill_item).open_cents == 0
    assert balances(client_id=client.pk)["1400"] == Decimal("-1209.28")
