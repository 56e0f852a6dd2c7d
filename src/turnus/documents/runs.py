"""The document run: missing PDFs in chunks; each chunk is one transaction from data to stored original."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from turnus.documents.models import Document
from turnus.documents.services import failure_case, render_documents
from turnus.system.models import Run
from turnus.system.runs import ChunkResult
from turnus.worklist.services import open_case

__all__ = ["DOCUMENTS"]


class DocumentRun:
    """`system.runs.RunKind` of documents. Parameters: see `services.start_rendering`."""

    title = "Dokumente erzeugen"
    # Small enough that the PDFs of a chunk (about 120 kB each) stay a modest part of memory.
    chunk_size = 50

    def population(self, run: Run) -> Iterable[int]:
        """Documents without PDF that were not withdrawn."""
        rows = Document.objects.filter(
            client_id=run.client_id, original__isnull=True, state=Document.State.CREATED
        )
        if run.parameters.get("kind"):
            rows = rows.filter(kind=run.parameters["kind"])
        if run.parameters.get("ids") is not None:
            rows = rows.filter(id__in=run.parameters["ids"])
        return rows.order_by("id").values_list("id", flat=True)

    def process(self, run: Run, subjects: list[int]) -> ChunkResult:
        made = render_documents(client_id=run.client_id, ids=subjects, at=_moment(run))
        return ChunkResult(len(subjects), figures={"rendered": made})

    def failed(self, run: Run, subject: int, reason: str) -> None:
        """One case per cause: the documents stay without PDF until somebody has removed it."""
        document = Document.objects.defer("data").get(pk=subject)
        open_case(
            client_id=run.client_id, new=failure_case(document=document, reason=reason), at=_moment(run)
        )

    def finished(self, run: Run) -> None:
        """Sending is a decision of its own, so nothing follows here."""


def _moment(run: Run) -> datetime:
    return datetime.fromisoformat(run.parameters["at"])


DOCUMENTS = DocumentRun()
