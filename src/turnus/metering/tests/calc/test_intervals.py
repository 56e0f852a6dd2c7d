"""Interval days: the calendar, what several deliveries give together, gaps, the COPY stream."""

import struct
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.metering.calc.copy_format import COLUMNS, DayRow, binary_rows
from turnus.metering.calc.intervals import (
    Delivery,
    Gap,
    expected_count,
    find_gaps,
    put_together,
    sums,
    why_refused,
)
from turnus.metering.records import NewIntervalDay, Status

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "minutes", "is_gas_day", "count"),
    [
        (date(2026, 1, 5), 15, False, 96),
        (date(2026, 3, 29), 15, False, 92),
        (date(2026, 10, 25), 15, False, 100),
        (date(2026, 1, 5), 60, False, 24),
        (date(2026, 3, 29), 60, False, 23),
        (date(2026, 10, 25), 60, False, 25),
        # A gas day bears the date on which it begins: Saturday's loses or gains the hour.
        (date(2026, 3, 28), 60, True, 23),
        (date(2026, 3, 29), 60, True, 24),
        (date(2026, 10, 24), 60, True, 25),
    ],
)
def test_days_have_the_intervals_of_the_calendar(
    day: date, minutes: int, is_gas_day: bool, count: int
) -> None:
    assert expected_count(day, minutes, is_gas_day) == count
    assert why_refused(bytes(4 * count), bytes(count), 3, day, minutes, is_gas_day) == ""
    assert f"{count} Intervalle" in why_refused(bytes(4), b"\1", 3, day, minutes, is_gas_day)


def test_96_values_on_a_day_of_92_or_100_are_refused_with_the_reason() -> None:
    for day, count in ((date(2026, 3, 29), 92), (date(2026, 10, 25), 100)):
        reason = why_refused(bytes(4 * 96), bytes(96), 3, day, 15, False)
        assert "96 Werte" in reason
        assert f"hat {count} Intervalle" in reason
    assert "Statusangaben" in why_refused(bytes(4 * 96), bytes(95), 3, date(2026, 1, 5), 15, False)
    assert "7 Nachkommastellen" in why_refused(bytes(4 * 96), bytes(96), 7, date(2026, 1, 5), 15, False)


def delivery(values: list[int], status: list[int], hours: int = 0, scale: int = 0) -> Delivery:
    return Delivery(
        np.array(values, dtype="<i4").tobytes(), bytes(status), scale, T0 + timedelta(hours=hours)
    )


def numbers(values: bytes) -> list[int]:
    return np.frombuffer(values, dtype="<i4").tolist()


TRUE, SUBSTITUTE, MISSING = Status.TRUE, Status.SUBSTITUTE, Status.MISSING


def test_parts_of_a_day_make_the_day() -> None:
    whole = put_together([delivery([1, 2, 0, 0], [1, 1, 0, 0]), delivery([0, 0, 3, 4], [0, 0, 1, 1], 1)])
    assert numbers(whole.values) == [1, 2, 3, 4]
    assert whole.status == bytes([TRUE] * 4)
    assert (whole.winners, whole.only) == ((0, 0, 1, 1), None)


def test_a_substitute_does_not_displace_a_true_value() -> None:
    whole = put_together([delivery([1, 2], [TRUE, SUBSTITUTE]), delivery([8, 9], [SUBSTITUTE, TRUE], 1)])
    assert numbers(whole.values) == [1, 9]
    assert whole.status == bytes([TRUE, TRUE])


def test_a_later_true_day_counts_alone() -> None:
    whole = put_together([delivery([1, 2], [TRUE, TRUE]), delivery([3, 4], [TRUE, TRUE], 1)])
    assert (numbers(whole.values), whole.only) == ([3, 4], 1)


def test_different_scales_meet_at_the_finer_one() -> None:
    coarse, fine = delivery([12, 0], [TRUE, MISSING], scale=1), delivery([0, 345], [MISSING, TRUE], 1, 3)
    whole = put_together([coarse, fine])
    assert (numbers(whole.values), whole.scale) == ([1200, 345], 3)
    with pytest.raises(ValueError, match="32 Bit"):
        put_together([delivery([2**31 - 1, 0], [1, 0]), delivery([0, 1], [0, 1], 1, 3)])


statuses = st.sampled_from([0, 1, 2, 3, 4, 5])
deliveries = st.lists(
    st.builds(
        delivery,
        st.lists(st.integers(0, 9), min_size=4, max_size=4),
        st.lists(statuses, min_size=4, max_size=4),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda d: d.document_at,
)


@given(deliveries.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
@settings(max_examples=120, deadline=None)
def test_the_order_of_deliveries_does_not_matter(orders: tuple[list[Delivery], list[Delivery]]) -> None:
    one, other = map(put_together, orders)
    assert (one.values, one.status, one.scale) == (other.values, other.status, other.scale)
    for i, winner in enumerate(one.winners):
        if winner < 0:
            assert one.status[i] == MISSING
        else:
            assert one.status[i] == orders[0][winner].status[i]


def test_sums_leave_out_what_is_no_value() -> None:
    values = np.array([[1, 2, 3], [4, 5, 6]], dtype="<i4")
    status = np.array([[TRUE, MISSING, Status.UNUSABLE], [TRUE, SUBSTITUTE, TRUE]], dtype=np.uint8)
    found = sums(values, status)
    assert found.totals.tolist() == [1, 15]
    assert found.missing.tolist() == [2, 0]
    assert found.substitutes.tolist() == [0, 1]


def test_sums_do_not_overflow_32_bits() -> None:
    values = np.full((1, 96), 2**31 - 1, dtype="<i4")
    found = sums(values, np.full((1, 96), TRUE, dtype=np.uint8))
    assert found.totals.tolist() == [96 * (2**31 - 1)]


def test_gaps_are_runs_of_days_and_incomplete_days() -> None:
    days = [(date(2026, 1, 1), 0), (date(2026, 1, 4), 3), (date(2026, 1, 5), 0)]
    assert find_gaps(days, date(2026, 1, 1), date(2026, 1, 8)) == [
        Gap(date(2026, 1, 2), date(2026, 1, 4), 0),
        Gap(date(2026, 1, 4), date(2026, 1, 5), 3),
        Gap(date(2026, 1, 6), date(2026, 1, 8), 0),
    ]
    assert find_gaps([], date(2026, 1, 1), date(2026, 1, 3)) == [Gap(date(2026, 1, 1), date(2026, 1, 3), 0)]
    assert find_gaps([(date(2026, 1, 1), 0)], date(2026, 1, 1), date(2026, 1, 2)) == []


def test_the_copy_stream_is_what_postgresql_documents() -> None:
    day = NewIntervalDay(7, date(2026, 1, 5), np.array([5, 6], "<i4").tobytes(), b"\1\2", 3, T0)
    stream = b"".join(binary_rows([DayRow(day, 2, is_current=False, is_put_together=True)]))
    assert stream.startswith(b"PGCOPY\n\xff\r\n\0" + bytes(8))
    assert stream.endswith(b"\xff\xff")
    fields, at = [], 21
    assert struct.unpack(">h", stream[19:21]) == (len(COLUMNS),)
    for _ in COLUMNS:
        (length,) = struct.unpack(">i", stream[at : at + 4])
        fields.append(stream[at + 4 : at + 4 + length])
        at += 4 + length
    row = dict(zip(COLUMNS, fields, strict=True))
    assert at == len(stream) - 2
    assert struct.unpack(">q", row["series_id"]) == (7,)
    assert struct.unpack(">i", row["day"]) == ((date(2026, 1, 5) - date(2000, 1, 1)).days,)
    assert (row["version"], row["is_current"], row["is_put_together"]) == (b"\0\2", b"\0", b"\1")
    assert (row["values"], row["status"]) == (day.values, day.status)
    assert struct.unpack(">q", row["raw_total"]) == (11,)
    assert struct.unpack(">q", row["document_at"])[0] == (T0 - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
