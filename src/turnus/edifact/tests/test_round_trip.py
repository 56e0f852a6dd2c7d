"""Whatever is written is read back, and the reverse; and no bytes make the reader crash."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.edifact import (
    DEFAULT_CHARS,
    NotEdifact,
    Segment,
    ServiceChars,
    has_error,
    new_interchange,
    new_message,
    read,
    write,
)

CHARS = [DEFAULT_CHARS, ServiceChars(decimal=","), ServiceChars(";", "*", ",", "\\", " ", "~")]
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8)
TAGS = st.from_regex(r"[A-TV-Z][A-Z0-9]{2}", fullmatch=True)
SEGMENTS = st.builds(
    Segment,
    TAGS,
    st.lists(st.lists(TEXT, min_size=1, max_size=4).map(tuple), max_size=4).map(tuple),
)


@given(st.lists(st.lists(SEGMENTS, max_size=5), min_size=1, max_size=3), st.sampled_from(CHARS))
def test_what_is_written_is_read(bodies: list[list[Segment]], chars: ServiceChars) -> None:
    messages = [
        new_message(str(number), ("MSCONS", "D", "04B", "UN", "2.5"), body)
        for number, body in enumerate(bodies, 1)
    ]
    data = new_interchange(
        sender=("9900000000001", "500"),
        receiver=("9900000000002", "500"),
        reference="R",
        created=datetime(2026, 10, 1, 9, 0),  # noqa: DTZ001
        messages=messages,
        charset="UNOY",
        chars=chars,
    )
    (interchange,) = read(data)
    assert [message.segments for message in interchange.messages] == [
        message.segments for message in messages
    ]
    assert not has_error(interchange.findings)
    assert write([interchange]) == data


@settings(max_examples=300)
@given(
    st.binary(max_size=60),
    st.integers(0, 150),
    st.integers(0, 30),
    st.sampled_from([b"'", b"+", b"?", b"UN", b""]),
)
def test_no_bytes_crash_the_reader(noise: bytes, place: int, cut: int, joint: bytes) -> None:
    good = b"UNA:+.? 'UNB+UNOC:3+1+2+1:1+R'UNH+1+X:D'FTX+a?+b'UNT+3+1'UNH+2+X:D'UNT+2+2'UNZ+2+R'"
    data = good[:place] + joint + noise + good[place + cut :]
    try:
        interchanges = read(data)
    except NotEdifact:
        return
    for interchange in interchanges:
        for message in interchange.messages:
            assert len(message.offsets) == len(message.segments)
            assert all(0 <= offset < len(data) for offset in message.offsets)
