"""What `turnus verify` proves of documents: every original still has its hash, nothing left without PDF."""

from __future__ import annotations

from django.db import connection

from turnus.documents.models import Document
from turnus.system.verify import Finding

__all__ = ["check_dispatched", "check_originals"]


def check_originals(*, client_id: int) -> tuple[int, list[Finding]]:
    """Size and SHA-256 of all originals, computed by the database so that no byte has to travel."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_original WHERE client_id = %s", [client_id])
        count = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT id, name FROM documents_original WHERE client_id = %s "
            "AND (sha256 <> encode(sha256(content), 'hex') OR size <> octet_length(content)) ORDER BY id",
            [client_id],
        )
        broken = cursor.fetchall()
    text = "Inhalt und gespeicherter Hash stimmen nicht überein."
    return count, [Finding("check_originals", f"Original {row[0]} {row[1]}", text) for row in broken]


def check_dispatched(*, client_id: int) -> tuple[int, list[Finding]]:
    """Whatever was sent has its PDF in the archive and the moment it left."""
    sent = Document.objects.filter(client_id=client_id, state__in=["dispatched", "returned"])
    bare = sent.filter(original__isnull=True) | sent.filter(dispatched_at__isnull=True)
    text = "versendet, aber ohne PDF oder ohne Zeitpunkt."
    return sent.count(), [
        Finding("check_dispatched", str(row), text) for row in bare.defer("data").order_by("id")
    ]
