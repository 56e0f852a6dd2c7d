"""The audit trail: one call beside every change that a person or machine makes."""

from datetime import datetime
from typing import Any

from turnus.system.models import AuditEntry, User


def record(
    *,
    client_id: int,
    at: datetime,
    user: User | None,
    action: str,
    object_kind: str,
    object_id: int | None,
    text: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Add one entry. `object_kind` is `room.model`, `details` holds old and new values (JSON)."""
    AuditEntry.objects.create(
        client_id=client_id,
        at=at,
        user=user,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        text=text,
        details=details or {},
    )


def record_many(
    *,
    client_id: int,
    at: datetime,
    user: User | None,
    action: str,
    object_kind: str,
    object_ids: list[int],
    text: str = "",
) -> None:
    """The same entry for many objects, in one statement (mass work)."""
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                client_id=client_id,
                at=at,
                user=user,
                action=action,
                object_kind=object_kind,
                object_id=i,
                text=text,
            )
            for i in object_ids
        ],
        batch_size=2000,
    )
