"""Packing loses nothing, saves room where there is room to save, and notices damage."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.documents.calc.packing import PLAIN, ZSTD, pack, unpack


@given(st.binary(max_size=3000), st.integers(1, 400))
def test_what_is_unpacked_is_what_came(seed: bytes, times: int) -> None:
    content = seed * times
    packing, stored = pack(content)
    assert unpack(packing, stored) == content
    assert len(stored) <= len(content)


def test_text_shrinks_and_what_is_packed_stays_as_it_is() -> None:
    message = b"QTY+220:1,234'DTM+163:202611010000?+00:303'DTM+164:202611010015?+00:303'" * 500
    packing, stored = pack(message)
    assert packing == ZSTD
    assert len(stored) * 10 < len(message)
    noise = random.Random(1).randbytes(5000)
    assert pack(noise) == (PLAIN, noise)
    assert pack(b"short") == (PLAIN, b"short")


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:40] + b"\0\0" + b[42:], lambda b: b"x" + b]
)
def test_damage_is_noticed(damage: object) -> None:
    _, stored = pack(bytes(range(256)) * 64)
    with pytest.raises(ValueError, match="beschädigt"):
        unpack(ZSTD, damage(stored))  # type: ignore[operator]


def test_an_unknown_packing_is_named() -> None:
    with pytest.raises(ValueError, match="lz77"):
        unpack("lz77", b"")
