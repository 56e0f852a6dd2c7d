"""`turnus documents`: missing PDFs, the outbox, a sample with the letterhead, a record without a database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import factories as make
from turnus.cli.documents import app
from turnus.documents.render.pdf_check import page_texts, pdf_a_findings
from turnus.documents.render.records import to_data
from turnus.documents.render.sample import sample_electricity_bill, sample_letter
from turnus.documents.services import DocumentDraft, create_documents
from turnus.system.models import Principal


@pytest.mark.django_db
def test_render_then_send(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnus.documents.services.home", lambda: tmp_path)
    client = make.principal("stadtwerk")
    draft = DocumentDraft("letter", "", "Brief", "K1", "", None, to_data(sample_letter()))
    create_documents(
        client_id=client.pk, drafts=[draft, draft], user=None, at=datetime(2026, 1, 15, tzinfo=UTC)
    )
    arguments = ["--principal", "stadtwerk", "--json"]
    done = CliRunner().invoke(app, ["render", "--processes", "1", *arguments])
    assert json.loads(done.stdout) == {"run": json.loads(done.stdout)["run"], "total": 2, "failed": 0}
    assert json.loads(CliRunner().invoke(app, ["send", *arguments]).stdout) == {"sent": 2}
    assert json.loads(CliRunner().invoke(app, ["send", *arguments]).stdout) == {"sent": 0}
    assert len(list((tmp_path / "outbox" / "stadtwerk" / "letter").glob("*.pdf"))) == 2


@pytest.mark.django_db
def test_an_unknown_principal_and_a_missing_letterhead_are_named(tmp_path: Path) -> None:
    make.principal("stadtwerk")
    unknown = CliRunner().invoke(app, ["send", "--principal", "stadwerk"])
    assert (unknown.exit_code, "Bekannt: stadtwerk" in " ".join(unknown.output.split())) == (2, True)
    bare = CliRunner().invoke(app, ["sample", "--principal", "stadtwerk", str(tmp_path / "muster.pdf")])
    assert (bare.exit_code, "keinen Briefkopf" in bare.output) == (1, True)
    assert Principal.objects.count() == 1


def test_a_record_is_printed_without_a_database(tmp_path: Path) -> None:
    source, target = tmp_path / "rechnung.json", tmp_path / "rechnung.pdf"
    source.write_text(json.dumps(to_data(sample_electricity_bill())), encoding="utf-8")
    done = CliRunner().invoke(app, ["print", str(source), str(target)])
    assert done.exit_code == 0, done.output
    assert pdf_a_findings(target.read_bytes()) == []
    assert "131,28" in page_texts(target.read_bytes())[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "rechnung.json"), ('{"record": "Postkarte"}', "Postkarte")],
)
def test_bad_data_is_named(tmp_path: Path, content: str, words: str) -> None:
    source = tmp_path / "rechnung.json"
    source.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(app, ["print", str(source), str(tmp_path / "x.pdf")])
    assert (done.exit_code, words in done.output) == (1, True)
    assert not (tmp_path / "x.pdf").exists()
