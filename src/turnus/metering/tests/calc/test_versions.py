"""Versions: which value counts, in whatever order they arrive."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.metering.calc.plausibility import Limits, RegisterFacts
from turnus.metering.calc.readings import plan_readings
from turnus.metering.calc.versions import Candidate, best, decide, rank
from turnus.metering.records import NewReading, Outcome

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DAY = date(2026, 1, 1)
FACTS = {1: RegisterFacts("1EMH1", 6, Decimal(1), date(2020, 1, 1), None, "electricity")}


def known(quality: str, value: int, at: int = 0, *, version: int = 1, is_current: bool = True,
          counts: bool = True, is_rejected: bool = False) -> Candidate:  # fmt: skip
    moment, number = T0 + timedelta(hours=at), Decimal(value)
    return Candidate(version, number, quality, "grid", moment, version, is_current, counts, is_rejected)


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        (known("substitute", 100), known("true", 110, 1), Outcome.STORED),
        (known("true", 100), known("substitute", 110, 1), Outcome.KEPT),
        (known("true", 100), known("true", 110, 1), Outcome.STORED),
        (known("true", 100), known("true", 110, -1), Outcome.KEPT),
        (known("true", 100), known("true", 100), Outcome.UNCHANGED),
        (known("substitute", 100), known("true", 100, 1), Outcome.STORED),
        (known("estimate", 100), known("provisional", 90, -5), Outcome.STORED),
        (known("true", 100, is_current=False, counts=False), known("true", 100, 1), Outcome.UNCHANGED),
        (
            known("true", 100, is_current=False, counts=False, is_rejected=True),
            known("true", 100, 1),
            Outcome.STORED,
        ),
        (
            known("true", 100, is_current=False, counts=False, is_rejected=True),
            known("true", 100),
            Outcome.UNCHANGED,
        ),
    ],
)
def test_a_second_value(old: Candidate, new: Candidate, outcome: Outcome) -> None:
    assert decide([old], new).outcome is outcome


def test_a_customer_does_not_overrule_the_grid_operator() -> None:
    assert rank("true", "customer", T0 + timedelta(days=9)) < rank("true", "grid", T0)
    assert rank("true", "customer", T0) > rank("substitute", "grid", T0 + timedelta(days=9))


def test_blocked_versions_never_count() -> None:
    assert best([known("true", 1, counts=False)]) is None
    assert best([known("true", 1, counts=False), known("estimate", 2)]) == known("estimate", 2)


readings = st.lists(
    st.builds(
        lambda value, quality, origin, hours: NewReading(
            1, DAY, Decimal(value), origin, quality, document_at=T0 + timedelta(hours=hours)
        ),
        st.integers(0, 4),
        st.sampled_from(["true", "substitute", "provisional", "estimate"]),
        st.sampled_from(["grid", "customer"]),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda r: r.document_at,
)


def current(arrivals: list[NewReading]) -> tuple[Decimal, str, str]:
    """What counts after the readings arrived one by one, in this order, within one batch of plans."""
    versions: list[Candidate] = []
    for one in arrivals:
        assert one.document_at is not None
        new = Candidate(
            len(versions) + 1, one.value, one.quality, one.origin, one.document_at, len(versions) + 1
        )
        decision = decide(versions, new)
        if decision.confirms is not None:
            index = versions.index(decision.confirms)
            versions[index] = Candidate(**{**_fields(versions[index]), "document_at": one.document_at})
        if decision.outcome is Outcome.UNCHANGED:
            continue
        if decision.outcome is Outcome.STORED:
            versions = [Candidate(**{**_fields(v), "is_current": False}) for v in versions]
        versions.append(Candidate(**{**_fields(new), "is_current": decision.outcome is Outcome.STORED}))
    counting = [v for v in versions if v.is_current]
    assert len(counting) == 1
    return counting[0].content


def _fields(one: Candidate) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


@given(readings.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
@settings(max_examples=150, deadline=None)
def test_any_order_of_arrival_ends_in_the_same_current_value(
    orders: tuple[list[NewReading], list[NewReading]],
) -> None:
    rows, shuffled = orders
    expected = max(rows, key=lambda r: rank(r.quality, r.origin, r.document_at or T0))
    assert current(rows) == current(shuffled) == (expected.value, expected.quality, expected.origin)


@given(readings)
@settings(max_examples=60, deadline=None)
def test_one_batch_ends_like_single_arrivals(rows: list[NewReading]) -> None:
    plan = plan_readings(readings=rows, facts=FACTS, known=[], at=T0, today=date(2026, 2, 1), limits=Limits())
    counting = [r.reading for r in plan.rows if r.is_current]
    assert [(r.value, r.quality, r.origin) for r in counting] == [current(rows)]
    assert sorted(plan.items) == list(range(len(rows)))
    versions = sorted(r.version for r in plan.rows)
    assert versions == list(range(1, len(versions) + 1))


def test_a_batch_of_years_is_judged_by_date_whatever_its_order() -> None:
    values = {date(2026, 1, 1): 3000, date(2024, 1, 1): 1000, date(2025, 1, 1): 2000}
    rows = [NewReading(1, day, Decimal(v), "grid", "true") for day, v in values.items()]
    plan = plan_readings(readings=rows, facts=FACTS, known=[], at=T0, today=date(2026, 2, 1), limits=Limits())
    assert [plan.items[p].outcome for p in range(3)] == [Outcome.STORED] * 3


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (NewReading(2, DAY, Decimal(1), "grid", "true"), "Zählwerk 2"),
        (NewReading(1, DAY, Decimal(-1), "grid", "true"), "nicht negativ"),
        (NewReading(1, DAY, Decimal("1.00001"), "grid", "true"), "4 nach dem Komma"),
        (NewReading(1, DAY, Decimal(1), "grid", "wahr"), "„wahr“"),
        (NewReading(1, DAY, Decimal(1), "post", "true"), "„post“"),
    ],
)
def test_impossible_readings_are_refused_with_a_reason(one: NewReading, words: str) -> None:
    plan = plan_readings(readings=[one], facts=FACTS, known=[], at=T0, today=DAY, limits=Limits())
    assert plan.rows == []
    assert plan.items[0].outcome is Outcome.REFUSED
    assert words in plan.items[0].reason
