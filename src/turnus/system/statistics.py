"""Tell the planner how large tables have become, while a mass run fills them.

Autovacuum comes round once a minute. Until then the planner knows nothing of a table that was empty, and
row-level security makes it guess badly: it takes the index on the principal, which matches every row, and the
cost of a chunk grows with all chunks before it. The application may not ANALYZE tables it does not own, so a
function of the owner does it (`schema.py`), for tables that have more than doubled.
"""

from django.db import connection, transaction

__all__ = ["refresh", "refresh_after"]


def refresh_after(step: int) -> None:
    """Refresh after steps 1, 2, 4, 8 … of work in equal steps: what it fills has then about doubled."""
    if step & (step - 1) == 0:
        refresh()


def refresh() -> int:
    """ANALYZE every table that has more than doubled since the planner last looked; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT turnus_refresh_statistics()")
        return int(cursor.fetchone()[0])
