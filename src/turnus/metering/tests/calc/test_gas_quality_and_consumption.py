"""Gas quality over time; consumption between readings and by month."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.lib.period import Period
from turnus.metering.calc.consumption import Advance, RegisterPoint, advances, by_month
from turnus.metering.calc.gas_quality import Both, Delivery, Piece, join_kinds, timeline

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
JAN = date(2026, 1, 1)


def delivery(first: int, end: int, value: str, hours: int = 0, quality: str = "true") -> Delivery:
    return Delivery(
        JAN + timedelta(first), JAN + timedelta(end), Decimal(value), quality, T0 + timedelta(hours=hours)
    )


def days(pieces: list[Piece]) -> list[tuple[int, int, int]]:
    return [((p.start - JAN).days, (p.end - JAN).days, p.source) for p in pieces]


def test_a_later_value_cuts_the_former() -> None:
    assert days(timeline([delivery(0, 31, "11.4"), delivery(10, 20, "11.2", 1)])) == [
        (0, 10, 0),
        (10, 20, 1),
        (20, 31, 0),
    ]


def test_a_substitute_fills_only_where_nothing_true_is_known() -> None:
    rows = [delivery(10, 20, "11.2"), delivery(0, 31, "11.4", 1, "substitute")]
    assert days(timeline(rows)) == [(0, 10, 1), (10, 20, 0), (20, 31, 1)]


def test_uncovered_days_stay_uncovered() -> None:
    assert days(timeline([delivery(0, 3, "11.4"), delivery(5, 6, "11.4")])) == [(0, 3, 0), (5, 6, 1)]


@given(
    st.lists(
        st.builds(
            lambda first, length, value, hours, quality: delivery(
                first, first + length, str(value), hours, quality
            ),
            st.integers(0, 9), st.integers(1, 9), st.integers(9, 12), st.integers(0, 90),
            st.sampled_from(["true", "substitute", "provisional"]),
        ),
        min_size=1, max_size=6, unique_by=lambda d: d.document_at,
    ).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_any_order_gives_the_same_timeline(orders: tuple[list[Delivery], list[Delivery]]) -> None:
    one, other = ([(p.start, p.end, rows[p.source]) for p in timeline(rows)] for rows in orders)
    assert one == other
    covered = {d for row in orders[0] for d in Period(row.start, row.end).each_day()}
    assert {d for start, end, _ in one for d in Period(start, end).each_day()} == covered
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(one))


def test_both_figures_hold_where_both_are_known() -> None:
    z, h1, h2 = Decimal("0.9543"), Decimal("11.412"), Decimal("11.3")
    feb, march = date(2026, 2, 1), date(2026, 3, 1)
    assert join_kinds([(JAN, march, z)], [(feb, date(2026, 4, 1), h2), (JAN, feb, h1)]) == [
        Both(JAN, feb, z, h1),
        Both(feb, march, z, h2),
    ]


def point(day: date, value: str, register: int = 1, estimated: bool = False) -> RegisterPoint:
    return RegisterPoint(register, day, Decimal(value), 5, Decimal(2), estimated)


def test_advances_use_factor_and_overflow() -> None:
    found = advances([point(date(2026, 2, 1), "40"), point(JAN, "99990", estimated=True)])
    assert found == [Advance(1, Period(JAN, date(2026, 2, 1)), Decimal(100), True)]


def test_months_of_an_advance_sum_to_it() -> None:
    year = [point(date(2025, 12, 17), "0"), point(date(2026, 2, 15), "30.05")]
    months = by_month(advances(year))
    assert list(months) == [(2025, 12), (2026, 1), (2026, 2)]
    assert sum(months.values()) == Decimal("60.10")
    assert months[2026, 1] == Decimal("31.1")  # 60.1 · 31/60 = 31.05 → 31.1
