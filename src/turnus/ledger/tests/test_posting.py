"""The ledger's promises, each tried against the database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

import factories as make
from turnus.ledger import checks, queries, services
from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.models import Account, Journal, Leg, PostingPeriod, Subaccount
from turnus.system.models import Principal

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 2)
LATER = date(2026, 12, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Principal:
    made = make.principal("stadtwerk-a")
    services.seed_accounts(client_id=made.pk)
    return made


def bill(client: Principal, key: str = "bill:1", gross: int = 120928, vat: int = 19308) -> JournalDraft:
    accounts = services.account_table(client_id=client.pk)
    sub, _ = Subaccount.objects.get_or_create(client=client, number="00000001")
    nineteen = Decimal(19)
    return JournalDraft(
        key=key,
        kind="bill",
        posting_date=DAY,
        document_date=DAY,
        reference="R00000001",
        legs=(
            LegDraft(accounts.of("receivable"), gross, sub.pk),
            LegDraft(accounts.of("revenue", "electricity", nineteen), -(gross - vat), vat_percent=nineteen),
            LegDraft(accounts.of("output_vat", "electricity", nineteen), -vat, vat_percent=nineteen),
        ),
    )


def post(client: Principal, *drafts: JournalDraft) -> list[services.Posted]:
    return services.post_many(client_id=client.pk, journals=drafts, user=None, at=NOW)


def test_final_bill_of_the_handbook(client: Principal) -> None:
    (posted,) = post(client, bill(client))
    assert posted.created and len(posted.leg_ids) == 3
    assert queries.balances(client_id=client.pk) == {
        "1400": Decimal("1209.28"),
        "8400": Decimal("-1016.20"),
        "1776": Decimal("-193.08"),
    }
    assert Journal.objects.get().number is not None


def test_same_key_same_body_is_a_no_op_and_another_body_an_error(client: Principal) -> None:
    (first,) = post(client, bill(client))
    later = replace(bill(client), posting_date=date(2026, 12, 1))
    (again,) = services.post_many(client_id=client.pk, journals=[later], user=None, at=NOW)
    assert again == replace(first, created=False)
    assert Journal.objects.count() == 1
    for other in (
        bill(client, gross=120929),
        replace(bill(client), reference="R2"),
        replace(bill(client), body="x"),
    ):
        with pytest.raises(services.IdempotencyConflict), transaction.atomic():
            post(client, bill(client, "bill:2"), other)
    assert Journal.objects.count() == 1, "nothing of a refused batch is posted"


def test_one_batch_may_repeat_a_key_but_not_with_two_bodies(client: Principal) -> None:
    one, two = post(client, bill(client), bill(client))
    assert one.journal_id == two.journal_id and Journal.objects.count() == 1
    with pytest.raises(services.IdempotencyConflict):
        post(client, bill(client, "b"), bill(client, "b", gross=1))


def test_a_journal_must_balance_and_have_two_legs(client: Principal) -> None:
    good = bill(client)
    crooked = replace(good, legs=(*good.legs[:2], replace(good.legs[2], cents=good.legs[2].cents + 1)))
    with pytest.raises(IntegrityError, match="gehen nicht auf"), transaction.atomic():
        post(client, bill(client, "fine"), crooked)
    with pytest.raises(IntegrityError, match="gehen nicht auf"), transaction.atomic():
        post(client, replace(good, legs=good.legs[:1]))
    assert Journal.objects.count() == Leg.objects.count() == 0


def test_control_accounts_need_a_subaccount_and_others_have_none(client: Principal) -> None:
    good = bill(client)
    bare = (replace(good.legs[0], subaccount_id=None), *good.legs[1:])
    extra = (good.legs[0], replace(good.legs[1], subaccount_id=good.legs[0].subaccount_id), good.legs[2])
    for legs in (bare, extra):
        with pytest.raises(IntegrityError, match="Mitbuchkonto"), transaction.atomic():
            post(client, replace(good, legs=legs))


ATTACKS = {
    "change a leg": "UPDATE ledger_leg SET amount_cents = amount_cents + 1",
    "delete a leg": "DELETE FROM ledger_leg",
    "empty the legs": "TRUNCATE ledger_leg CASCADE",
    "change a journal": "UPDATE ledger_journal SET text = 'x'",
    "delete a journal": "DELETE FROM ledger_journal",
    "add a leg": "INSERT INTO ledger_leg (client_id, journal_id, account_id, amount_cents, text) "
    "SELECT client_id, journal_id, account_id, 5, '' FROM ledger_leg WHERE subaccount_id IS NULL LIMIT 1",
    "a leg of nothing": "INSERT INTO ledger_leg (client_id, journal_id, account_id, amount_cents, text) "
    "SELECT l.client_id, l.journal_id, l.account_id, 0, '' FROM ledger_leg l LIMIT 1",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_sealed_journals_resist_sql(client: Principal, attack: str) -> None:
    post(client, bill(client))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTACKS[attack])
    assert Leg.objects.count() == 3


def test_locked_period_takes_nothing(client: Principal) -> None:
    services.lock_period(client_id=client.pk, month="2026-11", today=LATER, user=None, at=NOW)
    with pytest.raises(IntegrityError, match="gesperrt"), transaction.atomic():
        post(client, bill(client))
    assert not Journal.objects.exists()
    assert PostingPeriod.objects.count() == 1


def test_opening_periods_leaves_a_lock_alone(client: Principal) -> None:
    services.lock_period(client_id=client.pk, month="2026-11", today=LATER, user=None, at=NOW)
    services.open_periods(client_id=client.pk, months=["2026-11", "2026-12"])
    assert dict(PostingPeriod.objects.values_list("month", "is_locked")) == {
        "2026-11": True,
        "2026-12": False,
    }


def test_reversal_mirrors_and_happens_once(client: Principal) -> None:
    (posted,) = post(client, bill(client))

    def undo(key: str) -> services.Posted:
        return services.reverse(
            client_id=client.pk,
            journal_id=posted.journal_id,
            key=key,
            posting_date=DAY,
            user=None,
            at=NOW,
            text="Storno",
        )

    assert undo("storno:1").created
    assert not undo("storno:1").created
    with pytest.raises(IntegrityError), transaction.atomic():
        undo("storno:2")
    assert set(queries.balances(client_id=client.pk).values()) == {Decimal("0.00")}
    half = replace(bill(client, "half"), reverses=undo("storno:1").journal_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        post(client, replace(half, legs=(replace(half.legs[0], cents=1), replace(half.legs[1], cents=-1))))


def test_account_determination_prefers_the_specific_rule(client: Principal) -> None:
    gas = Account.objects.create(client=client, number="8401", name="Erlöse Gas", kind="income")
    rules = [
        ("revenue", "", Decimal(19), 1),
        ("revenue", "gas", Decimal(19), gas.pk),
        ("bank", "", None, 3),
    ]
    table = services.AccountTable(rules)
    assert table.of("revenue", "gas", Decimal("19.00")) == gas.pk
    assert table.of("revenue", "electricity", Decimal(19)) == 1
    assert table.of("bank", "gas") == 3
    with pytest.raises(services.NoAccount, match="16"):
        table.of("revenue", "gas", Decimal(16))


@pytest.mark.parametrize(("chart", "revenue"), [("SKR03", "8400"), ("SKR04", "4400")])
def test_charts_are_complete_and_seeding_repeats(chart: str, revenue: str) -> None:
    client = make.principal("x")
    services.seed_accounts(client_id=client.pk, chart=chart)
    before = Account.objects.count()
    services.seed_accounts(client_id=client.pk, chart=chart)
    assert Account.objects.count() == before
    table = services.account_table(client_id=client.pk)
    number = Account.objects.get(pk=table.of("revenue", "gas", Decimal(19))).number
    assert number == revenue
    for item in (
        "receivable",
        "bank",
        "suspense",
        "instalment_clearing",
        "bank_charge",
        "dunning_fee",
        "return_fee",
    ):
        assert table.of(item)
    for percent in (19, 16, 7, 0):
        assert table.of("prepayment", "", Decimal(percent)) and table.of("revenue", "", Decimal(percent))
    with pytest.raises(ValueError, match="SKR99"):
        services.seed_accounts(client_id=client.pk, chart="SKR99")


def test_checks_are_clean_and_count(client: Principal) -> None:
    (posted,) = post(client, bill(client))
    services.reverse(
        client_id=client.pk,
        journal_id=posted.journal_id,
        key="s",
        posting_date=DAY,
        user=None,
        at=NOW,
        text="",
    )
    assert checks.check_journals(client_id=client.pk) == (2, [])
    assert checks.check_reversals(client_id=client.pk) == (1, [])
