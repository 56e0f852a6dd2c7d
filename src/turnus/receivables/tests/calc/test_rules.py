"""Dunning proposal, debit selection, return reasons, ageing: pure rules with their reasons."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.receivables.calc.ageing import LABELS, age
from turnus.receivables.calc.debits import DueItem, MandateView, select
from turnus.receivables.calc.dunning import Block, DunningAccount, OverdueItem, Policy, propose
from turnus.receivables.calc.returns import RULES, Action, may_retry, rule_for
from turnus.receivables.calc.standing_orders import Outdated, outdated
from turnus.receivables.files.iban import creditor_id_valid, iban_valid

ON = date(2026, 11, 9)
POLICY = Policy(fees=((1, 120),))


def overdue(item_id: int = 1, cents: int = 5000, days: int = 20, **more: object) -> OverdueItem:
    return OverdueItem(item_id, f"R{item_id}", cents, ON - timedelta(days=days), **more)  # type: ignore[arg-type]


def judged(*items: OverdueItem, **account: object) -> tuple[list[tuple[int, int, int]], list[str]]:
    notices, left_out = propose([DunningAccount(7, items, **account)], POLICY, ON)  # type: ignore[arg-type]
    return [(n.level, n.claim_cents, n.fee_cents) for n in notices], [e.code for e in left_out]


def test_grace_days_and_minimum() -> None:
    assert judged(overdue(days=7)) == ([], [])
    assert judged(overdue(days=8)) == ([(1, 5000, 0)], [])
    assert judged(overdue(cents=999)) == ([], ["minimum"])
    assert judged(overdue(cents=600), overdue(2, 600)) == ([(1, 1200, 0)], [])


def test_fee_only_where_default_exists_already() -> None:
    assert judged(overdue(fixed_date=True)) == ([(1, 5000, 120)], [])
    assert judged(overdue()) == ([(1, 5000, 0)], [])


def test_credits_blocks_and_debtors() -> None:
    assert judged(overdue(), credit_cents=5000) == ([], ["covered"])
    assert judged(overdue(), credit_cents=4500) == ([], ["minimum"])
    assert judged(overdue(), debtor_problem="Insolvenz eröffnet.") == ([], ["debtor"])
    assert judged(overdue(), blocks=(Block("Widerspruch"),)) == ([], ["blocked"])
    assert judged(overdue(), overdue(2), blocks=(Block("Stundung", 2),)) == ([(1, 5000, 0)], ["blocked"])
    assert judged(overdue(), blocks=(Block("Widerspruch", 1, cents=2000),)) == ([(1, 3000, 0)], ["blocked"])
    assert judged(overdue(in_collection=True)) == ([], ["in_collection"])


def test_a_level_is_not_repeated_before_its_deadline_and_new_debts_join() -> None:
    dunned = overdue(level=1, dunned_on=ON - timedelta(days=3))
    assert judged(dunned) == ([], ["deadline"])
    assert judged(replace(dunned, dunned_on=ON - timedelta(days=30))) == ([], ["level"])
    assert judged(dunned, overdue(2)) == ([(1, 10000, 120)], [])
    higher = replace(POLICY, highest_level=2)
    old = DunningAccount(7, (replace(dunned, dunned_on=ON - timedelta(days=15)),))
    assert [n.level for n in propose([old], higher, ON)[0]] == [2]


@given(
    st.lists(
        st.tuples(st.integers(1, 9000), st.integers(-10, 60), st.booleans(), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 9000),
)
def test_every_overdue_cent_is_dunned_or_explained(
    rows: list[tuple[int, int, bool, bool]], credit: int
) -> None:
    items = tuple(
        overdue(n, cents, days, fixed_date=fixed, in_collection=held)
        for n, (cents, days, fixed, held) in enumerate(rows, start=1)
    )
    notices, left_out = propose([DunningAccount(7, items, credit_cents=credit)], POLICY, ON)
    late = {i.item_id: i.open_cents for i in items if i.due_date + timedelta(days=7) < ON}
    whole = [e for e in left_out if e.item_id is None]
    if whole:
        assert not notices and whole[0].cents == sum(late.values())
    else:
        seen = {i.item_id: i.cents for n in notices for i in n.items}
        seen |= {e.item_id: e.cents for e in left_out if e.item_id is not None}
        assert seen == late
    assert len(notices) <= 1


MANDATE = MandateView(1, "CORE", date(2024, 1, 1), None)


def due(**more: object) -> DueItem:
    values = {
        "item_id": 1,
        "account_id": 7,
        "cents": 100,
        "due_date": ON,
        "announced_on": date(2026, 10, 1),
        **more,
    }
    return DueItem(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("item", "mandate", "code"),
    [
        (due(), MANDATE, None),
        (due(in_collection=True), MANDATE, "in_collection"),
        (due(blocked="Widerspruch"), MANDATE, "blocked"),
        (due(deferred_until=ON), MANDATE, "deferred"),
        (due(deferred_until=ON - timedelta(days=1)), MANDATE, None),
        (due(due_date=ON + timedelta(days=1)), MANDATE, "not_due"),
        (due(), None, "no_mandate"),
        (due(), replace(MANDATE, problem="gesperrt"), "mandate"),
        (due(), replace(MANDATE, signed_on=date(2023, 11, 8)), "mandate_lapsed"),
        (due(), replace(MANDATE, signed_on=date(2023, 11, 9)), None),
        (due(), replace(MANDATE, signed_on=date(2020, 1, 1), last_used_on=date(2026, 1, 1)), None),
        (due(announced_on=None), MANDATE, "not_announced"),
        (due(announced_on=ON - timedelta(days=13)), MANDATE, "announced_late"),
        (due(announced_on=ON - timedelta(days=14)), MANDATE, None),
    ],
)
def test_debit_selection(item: DueItem, mandate: MandateView | None, code: str | None) -> None:
    mandates = {7: mandate} if mandate else {}
    debits, excluded = select([item], mandates, ON, 14)
    assert [e.code for e in excluded] == ([code] if code else [])
    assert [d.cents for d in debits] == ([] if code else [100])


def test_items_of_an_account_are_collected_together() -> None:
    items = [due(item_id=2, due_date=ON - timedelta(days=1)), due(item_id=1), due(item_id=3, account_id=8)]
    debits, _ = select(items, {7: MANDATE, 8: MANDATE}, ON, 14)
    assert [(d.account_id, [i.item_id for i in d.items], d.cents, d.sequence) for d in debits] == [
        (7, [2, 1], 200, "RCUR"),
        (8, [3], 100, "RCUR"),
    ]


@pytest.mark.parametrize(
    ("code", "action", "retry"),
    [
        ("AM04", Action.RETRY_ONCE, True),
        ("MS03", Action.RETRY_ONCE, True),
        ("AC01", Action.BLOCK_MANDATE, False),
        ("AC04", Action.BLOCK_MANDATE, False),
        ("MD01", Action.BLOCK_MANDATE, False),
        ("MD07", Action.BLOCK_MANDATE, False),
        ("MD06", Action.BLOCK_DEBIT, False),
        ("ZZ99", Action.BLOCK_DEBIT, False),
        ("", Action.BLOCK_DEBIT, False),
    ],
)
def test_return_reasons(code: str, action: Action, retry: bool) -> None:
    rule = rule_for(code, ON)
    assert (rule.action, may_retry(rule, 1)) == (action, retry)
    assert not may_retry(rule, 2), "one re-presentation at most"


def test_return_rules_are_dated_and_unambiguous() -> None:
    codes = [code for rule in RULES for code in rule.codes]
    assert len(codes) == len(set(codes))
    ended = replace(RULES[0], valid_until=date(2020, 1, 1))
    assert not ended.valid_on(date(2020, 1, 1)) and ended.valid_on(date(2019, 12, 31))
    assert not RULES[0].valid_on(date(2013, 1, 1))


@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(-5000, 5000))))
def test_ageing_buckets_sum_to_the_account(rows: list[tuple[int, int]]) -> None:
    buckets = age([(ON - timedelta(days=days), cents) for days, cents in rows], ON)
    assert sum(b.cents for b in buckets) == sum(cents for _, cents in rows)
    assert sum(b.count for b in buckets) == len(rows)


@pytest.mark.parametrize(
    ("days", "index"), [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (90, 3), (180, 4), (361, 6)]
)
def test_ageing_bounds(days: int, index: int) -> None:
    buckets = age([(ON - timedelta(days=days), 100)], ON)
    assert [b.label for b in buckets if b.cents] == [LABELS[index]]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("DE02120300000000202051", True),
        ("DE03120300000000202051", False),
        ("DE0212030000000020205", False),
        ("NL91ABNA0417164300", True),
        ("de02120300000000202051", False),
        ("", False),
    ],
)
def test_iban(text: str, good: bool) -> None:
    assert iban_valid(text) is good


def test_creditor_identifier_ignores_the_business_code() -> None:
    assert creditor_id_valid("DE98ZZZ09999999999") and creditor_id_valid("DE98ABC09999999999")
    assert not creditor_id_valid("DE97ZZZ09999999999") and not creditor_id_valid("DE98")


@pytest.mark.parametrize(
    ("payments", "requests", "expected"),
    [
        ([(9, 90), (10, 90)], [(9, 98), (10, 98)], Outdated(90, 98)),
        ([(9, 98), (10, 98)], [(9, 98), (10, 98)], None),
        ([(9, 90), (10, 95)], [(9, 98), (10, 98)], None),
        ([(10, 90)], [(9, 98), (10, 98)], None),
        ([(9, 90), (9, 8), (10, 90)], [(9, 98), (10, 98)], None),
        ([(9, 90), (10, 90)], [(9, 90), (10, 98)], None),
        ([(8, 90), (9, 98), (10, 98)], [(8, 90), (9, 98), (10, 98)], None),
        ([], [], None),
    ],
)
def test_outdated_standing_order(
    payments: list[tuple[int, int]], requests: list[tuple[int, int]], expected: Outdated | None
) -> None:
    def dated(rows: list[tuple[int, int]]) -> list[tuple[date, int]]:
        return [(date(2026, month, 5), cents) for month, cents in rows]

    assert outdated(dated(payments), dated(requests)) == expected
