"""`turnus edifact`: the JSON shapes and exit codes others rely on; no sample makes it crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turnus.cli.edifact import app, check_json, show_json
from turnus.edifact import NotEdifact, read

GOOD = (
    b"UNA:+,? 'UNB+UNOC:3+9905048000007:500+9985046000001:500+261101:0500+REF1'UNH+1+MSCONS:D:04B:UN:2.5'"
    b"BGM+7+DOC+9'DTM+137:202611010500?+00:303'RFF+Z13:13017'NAD+MS+9905048000007::293'"
    b"NAD+MR+9985046000001::293'UNS+D'NAD+DP'LOC+172+51192233984'RFF+MG:4711'LIN+1'PIA+5+1-0?:1.8.0:SRW'"
    b"QTY+220:1234,5'DTM+7:202610312300?+00:303'UNT+15+1'UNZ+1+REF1'"
)


def run(tmp_path: Path, content: bytes, *arguments: str) -> tuple[int, str]:
    path = tmp_path / "datei.edi"
    path.write_bytes(content)
    result = CliRunner().invoke(app, [arguments[0], str(path), *arguments[1:]])
    return result.exit_code, result.output


def test_show_json(tmp_path: Path) -> None:
    code, output = run(tmp_path, GOOD, "show", "--json")
    assert code == 0
    (interchange,) = json.loads(output)["interchanges"]
    assert {key: interchange[key] for key in ("sender", "receiver", "reference", "charset")} == {
        "sender": "9905048000007", "receiver": "9985046000001", "reference": "REF1", "charset": "UNOC",
    }  # fmt: skip
    (message,) = interchange["messages"]
    assert (message["type"], message["version"], message["reference"], message["pid"]) == (
        "MSCONS", "2.5", "1", "13017",
    )  # fmt: skip
    assert message["segments"][0] == ["UNH", "1", ["MSCONS", "D", "04B", "UN", "2.5"]]
    assert ["QTY", ["220", "1234,5"]] in message["segments"]
    assert ["NAD", "DP"] in message["segments"]


def test_show_in_words(tmp_path: Path) -> None:
    code, output = run(tmp_path, GOOD.replace(b"UNT+15", b"UNT+14"), "show")
    assert code == 0
    assert "Zählernummer: 4711" in output
    assert "wahrer Wert" in output
    assert "unt_count" in output


def test_check(tmp_path: Path) -> None:
    code, output = run(tmp_path, GOOD, "check", "--json")
    assert (code, json.loads(output)["ok"]) == (0, True)
    code, output = run(tmp_path, GOOD.replace(b"51192233984", b"51192233985"), "check", "--json")
    assert code == 1
    (message,) = json.loads(output)["messages"]
    assert not message["ok"]
    (finding,) = message["findings"]
    assert (finding["code"], finding["severity"], finding["segment"]) == ("bad_location", "error", 9)
    assert GOOD[finding["offset"] : finding["offset"] + 3] == b"LOC"
    assert "Prüfziffer" in finding["text"]


def test_check_on_another_day(tmp_path: Path) -> None:
    code, output = run(tmp_path, GOOD, "check", "--on", "2026-09-30", "--json")
    assert code == 1
    assert json.loads(output)["messages"][0]["findings"][0]["code"] == "wrong_version"


def test_faults_of_the_envelope_are_reported(tmp_path: Path) -> None:
    code, output = run(tmp_path, GOOD.replace(b"UNZ+1", b"UNZ+3"), "check", "--json")
    assert code == 1
    assert json.loads(output)["messages"][-1]["findings"][-1]["code"] == "unz_count"
    code, output = run(tmp_path, GOOD[: GOOD.index(b"UNH")], "check", "--json")
    assert code == 1
    assert json.loads(output)["messages"][0]["findings"][0]["code"] == "missing_unz"


@pytest.mark.parametrize("command", ["show", "check"])
@pytest.mark.parametrize("content", [b"", b"Guten Tag", b"\x89PNG\r\n"])
def test_no_edifact_at_all(tmp_path: Path, command: str, content: bytes) -> None:
    assert run(tmp_path, content, command)[0] == 2
    assert CliRunner().invoke(app, [command, str(tmp_path / "fehlt.edi")]).exit_code == 2


def test_it_needs_neither_django_nor_a_database(tmp_path: Path) -> None:
    path = tmp_path / "datei.edi"
    path.write_bytes(GOOD)
    program = (
        "import sys\nfor name in ('django', 'psycopg'): sys.modules[name] = None\n"
        "from turnus.cli.edifact import app\napp(['show', sys.argv[1], '--json'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0
    assert json.loads(result.stdout)["interchanges"]


def test_all_samples_are_shown_and_checked(shared: Path) -> None:
    files = [path for path in (shared / "samples" / "edifact").glob("*/*") if path.is_file()]
    assert len(files) >= 700
    for path in files:
        try:
            interchanges = read(path.read_bytes())
        except NotEdifact as error:
            pytest.fail(f"{path.name}: {error}")
        shown = show_json(interchanges)
        assert json.loads(json.dumps(shown)) == shown
        assert isinstance(check_json(interchanges, None)["ok"], bool)


def test_broken_samples_have_findings_with_their_place(shared: Path) -> None:
    folder = shared / "samples" / "edifact"
    broken = [path for path in folder.glob("*/*") if "invalid" in path.name or path.name.startswith("odd_")]
    assert broken
    for path in broken:
        result = check_json(read(path.read_bytes()), None)
        findings = [finding for message in result["messages"] for finding in message["findings"]]
        assert not result["ok"], path.name
        assert all(finding["segment"] >= 1 and finding["offset"] >= 0 for finding in findings)


def test_an_envelope_without_a_message_says_so(tmp_path: Path) -> None:
    path = tmp_path / "leer.edi"
    path.write_bytes(b"UNB+UNOC:3+9900000000001:500+9900000000002:500+260101:0900+R1'UNZ+0+R1'")
    done = CliRunner().invoke(app, ["check", str(path), "--json"])
    assert done.exit_code == 1
    assert [f["code"] for f in json.loads(done.stdout)["messages"][0]["findings"]] == ["no_message"]
