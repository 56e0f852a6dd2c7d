"""The threshold of a disconnection: worked numbers and the cent on either side of every border."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.receivables.calc.disconnection import (
    AccountArrears,
    Assessment,
    Claim,
    ExclusionReason,
    Resting,
    Supply,
    VerdictCode,
    assess,
    disconnection_rules,
    rule_on,
)

DAY = date(2026, 11, 9)
RULE = rule_on(DAY)
ELECTRICITY = Supply(1, "electricity", 9800, 124415)
WITHOUT_PLAN = replace(ELECTRICITY, instalment_cents=None)
DISPUTED = ExclusionReason.DISPUTED


def claim(cents: int, item_id: int = 1, due: date = date(2026, 10, 2), **more: object) -> Claim:
    return Claim(item_id, f"P{item_id}", cents, due, "electricity", **more)  # type: ignore[arg-type]


def judged(
    *claims: Claim, supply: Supply = ELECTRICITY, resting: tuple[Resting, ...] = (), credit: int = 0,
    problem: str = "", on: date = DAY,
) -> Assessment:  # fmt: skip
    account = AccountArrears(1, claims, resting, credit, problem)
    (verdict,) = assess(account, [supply], rule_on(on), on)
    return verdict


SMALL = replace(ELECTRICITY, instalment_cents=3000)
# what is owed and supplied → arrears that count, what was needed, verdict (cents)
BORDERS = {
    "exactly two instalments": (judged(claim(9800), claim(9800, 2)), 19600, 19600, "eligible"),
    "one cent below two": (judged(claim(9800), claim(9799, 2)), 19599, 19600, "below_instalments"),
    "two small instalments, 99.99": (judged(claim(9999), supply=SMALL), 9999, 10000, "below_minimum"),
    "two small instalments, 100.00": (judged(claim(10000), supply=SMALL), 10000, 10000, "eligible"),
    # 1,244.15 € ÷ 6 = 207.3583… €: 207.35 is less than a sixth, 207.36 is not
    "a sixth of the year": (judged(claim(20736), supply=WITHOUT_PLAN), 20736, 20736, "eligible"),
    "just below a sixth": (judged(claim(20735), supply=WITHOUT_PLAN), 20735, 20736, "below_year_share"),
    "a sixth, even": (
        judged(claim(10000), supply=replace(WITHOUT_PLAN, year_cents=60000)), 10000, 10000, "eligible",
    ),
    "a sixth below 100 €": (
        judged(claim(9999), supply=replace(WITHOUT_PLAN, year_cents=30000)), 9999, 10000, "below_minimum",
    ),
    "nobody knows instalment or year": (
        judged(claim(90000), supply=replace(WITHOUT_PLAN, year_cents=None)), 90000, 10000, "no_basis",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BORDERS)
def test_the_cent_on_either_side_of_a_border_decides(case: str) -> None:
    verdict, arrears, required, code = BORDERS[case]
    assert (verdict.arrears_cents, verdict.required_cents, verdict.code.value) == (arrears, required, code)
    assert verdict.eligible is (code == "eligible")


TWO = (claim(9800), claim(9800, 2))
# what stands against counting a claim → what still counts of 2 × 98.00, code of the exclusion, its cents
EXCLUDED = {
    "one cent in dispute": (judged(*TWO, resting=(Resting(DISPUTED, "x", 1, 1),)), 19599, "disputed", 1),
    "an item in dispute": (judged(*TWO, resting=(Resting(DISPUTED, "x", 2),)), 9800, "disputed", 9800),
    "an amount of the account": (
        judged(*TWO, resting=(Resting(DISPUTED, "x", None, 4600),)), 15000, "disputed", 4600,
    ),
    "the account deferred": (
        judged(*TWO, resting=(Resting(ExclusionReason.AGREED, "x"),)), 0, "agreed", 9800,
    ),
    "due today is not overdue": (judged(claim(9800), claim(9800, 2, DAY)), 9800, "not_due", 9800),
    "a bill nobody was reminded of": (
        judged(claim(9800), claim(9800, 2, in_default=False)), 9800, "not_in_default", 9800,
    ),
    "fees": (judged(claim(9800), claim(9800, 2, is_cost=True)), 9800, "cost", 9800),
    "money being collected": (
        judged(claim(9800), claim(9800, 2, in_collection=True)), 9800, "in_collection", 9800,
    ),
    "the other supply of the account": (
        judged(claim(9800), replace(claim(9800, 2), division="gas")), 9800, "other_division", 9800,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EXCLUDED)
def test_what_does_not_count_is_named_with_its_reason(case: str) -> None:
    verdict, arrears, code, cents = EXCLUDED[case]
    assert verdict.arrears_cents == arrears
    assert (verdict.excluded[0].code.value, verdict.excluded[0].cents) == (code, cents)
    assert not verdict.eligible


def test_the_working_reads_like_a_calculation() -> None:
    verdict = judged(*TWO, claim(5000, 3), credit=1000, resting=(Resting(DISPUTED, "Widerspruch", 3, 2000),))
    assert [(step.text, step.cents, step.met) for step in verdict.steps] == [
        ("fällige Forderungen in Verzug", 22600, None),
        ("abzüglich Guthaben und Anzahlungen", -1000, None),
        ("Rückstand", 21600, None),
        ("2 × Abschlag von 98,00 €", 19600, True),
        ("mindestens", 10000, True),
    ]
    assert verdict.reason == "Rückstand 216,00 €, nötig 196,00 €: erreicht."
    assert [(part.item_id, part.cents) for part in verdict.counted] == [(1, 9800), (2, 9800), (3, 3000)]
    assert verdict.legal == "§ 41f EnWG"


def test_a_credit_is_a_payment_on_account() -> None:
    assert judged(*TWO, credit=1).code is VerdictCode.BELOW_INSTALMENTS
    assert judged(*TWO, credit=99999).arrears_cents == 0


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (judged(*TWO, problem="Insolvenz eröffnet."), VerdictCode.DEBTOR),
        (judged(*TWO, supply=replace(ELECTRICITY, is_household=False)), VerdictCode.OUT_OF_SCOPE),
        # before 23.12.2025 the regulation bound default supply alone
        (judged(*TWO, on=date(2025, 12, 22)), VerdictCode.NO_SUPPLY),
    ],
)
def test_whom_no_sum_makes_eligible(verdict: Assessment, code: VerdictCode) -> None:
    if code is VerdictCode.NO_SUPPLY:
        (verdict,) = assess(AccountArrears(1, TWO), [], RULE, DAY)
        assert verdict.arrears_cents == 19600
    assert (verdict.code, verdict.eligible) == (code, False)


def test_the_law_of_the_day_decides() -> None:
    early = tuple(replace(one, due_date=date(2025, 10, 1)) for one in TWO)
    default = replace(ELECTRICITY, is_default_supply=True)
    assert judged(*early, on=date(2025, 12, 22)).code is VerdictCode.OUT_OF_SCOPE
    assert judged(*early, supply=default, on=date(2025, 12, 22)).legal == "§ 19 Abs. 2 StromGVV/GasGVV"
    assert judged(*early, supply=default, on=date(2025, 12, 22)).eligible
    assert judged(*early, on=date(2025, 12, 23)).eligible
    with pytest.raises(ValueError, match=r"30\.11\.2021"):
        rule_on(date(2021, 11, 30))


def test_the_rules_follow_each_other_without_a_gap_and_name_their_source() -> None:
    rules = disconnection_rules()
    for former, later in pairwise(rules):
        assert former.last is not None
        assert former.last + timedelta(days=1) == later.first
    assert rules[-1].last is None
    assert all(rule.source and rule.legal for rule in rules)


def test_two_divisions_over_one_account_are_judged_apart() -> None:
    gas = Supply(1, "gas", 12000, None)
    account = AccountArrears(
        1, (*TWO, replace(claim(5000, 3), division="gas"), Claim(4, "?", 9900, DAY - timedelta(9)))
    )
    electricity, other = assess(account, [ELECTRICITY, gas], RULE, DAY)
    assert (electricity.arrears_cents, electricity.eligible) == (19600, True)
    assert (other.arrears_cents, other.code) == (5000, VerdictCode.BELOW_INSTALMENTS)
    # What names no division counts for neither; over an account with one division it counts.
    assert 4 in [part.item_id for part in electricity.excluded]
    (alone,) = assess(replace(account, claims=account.claims[3:]), [gas], RULE, DAY)
    assert alone.arrears_cents == 9900


@given(
    st.lists(st.tuples(st.integers(1, 50000), st.integers(0, 400), st.booleans(), st.booleans()), max_size=6),
    st.lists(st.tuples(st.sampled_from([None, 0, 1, 2, 3]), st.none() | st.integers(1, 30000)), max_size=3),
    st.integers(0, 20000),
)
def test_property_every_cent_counts_or_has_its_reason(
    owed: list[tuple[int, int, bool, bool]], blocks: list[tuple[int | None, int | None]], credit: int
) -> None:
    claims = [
        claim(cents, place, DAY - timedelta(days=age - 20), in_default=default, is_cost=cost)
        for place, (cents, age, default, cost) in enumerate(owed)
    ]
    resting = tuple(Resting(DISPUTED, "x", item_id, cents) for item_id, cents in blocks)
    verdict = judged(*claims, resting=resting, credit=credit)
    shares = {one.item_id: 0 for one in claims}
    for part in (*verdict.counted, *verdict.excluded):
        assert part.cents > 0
        shares[part.item_id] += part.cents
    assert shares == {one.item_id: one.open_cents for one in claims}
    assert verdict.arrears_cents == max(sum(part.cents for part in verdict.counted) - credit, 0)
    # More in dispute never makes a customer eligible.
    if not verdict.eligible:
        assert not judged(
            *claims, resting=(*resting, Resting(DISPUTED, "y", None, 5000)), credit=credit
        ).eligible
