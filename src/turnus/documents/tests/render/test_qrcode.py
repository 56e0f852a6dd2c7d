"""Pay codes: read back module by module, and equal to what an independent encoder drew."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.documents.calc.bill import BillPayment, PaymentMethod
from turnus.documents.render import qrcode, sample
from turnus.documents.render.records import payload_of

SAMPLE = qrcode.epc_payload(
    name="Stadtwerke Lindenau GmbH",
    iban="DE02 1203 0000 0000 2020 51",
    amount=Decimal("131.28"),
    reference="R-2026-0000001",
)


def read_back(grid: qrcode.Grid) -> bytes:
    """The bytes a reader finds: format, mask, order of modules, blocks. No correction is needed."""
    version = (len(grid) - 17) // 4
    layout = qrcode._layout(version)
    marks = [(8, i) for i in (0, 1, 2, 3, 4, 5, 7, 8)] + [(i, 8) for i in (7, 5, 4, 3, 2, 1, 0)]
    form = int("".join(str(int(grid[mark])) for mark in marks), 2) ^ 0x5412
    assert form >> 13 == 0, "level M"
    plain = grid ^ layout.masks[form >> 10]
    _, sizes = qrcode._BLOCKS[version]
    bits = plain[layout.rows, layout.columns][: 8 * sum(sizes)]
    words = np.packbits(bits).tolist()
    blocks: list[list[int]] = [[] for _ in sizes]
    for i in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if i < size:
                block.append(words.pop(0))
    stream = np.unpackbits(np.array([word for block in blocks for word in block], np.uint8))
    width = 8 if version < 10 else 16
    assert "".join(map(str, stream[:4])) == "0100"
    length = int("".join(map(str, stream[4 : 4 + width])), 2)
    return np.packbits(stream[4 + width : 4 + width + 8 * length]).tobytes()


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_what_is_written_is_read(text: str) -> None:
    assert read_back(qrcode.qr_matrix(text)) == text.encode()


@pytest.mark.parametrize("length", [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331])
def test_every_version_is_filled_to_the_brim(length: int) -> None:
    """Capacities of versions 1 to 13 at level M (ISO/IEC 18004, table 7)."""
    full, more = qrcode.qr_matrix("x" * length), "x" * (length + 1)
    assert read_back(full) == b"x" * length
    if length == 331:
        with pytest.raises(qrcode.QrTooLong, match="332"):
            qrcode.qr_matrix(more)
    else:
        assert len(qrcode.qr_matrix(more)) == len(full) + 4


@pytest.mark.parametrize(
    ("text", "size", "digest"),
    [
        ("a", 21, "594f77ca1ff19e9a"),
        (SAMPLE, 41, "a763b98e18f2259b"),
        ("ä" * 100, 57, "b3c18887d8485237"),
    ],
)
def test_same_modules_as_an_independent_encoder(text: str, size: int, digest: str) -> None:
    """The digests are of codes that the Python package qrcode 8 drew module for module the same."""
    grid = qrcode.qr_matrix(text)
    assert grid.shape == (size, size)
    assert hashlib.sha256(np.packbits(grid).tobytes()).hexdigest()[:16] == digest


def test_the_content_is_a_credit_transfer() -> None:
    lines = SAMPLE.split("\n")
    assert lines[:4] == ["BCD", "002", "1", "SCT"]
    assert lines[5:8] == ["Stadtwerke Lindenau GmbH", "DE02120300000000202051", "EUR131.28"]
    assert lines[10] == "R-2026-0000001"


def test_who_transfers_gets_a_code_and_who_is_debited_none() -> None:
    bill = sample.sample_electricity_bill()
    assert payload_of(bill)[1]["hero"]["code"] == ""
    transfer = replace(bill, payment=BillPayment(PaymentMethod.TRANSFER, date(2026, 2, 2), "R-1"))
    hero = payload_of(transfer)[1]["hero"]
    assert hero["code"].startswith("<svg") and "131,28" not in hero["code_alt"]
    credit = replace(transfer, gross=Decimal("1000.00"), balance=Decimal("-78.00"))
    assert payload_of(credit)[1]["hero"]["code"] == ""


def test_a_reminder_carries_the_total_with_fee() -> None:
    letter = sample.sample_reminder()
    blocks = payload_of(letter)[1]["blocks"]
    code = next(block["code"] for block in blocks if block["kind"] == "highlight")
    head = letter.frame.letterhead
    content = qrcode.epc_payload(
        name=head.name, iban=head.iban, amount=Decimal("145.58"), reference=letter.payment_reference
    )
    assert code == qrcode.qr_svg(content)
    again = payload_of(replace(letter, by_direct_debit_again=True))[1]["blocks"]
    assert {block["code"] for block in again if block["kind"] == "highlight"} == {""}
