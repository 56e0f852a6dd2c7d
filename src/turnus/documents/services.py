"""Use cases: keep originals, create documents, render them, send them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Q

from turnus.documents.calc.packing import PLAIN, pack
from turnus.documents.models import Document, Original
from turnus.documents.outbox import Outbox, OutgoingLetter
from turnus.documents.render.engine import Renderer, RenderError, renderer
from turnus.documents.render.records import RECORDS, BadRecord, from_data, payload_of
from turnus.system import audit, numbers, runs
from turnus.system.boot import home
from turnus.system.bulk import copy_rows
from turnus.system.models import Principal, Run, User
from turnus.worklist.services import NewCase

__all__ = [
    "DocumentDraft",
    "DocumentError",
    "cancel_document",
    "create_documents",
    "dispatch",
    "dispatch_waiting",
    "failure_case",
    "mark_returned",
    "pdf_of",
    "render_again",
    "render_documents",
    "start_rendering",
    "store_original",
]

PDF = "application/pdf"
# Documents sent in one transaction; their PDFs are in memory at the same time.
BATCH = 100


class DocumentError(ValueError):
    """A document cannot be created, rendered or sent; the message says which and why."""


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document to be: `data` is the JSON form of a record (`documents.render.records.to_data`).

    `kind`: bill, reminder, pre_notification, explanation or letter. An empty `number` draws one of the range.
    """

    kind: str
    number: str
    title: str
    customer_number: str
    object_kind: str
    object_id: int | None
    data: Mapping[str, Any]
    channel: str = Document.Channel.LETTER


@transaction.atomic
def store_original(
    *, client_id: int, content: bytes, name: str, media_type: str, at: datetime
) -> tuple[Original, bool]:
    """Keep bytes exactly as they came or go. Returns (row, True if new); the same bytes are kept once."""
    digest = hashlib.sha256(content).hexdigest()
    known = Original.objects.filter(client_id=client_id, sha256=digest).defer("stored")
    found = known.first()
    if found is None:
        packing, stored = pack(content)
        made = Original(
            client_id=client_id, sha256=digest, size=len(content), media_type=media_type, name=name[-255:],
            packing=packing, stored=stored, stored_at=at,
        )  # fmt: skip
        if _insert_original(made):
            return made, True
    # Another process may have stored the same bytes between the two statements.
    return found or known.get(), False


def _insert_original(row: Original) -> bool:
    """Insert unless it is there. The bytes go as a binary parameter: text would double and slow them."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "INSERT INTO documents_original "
            "(client_id, sha256, size, media_type, name, packing, stored, stored_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %b, %s) "
            "ON CONFLICT (client_id, sha256) DO NOTHING RETURNING id",
            [
                row.client_id,
                row.sha256,
                row.size,
                row.media_type,
                row.name,
                row.packing,
                row.stored,
                row.stored_at,
            ],
        )
        inserted = cursor.fetchone()
    if inserted is None:
        return False
    row.pk, row._state.adding = int(inserted[0]), False
    return True


@transaction.atomic
def create_documents(
    *, client_id: int, drafts: Sequence[DocumentDraft], user: User | None, at: datetime
) -> list[Document]:
    """Rows in the order of the drafts, not yet rendered. The same (kind, number) again gives the same row.

    Raises:
        DocumentError: the data is no known record, or the number is taken by a document that says otherwise.
    """
    for draft in drafts:
        if draft.data.get("record") not in RECORDS:
            raise DocumentError(
                f"{draft.kind} {draft.number}: unbekannte Dokumentdaten „{draft.data.get('record')}“"
            )
    unnumbered = sum(1 for draft in drafts if not draft.number)
    drawn = iter(numbers.draw(client_id=client_id, name="document", count=unnumbered))
    keyed = [((draft.kind, draft.number or next(drawn)), draft) for draft in drafts]
    rows = [_row(client_id, key[1], draft, user, at) for key, draft in keyed]
    Document.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    stored = _by_key(client_id, [key for key, _ in keyed])
    for key, draft in keyed:
        if stored[key].data != draft.data:
            raise DocumentError(f"{draft.kind} {key[1]} gibt es schon mit anderem Inhalt")
    fresh = [stored[key].pk for key, _ in keyed if stored[key].created_at == at]
    audit.record_many(
        client_id=client_id,
        at=at,
        user=user,
        action="document.create",
        object_kind="documents.document",
        object_ids=fresh,
    )
    return [stored[key] for key, _ in keyed]


def _row(client_id: int, number: str, draft: DocumentDraft, user: User | None, at: datetime) -> Document:
    return Document(
        client_id=client_id,
        number=number,
        kind=draft.kind,
        title=draft.title,
        data=dict(draft.data),
        customer_number=draft.customer_number,
        object_kind=draft.object_kind,
        object_id=draft.object_id,
        channel=draft.channel,
        created_at=at,
        created_by=user,
    )


def _by_key(client_id: int, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
    wanted = Q(pk__in=[])
    for kind in {kind for kind, _ in keys}:
        wanted |= Q(kind=kind, number__in=[number for k, number in keys if k == kind])
    rows = Document.objects.filter(wanted, client_id=client_id)
    return {(row.kind, row.number): row for row in rows}


@transaction.atomic
def render_documents(
    *, client_id: int, ids: Sequence[int], at: datetime, engine: Renderer | None = None
) -> int:
    """Set the PDFs that are missing and keep them as originals. Returns how many were set.

    The time written into a PDF is that of the document's creation, so that setting it again gives the same
    bytes. Cancelled documents are left alone. All or nothing.

    Raises:
        DocumentError: a document cannot be set; names its kind, number and the cause.
    """
    waiting = Document.objects.select_for_update(of=("self",)).filter(
        client_id=client_id, id__in=ids, original__isnull=True
    )
    rows = list(waiting.exclude(state=Document.State.CANCELLED).order_by("id"))
    digests: dict[int, str] = {}
    originals: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        content = _set(row, engine or renderer())
        digest = digests[row.pk] = hashlib.sha256(content).hexdigest()
        name = f"{row.kind}-{row.number}.pdf"
        originals[digest] = (client_id, digest, len(content), PDF, name, PLAIN, content, at)
    if not rows:
        return 0
    columns = ("client_id", "sha256", "size", "media_type", "name", "packing", "stored", "stored_at")
    copy_rows(Original, columns, originals.values(), suffix="ON CONFLICT DO NOTHING")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_document d SET original_id = o.id "
            "FROM unnest(%s::bigint[], %s::text[]) AS made(id, sha256) "
            "JOIN documents_original o ON o.client_id = %s AND o.sha256 = made.sha256 WHERE d.id = made.id",
            [list(digests), list(digests.values()), client_id],
        )
    return len(rows)


def _set(row: Document, engine: Renderer) -> bytes:
    try:
        template, payload = payload_of(from_data(row.data))
        return engine.pdf(template, payload, created_at=row.created_at)
    except (RenderError, BadRecord, ValueError, LookupError) as error:
        raise DocumentError(f"{row.title} {row.number}: {error}") from error


def failure_case(*, document: Document, reason: str) -> NewCase:
    """The case for a document that cannot be set. Documents that fail for the same cause share one case."""
    cause = reason.rsplit(f"{document.number}: ", 1)[-1]
    return NewCase(
        kind="document_failed",
        service="M06",
        key=f"document-failed-{hashlib.sha256(cause.encode()).hexdigest()[:16]}",
        title=f"{document.title} {document.number} kann nicht gesetzt werden",
        reason=cause,
        object_kind="documents.document",
        object_id=document.pk,
        object_label=f"{document.title} {document.number}",
    )


def render_again(*, client_id: int, key: str, at: datetime) -> int:
    """Set every document that has no PDF yet; returns how many were set.

    Raises:
        DocumentError: a document still fails for the cause of the case `key`; nothing was set then.
    """
    waiting = Document.objects.filter(
        client_id=client_id, original__isnull=True, state=Document.State.CREATED
    )
    done = 0
    with transaction.atomic():
        for document in waiting.defer("data").order_by("id"):
            try:
                done += render_documents(client_id=client_id, ids=[document.pk], at=at)
            except DocumentError as error:
                if failure_case(document=document, reason=str(error)).key == key:
                    raise
    return done


def start_rendering(
    *,
    client_id: int,
    key: str,
    user: User | None,
    at: datetime,
    kind: str = "",
    ids: Sequence[int] | None = None,
) -> tuple[Run, bool]:
    """Plan the mass run that sets all missing PDFs (of one kind, or of these ids). The same key runs once."""
    parameters = {"kind": kind, "ids": list(ids) if ids is not None else None, "at": at.isoformat()}
    return runs.start(client_id=client_id, kind="documents", key=key, parameters=parameters, user=user, at=at)


def pdf_of(*, document: Document, at: datetime) -> bytes:
    """The PDF as it was or will be sent; set now if it is missing.

    Raises:
        DocumentError: it cannot be set, or the document was withdrawn before it had a PDF.
    """
    if document.original_id is None:
        render_documents(client_id=document.client_id, ids=[document.pk], at=at)
        document.refresh_from_db(fields=["original"])
    if document.original is None:
        raise DocumentError(f"{document.title} {document.number} wurde zurückgezogen und hat kein PDF")
    return document.original.content


def dispatch(
    *,
    client_id: int,
    ids: Sequence[int],
    at: datetime,
    user: User | None = None,
    outbox: Outbox | None = None,
) -> int:
    """Lay documents into the outbox and mark them as sent. Returns how many left now.

    The files are written before the rows are marked: if the work is cut off in between, the same files are
    written again, byte for byte. A document for the portal is there at once and needs no file.

    Raises:
        DocumentError: a document cannot be set.
        OSError: the outbox cannot be written; then nothing is marked.
    """
    if outbox is None:
        outbox = Outbox(home() / "outbox" / Principal.objects.get(pk=client_id).short_name)
    render_documents(client_id=client_id, ids=ids, at=at)
    with transaction.atomic():
        ready = Document.objects.select_for_update(of=("self",)).filter(
            client_id=client_id,
            id__in=ids,
            state__in=[Document.State.CREATED, Document.State.RETURNED],
            original__isnull=False,
        )
        rows = list(ready.select_related("original").defer("data").order_by("id"))
        for row in rows:
            if row.channel != Document.Channel.PORTAL and row.original is not None:
                outbox.put(_outgoing(row, row.original), row.original.content)
        sent = [row.pk for row in rows]
        Document.objects.filter(id__in=sent).update(state=Document.State.DISPATCHED, dispatched_at=at)
        audit.record_many(
            client_id=client_id,
            at=at,
            user=user,
            action="document.dispatch",
            object_kind="documents.document",
            object_ids=sent,
        )
    return len(rows)


def dispatch_waiting(
    *, client_id: int, at: datetime, user: User | None = None, outbox: Outbox | None = None
) -> int:
    """Send everything that has its PDF and has not left, batch by batch. Returns how many left now.

    Raises:
        OSError: the outbox cannot be written; batches before that are sent and marked.
    """
    waiting = Document.objects.filter(
        client_id=client_id, state=Document.State.CREATED, original__isnull=False
    )
    ids, sent = list(waiting.order_by("id").values_list("id", flat=True)), 0
    for first in range(0, len(ids), BATCH):
        part = ids[first : first + BATCH]
        sent += dispatch(client_id=client_id, ids=part, at=at, user=user, outbox=outbox)
    return sent


def _outgoing(row: Document, original: Original) -> OutgoingLetter:
    return OutgoingLetter(row.number, row.kind, row.channel, row.title, row.customer_number, original.sha256)


@transaction.atomic
def mark_returned(*, document_id: int, user: User, at: datetime, reason: str) -> Document:
    """Record that a sent letter came back. It can be sent again once the address is right.

    Raises:
        DocumentError: the document was not sent.
    """
    return _move(document_id, Document.State.DISPATCHED, Document.State.RETURNED, user, at, reason)


@transaction.atomic
def cancel_document(*, document_id: int, user: User | None, at: datetime, reason: str) -> Document:
    """Withdraw a document that has not left the house.

    Raises:
        DocumentError: it has left already, or was withdrawn before.
    """
    return _move(document_id, Document.State.CREATED, Document.State.CANCELLED, user, at, reason)


def _move(
    document_id: int, before: str, after: str, user: User | None, at: datetime, reason: str
) -> Document:
    row = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    if row.state != before:
        raise DocumentError(f"{row.title} {row.number} ist {row.get_state_display()}")
    row.state = after
    row.save(update_fields=["state"])
    audit.record(
        client_id=row.client_id,
        at=at,
        user=user,
        action=f"document.{after}",
        object_kind="documents.document",
        object_id=row.pk,
        text=reason,
    )
    return row
