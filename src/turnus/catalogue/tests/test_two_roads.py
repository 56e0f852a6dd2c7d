"""Both roads give the same answer: for good files, for every mutation, for all samples."""

from __future__ import annotations

import importlib.util
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.catalogue.mscons.read import _regular, read_file
from turnus.catalogue.mscons.records import Checked, Status
from turnus.edifact import InterchangeTail, NotEdifact
from turnus.edifact.reader import find_start

_spec = importlib.util.spec_from_file_location("mscons_text", Path(__file__).with_name("mscons_text.py"))
assert _spec and _spec.loader
text = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(text)

DAY = date(2026, 10, 30)
NUMBERS = [f"{number % 13},{number * 37 % 1000:03d}" for number in range(96)]
SUBSTITUTE = "STS+Z32++Z92'STS+Z40++Z75"
PIECES = [
    b"'",
    b"+",
    b":",
    b"?",
    b"?'",
    b"\n",
    b"'\r\n",
    b"UNH+9+",
    b"'UNT+3+1'",
    b"'UNZ+1+REF0001'",
    b"-",
    b".",
]
PIECES += [
    b"QTY+67:1,5",
    b"'STS+Z34++ZA4'",
    b"'LIN+2'",
    b"12345678901234,5",
    b"0",
    b":KWH",
    b"?+02:303",
    b"\xe4",
]


@pytest.fixture
def shared() -> Path:
    """The samples beside the repository; these tests also run where neither Django nor conftest is."""
    folder = Path(os.environ.get("TURNUS_SHARED", Path(__file__).parents[4].parent / "shared"))
    if not folder.is_dir():
        pytest.skip("reference material (TURNUS_SHARED or ../shared) is not here")
    return folder


def both(data: bytes) -> list[object]:
    exact = list(read_file(data, fast=False))
    assert list(read_file(data)) == exact
    return exact


def taken_fast(data: bytes) -> bool:
    return _regular(data, find_start(data)) is not None


def checked(data: bytes) -> list[Checked]:
    return [event for event in both(data) if isinstance(event, Checked)]


def mixed() -> bytes:
    return text.interchange(
        [
            text.profile(DAY, NUMBERS, reference="1"),
            text.profile(DAY, NUMBERS[:40], reference="2", qualifier="67", status=SUBSTITUTE),
            text.profile(DAY, ["7:KWH"] * 96, reference="3", pid="13022", document="Z45", obis="AUA"),
            text.profile(DAY, ["1", "2,5", "100000,125"] * 32, reference="4", qualifier="Z18"),
        ]
    )


@pytest.mark.parametrize(("day", "count"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100), (DAY, 96)])
def test_a_whole_day(day: date, count: int) -> None:
    data = text.interchange(
        [text.profile(day, (NUMBERS * 2)[:count], version="2.4c" if day.month == 3 else "2.5")]
    )
    assert taken_fast(data)
    (message,) = checked(data)
    assert message.findings == ()
    assert message.content is not None
    (block,) = message.content.days
    assert (block.day, block.present, block.scale, len(block.values), block.minutes) == (
        day,
        count,
        3,
        4 * count,
        15,
    )
    assert set(block.status) == {Status.TRUE}
    assert int.from_bytes(block.values[4:8], "little") == 1037
    assert block.place.location == text.LOCATION
    assert block.place.product == "1-1:1.29.0"


def test_96_values_on_the_day_of_the_change_are_refused() -> None:
    (message,) = checked(text.interchange([text.profile(date(2026, 3, 29), NUMBERS, version="2.4c")]))
    assert [finding.code for finding in message.findings] == ["period_not_whole_days"]
    assert not message.ok


def test_partial_day_marks_what_is_missing() -> None:
    (message,) = checked(text.interchange([text.profile(DAY, NUMBERS[:10])]))
    assert message.content is not None
    (block,) = message.content.days
    assert list(block.status) == [Status.TRUE] * 10 + [Status.MISSING] * 86
    assert [finding.severity for finding in message.findings] == ["warning"]


def test_gas_day_of_hours() -> None:
    from turnus.lib import market_time

    start = market_time.gas_day_start(date(2026, 10, 24))
    gas = {"pid": "13008", "document": "7", "minutes": 60, "obis": "7-20?:99.33.17", "start": start}
    data = text.interchange([text.profile(date(2026, 10, 24), ["1,5"] * 25, **gas)])
    (message,) = checked(data)
    assert message.content is not None
    (block,) = message.content.days
    assert (block.day, block.minutes, block.is_gas_day, block.present) == (date(2026, 10, 24), 60, True, 25)


def test_mixture_and_duplicate_references() -> None:
    messages = checked(mixed())
    assert [message.content.values for message in messages if message.content] == [96, 40, 96, 96]
    again = text.interchange([text.profile(DAY, NUMBERS), text.profile(DAY, NUMBERS)])
    assert [[finding.code for finding in message.findings] for message in checked(again)] == [
        [],
        ["duplicate_reference"],
    ]


def test_files_longer_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnus.catalogue.mscons.read.CHUNK", 20_000)
    monkeypatch.setattr("turnus.catalogue.mscons.read._STEP", 7_001)
    messages = [text.profile(DAY, NUMBERS, reference=str(number)) for number in range(1, 25)]
    data = text.interchange(messages)
    broken = data.replace(b"UNT+302+17'", b"UNT+303+17'").replace(b"QTY+220:1,037", b"QTY+220:x", 3)
    assert len(checked(data)) == len(messages)
    assert sum(not message.ok for message in checked(broken)) >= 3


@pytest.mark.parametrize("reference", [b"?REF0001", b"REF0001:1"])
def test_an_escaped_or_composed_reference_in_unz_takes_the_exact_road(reference: bytes) -> None:
    """Found by the mutations below: the fast road took the reference as it stands."""
    data = mixed().replace(b"UNZ+4+REF0001", b"UNZ+4+" + reference)
    assert not taken_fast(data)
    (tail,) = [event for event in both(data) if isinstance(event, InterchangeTail)]
    assert tail.unz is not None
    assert tail.unz.get(2) == "REF0001"


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_mutations(data: st.DataObject) -> None:
    original = mixed()
    place = data.draw(st.integers(0, len(original)))
    cut = data.draw(st.sampled_from([0, 0, 1, 1, 2, 5, 28, 90]))
    piece = data.draw(
        st.one_of(st.sampled_from(PIECES), st.binary(max_size=3), st.integers(0, 9).map(b"%d".__mod__))
    )
    mutated = original[:place] + piece + original[place + cut :]
    try:
        events = both(mutated)
    except NotEdifact:
        with pytest.raises(NotEdifact):
            list(read_file(mutated))
    else:
        assert isinstance(events[-1], InterchangeTail)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(b"0123456789:+'?,.-AZ")), min_size=1, max_size=3)
)
def test_single_characters(changes: list[tuple[int, int]]) -> None:
    """Change characters of a short message: most hit a value group."""
    mutated = bytearray(text.interchange([text.profile(DAY, NUMBERS[:30], status="STS+Z34++ZA4")]))
    for place, char in changes:
        mutated[place % len(mutated)] = char
    try:
        events = both(bytes(mutated))
    except NotEdifact:
        return
    assert isinstance(events[-1], InterchangeTail)


@pytest.mark.parametrize(
    "mutated",
    [
        text.interchange([text.profile(DAY, NUMBERS)]).replace(b"UNZ+", b"UNZ'+"),
        text.interchange([text.profile(DAY, NUMBERS)]).replace(b"UNZ+1+REF", b"UNZ+1++REF"),
        text.interchange([text.profile(DAY, NUMBERS)]).replace(b"UNZ+", b"UNZX+"),
        text.interchange([text.profile(DAY, NUMBERS)]) + b"rest",
        text.interchange([text.profile(DAY, NUMBERS)]).replace(b"LIN+1'", b"LIN+1'PIA+1'"),
        text.interchange([text.profile(DAY, NUMBERS)]).replace(b"QTY+220:2,074'", b"QTY+220:2,074:KWH'"),
    ],
)
def test_mutations_that_once_told_the_roads_apart(mutated: bytes) -> None:
    assert isinstance(both(mutated)[-1], InterchangeTail)


def test_a_last_line_break_does_not_slow_a_file_down() -> None:
    data = text.interchange([text.profile(DAY, NUMBERS)])
    for end in (b"\n", b"\r\n", b"\n\n"):
        assert taken_fast(data + end)
        assert both(data + end) == both(data)


def test_all_samples_take_both_roads(shared: Path) -> None:
    files = sorted((shared / "samples" / "edifact" / "MSCONS").iterdir())
    assert files
    for path in files:
        assert isinstance(both(path.read_bytes())[-1], InterchangeTail)


def test_genuine_load_profiles_are_fast_and_complete(shared: Path) -> None:
    for path in sorted((shared / "samples" / "edifact" / "MSCONS").glob("real_alkofer_MSCONS_TL*")):
        data = path.read_bytes()
        assert taken_fast(data)
        for message in checked(data):
            assert message.findings == ()
            assert message.content is not None
            assert [(block.present, len(block.status)) for block in message.content.days] == [(96, 96)]
