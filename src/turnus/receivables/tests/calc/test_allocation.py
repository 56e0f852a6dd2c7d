"""The allocation ladder, told as a table: what the payer wrote, what becomes of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.receivables.calc.allocation import (
    Account,
    Decision,
    Item,
    Pool,
    Receipt,
    Target,
    allocate,
    same_name,
)
from turnus.receivables.calc.redemption import COSTS, INTEREST, PRINCIPAL, Debt, redeem
from turnus.receivables.calc.references import Shape, lookups, mentions, reference_key
from turnus.receivables.calc.suggestions import rank

DAY = date(2026, 11, 9)
SHAPES = (Shape("R", 8), Shape("", 8), Shape("K", 7))


def item(item_id: int, cents: int, reference: str = "", due: date = date(2026, 10, 1), **debt: int) -> Item:
    name = reference or f"A{item_id}"
    return Item(Debt(item_id, cents, due, item_id, **debt), name, name, "bill")


# Two customers; Muster has a bill of 131.28 and two instalments of 98.00, Grün has two accounts on one IBAN.
ACCOUNTS = {
    1: Account(
        1,
        "10000001 Erika Muster",
        ("Erika Muster",),
        (
            item(11, 13128, "R00012345"),
            item(12, 9800, "A10", date(2026, 10, 2)),
            item(13, 9800, "A11", date(2026, 11, 2)),
        ),
    ),
    2: Account(2, "10000002 Jörg Grün", ("Jörg Grün",), (item(21, 5000, "R00012346"),)),
    3: Account(3, "10000003 Jörg Grün", ("Jörg Grün",), (item(31, 7000, "R00012347"),)),
    4: Account(4, "10000004 Anna Leer", ("Anna Leer",)),
}
POOL = Pool(
    accounts=ACCOUNTS,
    references={
        "R00012345": Target(1, 11, True),
        "R00012346": Target(2, 21, True),
        "R00012347": Target(3, 31, True),
        "R00012300": Target(1, None, True),
        "10000001": Target(1),
        "10000004": Target(4),
        "K0000777": Target(1),
    },
    mandates={"M4711": 1},
    ibans={"DE01": (1,), "DE02": (2, 3)},
    by_amount={5000: (2,), 9800: (1,)},
    shapes=SHAPES,
)

TABLE = [
    # text, cents, other signs → account, rung, how, lines
    ("R00012345", 13128, {}, 1, "reference", "exact", ((11, 13128),)),
    ("Rg. r 0001 2345 / Danke", 13128, {}, 1, "reference", "exact", ((11, 13128),)),
    ("RECHNUNG R-000-12345", 13128, {}, 1, "reference", "exact", ((11, 13128),)),
    ("Rechnung 12345", 13128, {}, 1, "reference", "exact", ((11, 13128),)),
    ("Rechnung 12345", 4000, {}, None, "", "suspense", ()),  # incomplete number, nothing confirms it
    ("Rechnung 12345", 4000, {"iban": "DE01"}, 1, "reference", "redemption", ((11, 4000),)),
    ("R00012345", 13050, {}, 1, "reference", "tolerance", ((11, 13050),)),
    ("R00012345", 13200, {}, 1, "reference", "tolerance", ((11, 13128),)),
    ("R00012345 R00012346", 18128, {}, None, "", "suspense", ()),  # bills of two customers
    ("Konto 10000001", 19600, {}, 1, "account", "combination", ((12, 9800), (13, 9800))),
    ("Konto 10000001", 32728, {}, 1, "account", "combination", ((11, 13128), (12, 9800), (13, 9800))),
    ("K0000777 Abschlag", 9800, {}, 1, "account", "exact", ((12, 9800),)),
    ("alte Rechnung R00012300", 13128, {}, 1, "reference", "exact", ((11, 13128),)),
    ("", 9800, {"mandate": "M4711"}, 1, "mandate", "exact", ((12, 9800),)),
    ("Strom", 9800, {"iban": "DE01"}, 1, "iban", "exact", ((12, 9800),)),
    ("Strom", 7000, {"iban": "DE02"}, 3, "iban", "exact", ((31, 7000),)),
    ("Strom", 6000, {"iban": "DE02"}, None, "", "suspense", ()),
    ("Strom", 5000, {"name": "GRUEN, JOERG"}, 2, "amount", "exact", ((21, 5000),)),
    ("Strom", 5000, {"name": "Peter Rot"}, None, "", "suspense", ()),
    ("Konto 10000004", 100, {}, 4, "account", "credit", ()),
    ("Telefon 0201 4711", 9800, {}, None, "", "suspense", ()),
]


@pytest.mark.parametrize(("text", "cents", "signs", "account", "rung", "match", "lines"), TABLE)
def test_ladder(
    text: str,
    cents: int,
    signs: dict[str, str],
    account: int | None,
    rung: str,
    match: str,
    lines: tuple[tuple[int, int], ...],
) -> None:
    decision = allocate(Receipt(cents, DAY, text, **signs), POOL)
    assert (decision.account_id, decision.rung, decision.match, decision.lines) == (
        account,
        rung,
        match,
        lines,
    )
    assert decision.reason.endswith(".") and len(decision.reason) > 15


def test_overpayment_leaves_a_credit_and_underpayment_within_tolerance_is_named() -> None:
    over = allocate(Receipt(13200, DAY, "R00012345"), POOL)
    assert (over.rest, over.shortfall) == (72, 0)
    under = allocate(Receipt(13050, DAY, "R00012345"), POOL)
    assert (under.rest, under.shortfall) == (0, 78)
    assert "0,78 €" in under.reason
    everything = allocate(Receipt(40000, DAY, "R00012345"), POOL)
    assert (everything.match, everything.rest) == ("redemption", 40000 - 32728)


@given(
    cents=st.integers(1, 60000),
    text=st.sampled_from(["R00012345", "10000001", "12345", "nichts", "R00012345 R00012346", ""]),
    iban=st.sampled_from(["", "DE01", "DE02"]),
    name=st.sampled_from(["", "Erika Muster", "Jörg Grün"]),
)
def test_no_cent_is_lost_and_nothing_is_over_paid(cents: int, text: str, iban: str, name: str) -> None:
    decision = allocate(Receipt(cents, DAY, text, name, iban), POOL)
    check_conserved(decision, cents)


def check_conserved(decision: Decision, cents: int) -> None:
    if decision.account_id is None:
        assert not decision.lines
        return
    assert sum(part for _, part in decision.lines) + decision.rest == cents
    left = {i.item_id: i.open_cents for i in ACCOUNTS[decision.account_id].items}
    for item_id, part in decision.lines:
        left[item_id] -= part
        assert left[item_id] >= 0
    if decision.shortfall:
        assert left[decision.lines[-1][0]] == decision.shortfall <= POOL.tolerance_cents


def test_costs_then_interest_then_principal() -> None:
    """Handbook § 6: 50.00 on 3.00 / 1.20 / 120.00 → 3.00 / 1.20 / 45.80, rest 74.20."""
    due = date(2026, 1, 1)
    debts = [
        Debt(1, 12000, due, group=1, rank=PRINCIPAL),
        Debt(2, 120, due, group=1, rank=INTEREST),
        Debt(3, 300, due, group=1, rank=COSTS),
    ]
    assert redeem(debts, 5000, DAY) == (((3, 300), (2, 120), (1, 4580)), 0)


def test_order_of_redemption() -> None:
    old, older = date(2026, 9, 1), date(2026, 8, 1)
    debts = [
        Debt(1, 100, date(2026, 12, 1), 1),  # not due
        Debt(2, 100, older, 2, secured=True),
        Debt(3, 100, old, 3),
        Debt(4, 100, older, 4),
        Debt(5, 100, old, 5, burden=1),  # dunned: more burdensome
    ]
    assert [item_id for item_id, _ in redeem(debts, 500, DAY)[0]] == [5, 4, 3, 2, 1]
    assert [item_id for item_id, _ in redeem(debts, 100, DAY, designated=[1])[0]] == [1]
    equal = [Debt(n, 100 * n, old, n) for n in (1, 2, 3)]
    assert redeem(equal, 300, DAY) == (((1, 50), (2, 100), (3, 150)), 0)
    assert redeem(equal, 700, DAY) == (((1, 100), (2, 200), (3, 300)), 100)


def test_references_are_found_whole_or_not_at_all() -> None:
    known = {"R00012345": 1, "20000001": 1}

    def found(text: str) -> list[tuple[str, bool]]:
        return [(m.key, m.strong) for m in mentions(text, known, SHAPES)]

    assert found("R00012345, R00012345") == [("R00012345", True)]
    assert found("12345") == found("R12345") == found("r 12345") == [("R00012345", False)]
    assert found("K12345") == [], "a customer's number is no bill's"
    assert found("R000123456") == []
    assert found("99R00012345") == [("R00012345", True)]
    assert found("912345") == [] and found("1234") == []
    assert found("Kd 20000001 Rg R00012345") == [("20000001", True), ("R00012345", True)]
    both = {"R00012345": 1, "00012345": 2}
    assert mentions("12345", both, SHAPES) == [], "two things it could mean: neither"
    assert "R00012345" in lookups("RG 12345", SHAPES)
    assert reference_key(" re-2026/ä1 ") == "RE2026AE1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Erika Muster", "MUSTER ERIKA", True),
        ("Dr. Jörg Grün", "Gruen Joerg", True),
        ("Erika Muster und Max Muster", "Erika Muster", True),
        ("Muster", "Erika Muster", False),
        ("Erika Muster", "Erika Beispiel", False),
        ("", "", False),
    ],
)
def test_names(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same is same_name(other, one)


def test_suggestions_are_ranked_with_reasons() -> None:
    ranked = rank(Receipt(9800, DAY, "Muster Erika Strom", "Firma XY"), POOL, former=[2])
    assert [(s.account_id, s.item_id) for s in ranked] == [(1, 12), (2, None)]
    assert ranked[0].reasons == ("Name im Verwendungszweck", "Betrag von A10")
    assert ranked[1].reasons == ("früher von Hand zugeordnet",)
    assert rank(Receipt(1, DAY, "nichts", "Niemand"), POOL) == []
    assert rank(Receipt(1, DAY, "R00012345"), POOL, limit=1)[0].points == 45
