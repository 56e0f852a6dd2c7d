"""What `turnus verify` proves of documents: every original still has its hash, nothing left without PDF."""

from __future__ import annotations

import hashlib

from django.db import connection

from turnus.documents.calc.packing import PLAIN
from turnus.documents.models import Document, Original
from turnus.system.verify import Finding

__all__ = ["check_dispatched", "check_originals"]


def check_originals(*, client_id: int) -> tuple[int, list[Finding]]:
    """Size and SHA-256 of all originals.

    The database computes those of unpacked ones, so that no byte has to travel; packed ones are few bytes.
    """
    rows = Original.objects.filter(client_id=client_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name FROM documents_original WHERE client_id = %s AND packing = %s "
            "AND (sha256 <> encode(sha256(stored), 'hex') OR size <> octet_length(stored)) ORDER BY id",
            [client_id, PLAIN],
        )
        broken = cursor.fetchall()
    packed = rows.exclude(packing=PLAIN).order_by("id")
    broken += [(row.pk, row.name) for row in packed.iterator(chunk_size=20) if not _is_whole(row)]
    text = "Inhalt und gespeicherter Hash stimmen nicht überein."
    findings = [Finding("check_originals", f"Original {key} {name}", text) for key, name in sorted(broken)]
    return rows.count(), findings


def _is_whole(row: Original) -> bool:
    try:
        content = row.content
    except ValueError:
        return False
    return len(content) == row.size and hashlib.sha256(content).hexdigest() == row.sha256


def check_dispatched(*, client_id: int) -> tuple[int, list[Finding]]:
    """Whatever was sent has its PDF in the archive and the moment it left."""
    sent = Document.objects.filter(client_id=client_id, state__in=["dispatched", "returned"])
    bare = sent.filter(original__isnull=True) | sent.filter(dispatched_at__isnull=True)
    text = "versendet, aber ohne PDF oder ohne Zeitpunkt."
    return sent.count(), [
        Finding("check_dispatched", str(row), text) for row in bare.defer("data").order_by("id")
    ]
