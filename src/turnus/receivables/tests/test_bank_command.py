"""`turnus bank import` from outside: every sample is read or refused, and the answer is JSON."""

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

import factories as make
from turnus.cli.bank import app
from turnus.clients.models import HouseBank
from turnus.ledger.services import seed_accounts
from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.models import StatementEntry

IBAN = "DE02120300000000202051"


@pytest.fixture
def principal(committed_db: str) -> str:
    client = make.principal("stadtwerk-a")
    seed_accounts(client_id=client.pk)
    HouseBank.objects.create(client=client, iban=IBAN, holder="SW", creditor_id="DE98ZZZ09999999999")
    return client.short_name


def call(*arguments: str) -> tuple[int, dict[str, object]]:
    outcome = CliRunner().invoke(app, ["import", *arguments, "--json"])
    return outcome.exit_code, json.loads(outcome.stdout)


def test_a_statement_is_imported_once(principal: str, tmp_path: Path) -> None:
    path = tmp_path / "auszug.xml"
    target = io.BytesIO()
    day = date(2026, 11, 2)
    page = Page("S1", IBAN, "SW", Decimal(0), Decimal("5.00"), day)
    write_camt053(page, [Booking("B1", day, (Payment(Decimal("5.00"), name="Wer"),))], target)
    path.write_bytes(target.getvalue())
    code, first = call(str(path), "--principal", principal)
    assert code == 0 and first["ok"] is True
    assert first["files"] == [
        {
            "file": "auszug.xml", "state": "imported", "statements": 1, "entries": 1, "new": 1, "known": 0,
            "allocated": 0, "collected": 0, "returned": 0, "suspense": 1, "informed": 0, "findings": [],
        }
    ]  # fmt: skip
    code, again = call(str(path), "--principal", principal)
    assert code == 0
    assert [(f["state"], f["new"], f["known"]) for f in again["files"]] == [("known", 0, 1)]  # type: ignore[attr-defined]
    outcome = CliRunner().invoke(app, ["import", str(path), "--principal", "niemand"])
    assert outcome.exit_code == 2


def test_every_sample_is_refused_with_a_reason_or_read(principal: str, shared: Path) -> None:
    files = sorted(str(path) for path in (shared / "samples" / "bank").iterdir())
    code, answer = call(*files, "--principal", principal)
    assert code == 1, "they are of other people's accounts"
    results = answer["files"]
    assert isinstance(results, list) and len(results) == len(files)
    for result in results:
        assert result["state"] == "refused"
        (finding,) = result["findings"]
        assert finding["text"] and finding["place"] and finding["remedy"]
    assert StatementEntry.objects.count() == 0


def test_a_file_can_be_shown_without_a_database(tmp_path: Path) -> None:
    path = tmp_path / "auszug.xml"
    day = date(2026, 11, 2)
    for total, code in (("5.00", 0), ("4.00", 1)):
        target = io.BytesIO()
        page = Page("S1", IBAN, "SW", Decimal(0), Decimal(total), day)
        write_camt053(
            page, [Booking("B1", day, (Payment(Decimal("5.00"), name="Wer", remittance="[/x] a"),))], target
        )
        path.write_bytes(target.getvalue())
        outcome = CliRunner().invoke(app, ["show", str(path), "--json"])
        shown = json.loads(outcome.stdout)
        assert (outcome.exit_code, shown["ok"], shown["version"]) == (code, code == 0, "camt.053.001.08")
        (statement,) = shown["statements"]
        assert statement["entries"][0]["transactions"][0]["name"] == "Wer"
        assert CliRunner().invoke(app, ["show", str(path)]).exit_code == code
    path.write_text("nichts")
    outcome = CliRunner().invoke(app, ["show", str(path), "--json"])
    assert (outcome.exit_code, json.loads(outcome.stdout)["findings"][0]["code"]) == (2, "unknown_format")


def test_every_sample_is_shown_or_refused(shared: Path) -> None:
    codes = {
        path.name: CliRunner().invoke(app, ["show", str(path), "--json"]).exit_code
        for path in (shared / "samples" / "bank").iterdir()
    }
    assert set(codes.values()) <= {0, 1, 2}
    assert all(code in (0, 1) for name, code in codes.items() if "camt" in name and ".xml" in name)
