"""How fast bills become stored PDFs: create the documents, then the mass run in two processes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from turnus.bench.base import BenchResult, result

__all__ = ["run"]

BATCH = 500
PROCESSES = 2
AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def run(*, size: int = 1000) -> BenchResult:
    """Create and set `size` four-page electricity bills, no two the same. Needs an empty database."""
    from turnus.documents.models import Document
    from turnus.documents.services import start_rendering
    from turnus.system import runs
    from turnus.system.isolation import allowed
    from turnus.system.models import Principal

    principal = Principal.objects.create(short_name="bench", name="Bench")
    with allowed(principal.pk):
        begin = time.perf_counter()
        for first in range(1, size + 1, BATCH):
            _create(principal.pk, range(first, min(first + BATCH, size + 1)))
        made, _ = start_rendering(client_id=principal.pk, key="bench", user=None, at=AT)
        runs.execute(made, processes=PROCESSES)
        seconds = time.perf_counter() - begin
        stored = Document.objects.filter(original__isnull=False).count()
    if stored != size:
        raise RuntimeError(f"Nur {stored} von {size} PDFs sind gespeichert.")
    return result(kind="documents", size=size, unit="PDF", seconds=seconds)


def _create(client_id: int, serials: range) -> None:
    from turnus.bench.bills import varied_bill
    from turnus.documents.render.records import to_data
    from turnus.documents.services import DocumentDraft, create_documents

    bills = [varied_bill(serial) for serial in serials]
    drafts = [
        DocumentDraft("bill", b.number, "Rechnung", b.customer_number, "", None, to_data(b)) for b in bills
    ]
    create_documents(client_id=client_id, drafts=drafts, user=None, at=AT)
