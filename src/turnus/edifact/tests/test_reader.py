"""What the reader makes of well-formed and of damaged interchanges."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

import pytest

from turnus.edifact import NotEdifact, read, segment, stream, write
from turnus.edifact.tokens import BLOCK_SIZE

UNB = b"UNB+UNOC:3+9900000000001:500+9900000000002:500+261001:0900+REF1'"
MESSAGE = b"UNH+1+MSCONS:D:04B:UN:2.5'BGM+7+DOC+9'RFF+Z13:13017'UNT+4+1'"
UNZ = b"UNZ+1+REF1'"
GOOD = UNB + MESSAGE + UNZ


def codes(data: bytes) -> list[str]:
    return [finding.code for interchange in read(data) for finding in interchange.findings]


def test_header_and_message() -> None:
    (interchange,) = read(GOOD)
    head, (message,) = interchange.head, interchange.messages
    assert (head.sender, head.receiver, head.reference, head.charset) == (
        "9900000000001", "9900000000002", "REF1", "UNOC",
    )  # fmt: skip
    assert (head.created, head.encoding, head.has_una) == ("2610010900", "iso-8859-1", False)
    assert (message.type, message.version, message.directory) == (
        "MSCONS",
        "2.5",
        "MSCONS:D:04B"[7:] and "D:04B:UN",
    )
    assert (message.reference, message.pid) == ("1", "13017")
    assert message.segments[1] == segment("BGM", "7", "DOC", "9")
    assert [GOOD[at : at + 3] for at in message.offsets] == [b"UNH", b"BGM", b"RFF", b"UNT"]
    assert interchange.findings == ()


def test_una_release_and_decimal_mark() -> None:
    data = b"UNA:+,? 'UNB+UNOC:3+1+2+1:1+R'UNH+1+X:D'FTX+a?+b?:c??d?'e+1,5'UNT+3+1'UNZ+1+R'"
    (interchange,) = read(data)
    assert interchange.messages[0].segments[1] == segment("FTX", "a+b:c?d'e", "1,5")
    assert interchange.head.chars.decimal == ","
    assert write([interchange]) == data


def test_foreign_service_characters_and_two_interchanges() -> None:
    second = b"UNA;*,! ~UNB*UNOC;3*1*2*1;1*S~UNH*1*X;D~FTX*a!*b'+:~UNT*3*1~UNZ*1*S~"
    data = b"UNA:+.? '" + GOOD + b"\r\n" + second
    first, other = read(data)
    assert (first.head.reference, other.head.reference) == ("REF1", "S")
    assert other.messages[0].segments[1] == segment("FTX", "a*b'+:")
    assert write([first, other]) == data.replace(b"\r\n", b"")
    assert codes(data) == []


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r\n\r\n  "])
def test_line_breaks_between_segments(newline: bytes) -> None:
    data = GOOD.replace(b"'", b"'" + newline)
    (interchange,) = read(data)
    assert interchange.messages[0].segments == read(GOOD)[0].messages[0].segments
    assert [data[at : at + 3] for at in interchange.messages[0].offsets] == [b"UNH", b"BGM", b"RFF", b"UNT"]
    assert interchange.findings == ()


def test_charsets() -> None:
    text = "UNB+{}:3+1+2+1:1+R'UNH+1+X:D'NAD+Müller'UNT+3+1'UNZ+1+R'"
    cases = [
        ("UNOC", "iso-8859-1", "iso-8859-1", []),
        ("UNOY", "utf-8", "utf-8", []),
        ("UNOC", "utf-8", "utf-8", ["charset_mismatch"]),
        ("UNOY", "iso-8859-1", "iso-8859-1", ["charset_mismatch"]),
        ("UNOA", "iso-8859-1", "iso-8859-1", ["charset_mismatch"]),
        ("UNO7", "utf-8", "utf-8", ["charset_unknown"]),
    ]
    for declared, real, expected, faults in cases:
        data = text.format(declared).encode(real)
        (interchange,) = read(data)
        assert interchange.head.encoding == expected
        assert interchange.messages[0].segments[1] == segment("NAD", "Müller")
        assert [finding.code for finding in interchange.findings] == faults
        assert write([interchange]) == data


def test_groups_are_tolerated() -> None:
    data = UNB + b"UNG+MSCONS+1+2+1:1+G+UN+D:04B'" + MESSAGE + b"UNE+1+G'" + UNZ
    assert codes(data) == []
    assert codes(UNB + MESSAGE + b"UNE+1+G'" + UNZ) == ["une_without_ung"]


DAMAGED = {
    "unt_count": GOOD.replace(b"UNT+4", b"UNT+5"),
    "unt_reference": GOOD.replace(b"UNT+4+1", b"UNT+4+2"),
    "unz_count": GOOD.replace(b"UNZ+1", b"UNZ+2"),
    "unz_reference": GOOD.replace(b"UNZ+1+REF1", b"UNZ+1+REF2"),
    "missing_unt": UNB + MESSAGE.replace(b"UNT+4+1'", b"") + UNZ,
    "missing_unz": UNB + MESSAGE,
    "missing_unb": MESSAGE + UNZ.replace(b"REF1", b""),
    "unt_without_unh": UNB + MESSAGE + b"UNT+4+1'" + UNZ,
    "unz_without_unb": GOOD + UNZ,
    "segment_outside_message": UNB + b"BGM+7'" + MESSAGE + UNZ,
    "misplaced_segment": GOOD.replace(b"RFF", b"UNZ+X'RFF").replace(b"UNT+4", b"UNT+5"),
    "duplicate_reference": UNB + MESSAGE + MESSAGE + b"UNZ+2+REF1'",
    "unterminated_segment": UNB + MESSAGE + b"UNT",
    "bad_tag": GOOD.replace(b"BGM", b"bgm"),
    "newline_in_segment": GOOD.replace(b"DOC", b"D\nOC"),
    "control_character": GOOD.replace(b"DOC", b"D\x01OC"),
    "unh_incomplete": UNB + b"UNH+1'UNT+2+1'" + UNZ,
    "unb_incomplete": b"UNB+UNOC:3'" + MESSAGE + b"UNZ+1+'",
    "una_unusable": b"UNA::.? '" + GOOD,
    "junk_before": b"Von: x@y.de\n" + GOOD,
    "undecodable": b"UNB+UNOF:3+1+2+1:1+R'UNH+1+X:D'NAD+\xae'UNT+3+1'UNZ+1+R'",
    "charset_unknown": GOOD.replace(b"UNOC", b"UNO9"),
    "charset_mismatch": GOOD.replace(b"UNOC", b"UNOY").replace(b"DOC", b"\xfc"),
    "une_without_ung": UNB + MESSAGE + b"UNE+1+G'" + UNZ,
}


@pytest.mark.parametrize("code", DAMAGED)
def test_each_fault_is_named_with_its_place(code: str) -> None:
    data = DAMAGED[code]
    findings = [finding for interchange in read(data) for finding in interchange.findings]
    (found,) = [finding for finding in findings if finding.code == code]
    assert 0 <= found.offset <= len(data)
    assert found.text.endswith(".")


def test_every_code_of_the_reader_is_reached() -> None:
    source = "".join(
        (Path(__file__).parents[1] / name).read_text() for name in ("reader.py", "tokens.py", "charset.py")
    )
    named = {code for code in DAMAGED if f'"{code}"' in source}
    assert named == set(DAMAGED)
    used = re.findall(r'"([a-z]+_[a-z_]+)"(?=, ")|\("(undecodable)"', source)
    assert {code for pair in used for code in pair if code} <= set(DAMAGED)


def test_place_of_a_fault() -> None:
    (finding,) = read(DAMAGED["unt_count"])[0].findings
    assert (finding.segment, finding.offset) == (4, GOOD.index(b"UNT"))


def test_truncated_file_keeps_what_was_read() -> None:
    (interchange,) = read(GOOD[: GOOD.index(b"RFF") + 6])
    assert [item.tag for item in interchange.messages[0].segments] == ["UNH", "BGM"]
    assert codes(GOOD[: GOOD.index(b"RFF") + 6]) == ["missing_unz", "unterminated_segment", "missing_unt"]


def test_damage_does_not_stop_the_next_interchange() -> None:
    first, second = read(UNB + MESSAGE.replace(b"UNT+4+1'", b"") + GOOD)
    assert len(first.messages) == len(second.messages) == 1
    assert second.findings == ()


@pytest.mark.parametrize("data", [b"", b"Guten Tag", b"<xml/>", b"\x00\x01\x02" * 50, b"UN", b"{}"])
def test_no_edifact_at_all(data: bytes) -> None:
    with pytest.raises(NotEdifact):
        read(data)


def test_blocks_do_not_show(tmp_path: Path) -> None:
    """Messages longer than a block, escaped terminators on its border, and the same through a memory map."""
    body = b"".join(b"FTX+%d?'?+??'" % number for number in range(BLOCK_SIZE // 10))
    count = body.count(b"FTX") + 2
    data = UNB + b"UNH+1+X:D'" + body + b"UNT+%d+1'" % count + UNZ
    path = tmp_path / "big.edi"
    path.write_bytes(data)
    (interchange,) = read(data)
    assert interchange.findings == ()
    assert interchange.messages[0].segments[7] == segment("FTX", "6'+?")
    assert write([interchange]) == data
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert len(list(stream(mapped))) == 3
