"""Every finding of the catalogue is reached, with its segment; versions are judged by date."""

from __future__ import annotations

import importlib.util
import re
from datetime import date
from pathlib import Path

import pytest

from turnus.catalogue import check_message, describe, message_day, message_types, mscons_rules, obis_meaning
from turnus.catalogue.mscons.read import read_file
from turnus.catalogue.mscons.records import Checked, Status
from turnus.edifact import Finding, Message, read, segment

_spec = importlib.util.spec_from_file_location("mscons_text", Path(__file__).with_name("mscons_text.py"))
assert _spec and _spec.loader
text = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(text)

ON = date(2026, 11, 1)
GOOD = text.reading(
    "LOC+172+51192233984", "RFF+MG:4711", "LIN+1", "PIA+5+1-0?:1.8.0:SRW", "QTY+220:1234.5",
    "DTM+7:202610312300?+00:303", "STS+Z33++Z83",
)  # fmt: skip
PROFILE = text.profile(date(2026, 10, 30), ["1,5"] * 96)


def message(wire: str, una: str = "") -> Message:
    return read(text.interchange([wire], una=una))[0].messages[0]


def findings(wire: str, on: date = ON) -> list[Finding]:
    return list(check_message(message(wire, "UNA:+,? '" if wire.count("QTY") > 1 else ""), on))


def codes(wire: str, on: date = ON) -> set[str]:
    return {finding.code for finding in findings(wire, on)}


def test_good_messages_have_no_finding() -> None:
    assert findings(GOOD) == []
    assert findings(PROFILE) == []


BROKEN = {
    "wrong_version": GOOD.replace("UN:2.5", "UN:2.4c"),
    "unknown_type": GOOD.replace("MSCONS:D", "MSCONX:D"),
    "pid_missing": GOOD.replace("RFF+Z13:13017'", ""),
    "pid_unknown": GOOD.replace("13017", "13999"),
    "unknown_segment": GOOD.replace("LIN+1'", "LIN+1'XYZ+1'"),
    "segment_missing": GOOD.replace("DTM+7:202610312300?+00:303'", ""),
    "segment_repeated": GOOD.replace("STS", "DTM+7:202610312300?+00:303'STS"),
    "code_not_allowed": GOOD.replace("QTY+220", "QTY+187"),
    "unit_not_allowed": GOOD.replace("1234.5", "1234.5:XXX"),
    "unexpected_segment": GOOD.replace("RFF+MG:4711'", "RFF+MG:4711'RFF+ACW:1'"),
    "wrong_order": GOOD.replace("UNS+D'NAD+DP'", "").replace("LIN+1", "LIN+1"),
    "location_missing": GOOD.replace("LOC+172+51192233984", "LOC+172"),
    "bad_location": GOOD.replace("51192233984", "51192233985"),
    "bad_partner": GOOD.replace(text.SENDER, "990504800000"),
    "bad_date": GOOD.replace("202610312300", "202613312300"),
    "wrong_format": GOOD.replace("DTM+7:202610312300?+00:303", "DTM+7:20261031:102"),
    "bad_number": GOOD.replace("1234.5", "zwölf"),
    "wrong_decimal_mark": GOOD.replace("1234.5", "1234,5"),
    "obis_malformed": GOOD.replace("1-0?:1.8.0", "1-0?:1.8"),
    "obis_unknown": GOOD.replace("1-0?:1.8.0", "9-0?:1.8.0"),
    "status_unknown": GOOD.replace("Z83", "ZZZ"),
    "period_inverted": text.profile(date(2026, 10, 30), ["1,5"]).replace("202610292300", "202610300300", 1),
    "period_not_whole_days": text.profile(date(2026, 10, 25), ["1,5"] * 96),
    "version_unknown": GOOD,
}


@pytest.mark.parametrize("code", BROKEN)
def test_each_fault_is_found(code: str) -> None:
    on = date(2019, 1, 1) if code == "version_unknown" else ON
    found = [finding for finding in findings(BROKEN[code], on) if finding.code == code]
    assert found
    wire = message(BROKEN[code], "UNA:+,? '" if BROKEN[code].count("QTY") > 1 else "")
    for finding in found:
        assert 1 <= finding.segment <= len(wire.segments)
        assert finding.offset == wire.offset(finding.segment)
        assert finding.text.startswith(
            f"Segment {finding.segment} ({wire.segments[finding.segment - 1].tag}): "
        )


def test_every_code_of_the_catalogue_is_reached() -> None:
    folder = Path(__file__).parents[1]
    names = ("check.py", "periods.py", "segment_check.py", "structure.py")
    source = "".join((folder / name).read_text() for name in names)
    used = set(re.findall(r'\(\(?(?:\w+(?:\.index)?, )?"([a-z]+_[a-z_]+)", ', source))
    assert used == set(BROKEN)


def test_all_findings_are_returned_at_once() -> None:
    wire = GOOD.replace("51192233984", "51192233985").replace("1234.5", "viel").replace("QTY+220", "QTY+67")
    assert {"bad_location", "bad_number", "segment_missing"} <= codes(wire)


def test_values_that_contradict_each_other() -> None:
    data = text.interchange([PROFILE])
    cases = {
        "interval_length": data.replace(b"DTM+164:202610300015", b"DTM+164:202610300010", 1),
        "interval_not_on_grid": data.replace(b"202610300015", b"202610300020").replace(
            b"202610300030", b"202610300035"
        ),
        "interval_twice": data.replace(b"DTM+163:202610300015", b"DTM+163:202610300000", 1).replace(
            b"DTM+164:202610300030", b"DTM+164:202610300015", 1
        ),
        "value_too_large": data.replace(b"QTY+220:1,5'", b"QTY+220:99999999999'", 1),
        "value_outside_period": data.replace(b"DTM+164:202610302300", b"DTM+164:202610302200", 1),
        "values_missing": data.replace(b"DTM+164:202610302300", b"DTM+164:202610312300", 1),
    }
    for code, wire in cases.items():
        (checked,) = [event for event in read_file(wire) if isinstance(event, Checked)]
        assert code in {finding.code for finding in checked.findings}, code


@pytest.mark.parametrize(
    ("name", "like", "on", "expected"),
    [
        ("MSCONS", "", date(2026, 9, 30), "2.4c"),
        ("MSCONS", "", date(2026, 10, 1), "2.5"),
        ("UTILMD", "S2.2", date(2026, 11, 1), "S2.2"),
        ("UTILMD", "G1.1", date(2026, 11, 1), "G1.2"),
        ("UTILMD", "G1.0a", date(2026, 3, 31), "G1.0a"),
        ("ORDRSP", "", date(2026, 4, 1), "1.4b"),
        ("CONTRL", "", date(2026, 11, 1), "2.0b"),
        ("APERAK", "", date(2026, 11, 1), "2.2"),
        ("PARTIN", "", date(2026, 11, 1), "1.1"),
        ("INSRPT", "", date(2010, 1, 1), None),
    ],
)
def test_version_in_force(name: str, like: str, on: date, expected: str | None) -> None:
    assert message_types()[name].version_on(on, like) == expected


def test_an_old_file_is_judged_by_its_own_date() -> None:
    old = GOOD.replace("UN:2.5", "UN:2.4c").replace("202611010500", "202512010500")
    data = text.interchange([old], una="", created="251201:0500")
    (interchange,) = read(data)
    day = message_day(interchange.head, interchange.messages[0].segments)
    assert day == date(2025, 12, 1)
    assert check_message(interchange.messages[0], day) == ()
    assert [finding.code for finding in check_message(interchange.messages[0], ON)] == ["wrong_version"]


def test_the_required_pids_are_described() -> None:
    wanted = {"13002", "13007", "13009", "13013", "13017", "13018", "13019", "13025"}
    assert wanted <= set(mscons_rules())


def test_substitutes_need_their_reasons() -> None:
    assert "segment_missing" in codes(GOOD.replace("QTY+220", "QTY+67"))
    full = GOOD.replace("QTY+220", "QTY+67").replace("STS+Z33++Z83", "STS+Z32++Z92'STS+Z40++Z75")
    assert codes(full.replace("UNT+15", "UNT+16")) == set()


def test_other_types_are_checked_in_outline() -> None:
    wire = "UNH+1+REMADV:D:05A:UN:2.9e'BGM+239+1+9'M0A+9:1'UNT+4+1'"
    assert {"unknown_segment", "segment_missing"} <= codes(wire)
    assert {"unknown_segment", "segment_missing"} <= codes("UNH+1+CONTRL:D:3:UN:2.0b'BGM+7'UNT+3+1'")


def test_readings_keep_what_was_written() -> None:
    (checked,) = [
        event for event in read_file(text.interchange([GOOD], una="")) if isinstance(event, Checked)
    ]
    assert checked.content is not None
    (reading,) = checked.content.readings
    assert (str(reading.value), reading.status, reading.place.device) == ("1234.5", Status.TRUE, "4711")
    assert (reading.instant.isoformat(), reading.reasons) == ("2026-10-31T23:00:00+00:00", ("Z83",))
    assert (checked.pid, checked.locations, checked.sender) == ("13017", ("51192233984",), text.SENDER)


@pytest.mark.parametrize(
    ("pid", "document", "segments", "start", "end"),
    [
        ("13019", "7", ["PIA+5+1-1?:1.9.0:SRW", "QTY+220:350", "DTM+163:202609302200?+00:303",
                        "DTM+164:202610312300?+00:303"], "2026-09-30T22:00", "2026-10-31T23:00"),
        ("13009", "7", ["PIA+5+7-20?:33.86.0:SRW", "QTY+220:350", "DTM+306:202610:610"],
         "2026-10-01T04:00", "2026-11-01T05:00"),
        ("13013", "Z24", ["PIA+5+GABI:Z02", "QTY+79:350", "DTM+306:20261025:102"],
         "2026-10-25T05:00", "2026-10-26T05:00"),
    ],
)  # fmt: skip
def test_amounts_have_their_period(
    pid: str, document: str, segments: list[str], start: str, end: str
) -> None:
    extra = ["DTM+492:202610:610"] if pid == "13013" else []
    wire = text.reading("LOC+172+51192233984", *extra, "LIN+1", *segments, pid=pid, document=document)
    (checked,) = [
        event for event in read_file(text.interchange([wire], una="")) if isinstance(event, Checked)
    ]
    assert checked.findings == ()
    assert checked.content is not None
    (amount,) = checked.content.amounts
    assert (amount.start.isoformat()[:16], amount.end.isoformat()[:16]) == (start, end)


def test_plain_german() -> None:
    assert describe(segment("QTY", ("220", "1567", "KWH"))).text == "1567 kWh (wahrer Wert)"
    assert describe(segment("DTM", ("7", "202503142300+00", "303"))).text == "15.03.2025 00:00 Uhr"
    assert describe(segment("DTM", ("7", "20x", "303"))).text == "20x (Format 303)"
    assert describe(segment("STS", "Z40", "", "Z75")).text == "Kommunikation gestört"
    assert describe(segment("RFF", ("Z13", "13025"))).text == "13025 – Lastgang Marktlokation oder Tranche"
    assert describe(segment("PIA", "5", ("1-1:1.29.0", "SRW"))).text == "1-1:1.29.0 – Lastgang Bezug, Strom"
    assert describe(segment("XYZ", "a", ("b", "c"))).text == "a · b · c"
    assert obis_meaning("7-0:54.0.16") == "Brennwert, Gas"
    assert obis_meaning("0-0:0.0.0") is None
