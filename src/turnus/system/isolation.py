"""Separation of the principals by PostgreSQL row-level security.

Every table with a `client_id` column carries one policy: a row is visible, and may be written, only
while its principal is among those that the connection is allowed. The allowance is a session
setting made here and nowhere else; a connection that was never told anything sees nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg.pq import TransactionStatus

SETTING = "turnus.clients"
POLICY = "principal_isolation"


def _current() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING])
        return str(cursor.fetchone()[0])


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, value])


def allow(client_ids: Iterable[int]) -> None:
    """Allow this connection exactly these principals until told otherwise."""
    _set(",".join(str(int(i)) for i in sorted(set(client_ids))))


@contextmanager
def allowed(*client_ids: int) -> Iterator[None]:
    """Allow these principals inside the block and restore the former allowance after it."""
    before = _current()
    allow(client_ids)
    try:
        yield
    finally:
        # In an aborted transaction nothing can be set; its rollback takes our setting back anyway.
        raw = connection.connection
        if raw is not None and raw.info.transaction_status != TransactionStatus.INERROR:
            _set(before)


def allowed_ids() -> tuple[int, ...]:
    """Ids of the principals this connection may see now."""
    return tuple(int(i) for i in _current().split(",") if i)
