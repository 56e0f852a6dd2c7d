"""Nobody may pay, return or request an instalment between the calculation of a bill and its posting."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg.errors
from django.db import OperationalError, connection, transaction

__all__ = ["lock_requests"]

_ITEMS = "SELECT id FROM receivables_openitem WHERE client_id = %s AND key = ANY(%s) ORDER BY id"


def lock_requests(*, client_id: int, keys: Sequence[str]) -> None:
    """Lock the open items of instalment requests until the transaction ends, paid ones too: they may return.

    A bank import locks items in several steps, so no order of ours alone rules out that each holds what the
    other waits for. Therefore this never waits while it holds one: all at once, or none and wait for the
    first that is taken.
    """
    wanted = (client_id, [f"instalment:{key}" for key in keys])
    while not _take_all(wanted):
        _wait_for_first(wanted)


def _take_all(wanted: tuple[int, list[str]]) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{_ITEMS} FOR UPDATE NOWAIT", wanted)
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            return False
        raise
    return True


def _wait_for_first(wanted: tuple[int, list[str]]) -> None:
    """Returns when the first item somebody holds is free again; holds nothing afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, wanted)
        known = [row[0] for row in cursor.fetchall()]
        mark = transaction.savepoint()
        cursor.execute(f"{_ITEMS} FOR UPDATE SKIP LOCKED", wanted)
        free = {row[0] for row in cursor.fetchall()}
        # Going back to the mark gives up the locks taken since.
        transaction.savepoint_rollback(mark)
        taken = [item for item in known if item not in free]
        if taken:
            cursor.execute("SELECT 1 FROM receivables_openitem WHERE id = %s FOR UPDATE", taken[:1])
            transaction.savepoint_rollback(mark)
        transaction.savepoint_commit(mark)
