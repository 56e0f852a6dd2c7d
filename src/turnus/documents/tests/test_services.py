"""Originals, documents, rendering, dispatch: what is kept, what can never change, what happens twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

import factories as make
from turnus.clients.models import HouseBank
from turnus.clients.models import Letterhead as LetterheadRow
from turnus.documents import checks, queries, services
from turnus.documents.models import Document, Original
from turnus.documents.outbox import Outbox
from turnus.documents.render import engine, sample
from turnus.documents.render.pdf_check import page_texts
from turnus.documents.render.records import to_data
from turnus.documents.services import DocumentDraft, DocumentError
from turnus.system import runs
from turnus.system.models import AuditEntry, Principal
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

pytestmark = pytest.mark.django_db
NOW = make.NOW
LATER = NOW + timedelta(days=1)


@pytest.fixture
def client() -> Principal:
    return make.principal()


def bill_draft(serial: int = 1, **fields: object) -> DocumentDraft:
    bill = sample.sample_electricity_bill(serial)
    draft = DocumentDraft("bill", bill.number, "Rechnung", "K0004711", "billing.bill", serial, to_data(bill))
    return replace(draft, **fields)  # type: ignore[arg-type]


def letter_draft(number: str = "", **fields: object) -> DocumentDraft:
    data = to_data(sample.sample_letter())
    return replace(DocumentDraft("letter", number, "Brief", "K0004711", "", None, data), **fields)  # type: ignore[arg-type]


def create(client: Principal, *drafts: DocumentDraft) -> list[Document]:
    return services.create_documents(client_id=client.pk, drafts=drafts, user=None, at=NOW)


def test_the_same_bytes_are_kept_once(client: Principal) -> None:
    keep = {"client_id": client.pk, "content": b"UNA:+.? '", "media_type": "text/plain"}
    first, new = services.store_original(**keep, name="a.edi", at=NOW)  # type: ignore[arg-type]
    again, repeated = services.store_original(**keep, name="b.edi", at=LATER)  # type: ignore[arg-type]
    assert (new, repeated) == (True, False)
    assert again.pk == first.pk and again.name == "a.edi"
    assert first.sha256 == hashlib.sha256(b"UNA:+.? '").hexdigest()
    assert first.size == 9


@pytest.mark.parametrize(
    "sql", ["UPDATE documents_original SET stored = 'x'", "DELETE FROM documents_original"]
)
def test_originals_never_change(client: Principal, sql: str) -> None:
    services.store_original(client_id=client.pk, content=b"a", name="a", media_type="text/plain", at=NOW)
    with pytest.raises(DatabaseError, match="unveränderlich"), transaction.atomic():
        connection.cursor().execute(sql)
    assert Original.objects.get().content == b"a"


def test_creating_twice_gives_the_same_rows(client: Principal) -> None:
    first = create(client, bill_draft(1), bill_draft(2))
    again = services.create_documents(
        client_id=client.pk, drafts=[bill_draft(2), bill_draft(1)], user=None, at=LATER
    )
    assert [row.pk for row in again] == [first[1].pk, first[0].pk]
    assert AuditEntry.objects.filter(action="document.create").count() == 2


def test_a_taken_number_with_other_content_is_refused(client: Principal) -> None:
    create(client, bill_draft(1))
    with pytest.raises(DocumentError, match="R-2026-0000001 gibt es schon"):
        create(client, bill_draft(1, data=to_data(sample.sample_gas_bill(1))))
    with pytest.raises(DocumentError, match="unbekannte Dokumentdaten"):
        create(client, bill_draft(3, data={"record": "Postkarte"}))


def test_letters_without_number_draw_one_each(client: Principal) -> None:
    rows = create(client, letter_draft(), letter_draft())
    assert [row.number for row in rows] == ["D000000001", "D000000002"]


def test_the_pdf_is_set_once_and_the_same_bytes_again(client: Principal) -> None:
    (row,) = create(client, bill_draft(1))
    content = services.pdf_of(document=row, at=LATER)
    assert "R-2026-0000001" in page_texts(content)[0]
    assert services.render_documents(client_id=client.pk, ids=[row.pk], at=LATER) == 0
    row.refresh_from_db()
    assert row.original is not None and row.original.sha256 == hashlib.sha256(content).hexdigest()
    other = make.principal("stadtwerk-b")
    (twin,) = create(other, bill_draft(1))
    assert services.pdf_of(document=twin, at=LATER + timedelta(days=400)) == content


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE documents_document SET data = '{}'",
        "UPDATE documents_document SET number = 'X'",
        "UPDATE documents_document SET original_id = NULL",
        "UPDATE documents_document SET state = 'returned'",
        "DELETE FROM documents_document",
    ],
)
def test_documents_do_not_change_behind_the_services(client: Principal, sql: str) -> None:
    (row,) = create(client, bill_draft(1))
    services.pdf_of(document=row, at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(sql)


def test_nothing_is_sent_without_pdf(client: Principal) -> None:
    create(client, bill_draft(1))
    with pytest.raises(DatabaseError, match="kein PDF"), transaction.atomic():
        connection.cursor().execute(
            "UPDATE documents_document SET state = 'dispatched', dispatched_at = now()"
        )


def test_dispatch_lays_files_down_and_marks_them_once(client: Principal, tmp_path: Path) -> None:
    rows = create(client, bill_draft(1), letter_draft(), letter_draft("P1", channel="portal"))
    outbox, ids = Outbox(tmp_path), [row.pk for row in rows]
    assert services.dispatch(client_id=client.pk, ids=ids, at=LATER, outbox=outbox) == 3
    assert services.dispatch(client_id=client.pk, ids=ids, at=LATER, outbox=outbox) == 0
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    assert files == [
        "letter/bill-R-2026-0000001.json",
        "letter/bill-R-2026-0000001.pdf",
        "letter/letter-D000000001.json",
        "letter/letter-D000000001.pdf",
    ]
    about = json.loads((tmp_path / files[0]).read_text())
    content = (tmp_path / files[1]).read_bytes()
    assert about["sha256"] == hashlib.sha256(content).hexdigest()
    assert about["customer_number"] == "K0004711"
    assert {row.state for row in Document.objects.all()} == {"dispatched"}


def test_everything_that_waits_is_sent_in_batches(
    client: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    rows = create(client, *[letter_draft() for _ in range(5)])
    services.render_documents(client_id=client.pk, ids=[row.pk for row in rows[:4]], at=NOW)
    assert services.dispatch_waiting(client_id=client.pk, at=LATER, outbox=Outbox(tmp_path)) == 4
    assert services.dispatch_waiting(client_id=client.pk, at=LATER, outbox=Outbox(tmp_path)) == 0
    assert len(list(tmp_path.rglob("*.pdf"))) == 4
    assert Document.objects.filter(state="created").count() == 1


def test_a_full_disk_leaves_documents_unsent(client: Principal, tmp_path: Path) -> None:
    (row,) = create(client, letter_draft())
    blocked = tmp_path / "outbox"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="outbox"):
        services.dispatch(client_id=client.pk, ids=[row.pk], at=LATER, outbox=Outbox(blocked))
    row.refresh_from_db()
    assert row.state == "created" and row.dispatched_at is None


def test_a_name_cannot_leave_the_folder(client: Principal, tmp_path: Path) -> None:
    (row,) = create(client, letter_draft("../../evil/Ü 1"))
    services.dispatch(client_id=client.pk, ids=[row.pk], at=LATER, outbox=Outbox(tmp_path / "out"))
    found = [path.name for path in tmp_path.rglob("*.pdf")]
    assert found == ["letter-..-..-evil-1.pdf"]
    assert all((tmp_path / "out" / "letter") in path.parents for path in tmp_path.rglob("*.pdf"))


def test_returned_mail_can_be_sent_again(client: Principal, tmp_path: Path) -> None:
    user = make.user("clara", client)
    (row,) = create(client, letter_draft())
    with pytest.raises(DocumentError, match="ist erzeugt"):
        services.mark_returned(document_id=row.pk, user=user, at=NOW, reason="unbekannt verzogen")
    outbox = Outbox(tmp_path)
    services.dispatch(client_id=client.pk, ids=[row.pk], at=NOW, outbox=outbox)
    services.mark_returned(document_id=row.pk, user=user, at=LATER, reason="unbekannt verzogen")
    assert AuditEntry.objects.get(action="document.returned").text == "unbekannt verzogen"
    assert services.dispatch(client_id=client.pk, ids=[row.pk], at=LATER, outbox=outbox) == 1


def test_a_withdrawn_document_is_neither_set_nor_sent(client: Principal, tmp_path: Path) -> None:
    (row,) = create(client, letter_draft())
    services.cancel_document(document_id=row.pk, user=None, at=NOW, reason="Mahnlauf zurückgenommen")
    assert services.dispatch(client_id=client.pk, ids=[row.pk], at=NOW, outbox=Outbox(tmp_path)) == 0
    row.refresh_from_db()
    with pytest.raises(DocumentError, match="zurückgezogen"):
        services.pdf_of(document=row, at=NOW)
    with pytest.raises(DocumentError, match="zurückgezogen"):
        services.cancel_document(document_id=row.pk, user=None, at=NOW, reason="noch einmal")


def test_the_run_sets_all_and_reports_the_one_that_breaks(client: Principal) -> None:
    """A name the font cannot set becomes a case; the others are done; a second run finds nothing more."""
    bill = sample.sample_electricity_bill(3)
    foreign = replace(bill, recipient=replace(bill.recipient, name_lines=("李小龙",)))
    broken = to_data(foreign)
    rows = create(
        client, bill_draft(1), bill_draft(2), bill_draft(3, data=broken), bill_draft(4, data=broken)
    )
    run, created = services.start_rendering(client_id=client.pk, key="2026-01-15", user=None, at=NOW)
    state = runs.execute(run)
    assert created and (state.done, state.failed) == (2, 2)
    case = Case.objects.get(kind="document_failed")
    assert (case.object_id, case.occurrences) == (rows[2].pk, 2)
    assert "bill" in case.reason and "R-2026" not in case.reason
    assert [row.original_id is not None for row in Document.objects.order_by("id")] == [
        True,
        True,
        False,
        False,
    ]
    again, created = services.start_rendering(client_id=client.pk, key="2026-01-15", user=None, at=LATER)
    assert (again.pk, created) == (run.pk, False)


def test_a_case_is_solved_once_its_cause_is_gone(client: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken template fails two letters: one case. As long as it is broken the solution is refused."""
    user = make.user("clara", client)
    rows = create(client, letter_draft(), letter_draft())
    with monkeypatch.context() as broken:
        broken.setattr(engine, "TEMPLATES", ("bill",))
        run, _ = services.start_rendering(client_id=client.pk, key="k", user=None, at=NOW)
        runs.execute(run)
        case = Case.objects.get(kind="document_failed")
        assert case.occurrences == 2
        with pytest.raises(DocumentError, match=rows[0].number):
            run_action(case=case, name="render_again", user=user, at=LATER, form={})
    outcome = run_action(case=case, name="render_again", user=user, at=LATER, form={})
    case.refresh_from_db()
    assert (outcome, case.state) == ("2 Schreiben insgesamt gesetzt.", "done")
    assert not Document.objects.filter(original__isnull=True).exists()


def test_another_cause_does_not_hinder_the_solution(client: Principal) -> None:
    (good,) = create(client, letter_draft())
    bill = sample.sample_electricity_bill(3)
    foreign = replace(bill, recipient=replace(bill.recipient, name_lines=("李小龙",)))
    (bad,) = create(client, bill_draft(3, data=to_data(foreign)))
    assert services.render_again(client_id=client.pk, key="another", at=NOW) == 1
    with pytest.raises(DocumentError) as caught:
        services.pdf_of(document=bad, at=NOW)
    key = services.failure_case(document=bad, reason=str(caught.value)).key
    with pytest.raises(DocumentError):
        services.render_again(client_id=client.pk, key=key, at=NOW)
    good.refresh_from_db()
    assert good.original_id is not None


def test_verify_finds_a_changed_byte_and_a_letter_without_pdf(client: Principal) -> None:
    (row,) = create(client, letter_draft())
    services.pdf_of(document=row, at=NOW)
    assert checks.check_originals(client_id=client.pk) == (1, [])
    assert checks.check_dispatched(client_id=client.pk) == (0, [])
    Original.objects.create(
        client=client,
        sha256="0" * 64,
        size=3,
        media_type="text/plain",
        name="x",
        stored=b"abc",
        stored_at=NOW,
    )
    looked_at, findings = checks.check_originals(client_id=client.pk)
    assert looked_at == 2
    assert [finding.subject.split()[-1] for finding in findings] == ["x"]


def test_the_letterhead_comes_from_the_principal(client: Principal) -> None:
    with pytest.raises(LookupError, match="keinen Briefkopf"):
        queries.letterhead_of(client_id=client.pk)
    LetterheadRow.objects.create(
        client=client, company="Stadtwerk A", street="Am Markt 1", postal_code="45127", city="Essen",
        register_court="Amtsgericht Essen", register_number="HRB 1", managing_directors="Ada Kurz, Bo Lang",
        tax_number="1/2", hotline="0201 1", email="a@a.example", web="a.example", colour="#204060",
    )  # fmt: skip
    with pytest.raises(LookupError, match="keine Hausbank"):
        queries.letterhead_of(client_id=client.pk)
    HouseBank.objects.create(
        client=client, iban="DE02120300000000202051", holder="Stadtwerk A", creditor_id="DE98ZZZ09999999999"
    )
    head = queries.letterhead_of(client_id=client.pk)
    assert head.managing_directors == ("Ada Kurz", "Bo Lang")
    assert (head.iban, head.primary) == ("DE02120300000000202051", "#204060")


def test_lists_for_the_workbench(client: Principal) -> None:
    rows = create(client, bill_draft(1), letter_draft())
    found = queries.documents_of(client_id=client.pk, customer_number="K0004711")
    assert [row.pk for row in found] == [rows[1].pk, rows[0].pk]
    about = queries.documents_of_object(client_id=client.pk, object_kind="billing.bill", object_id=1)
    assert [row.pk for row in about] == [rows[0].pk]
    counts = queries.state_counts(client_ids=[client.pk])
    assert counts == {("bill", "created"): 1, ("letter", "created"): 1}
    assert queries.undelivered(client_id=client.pk, before=LATER).count() == 2
    assert queries.undelivered(client_id=client.pk, before=NOW).count() == 0
