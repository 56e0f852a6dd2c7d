"""Set-wise writing under row-level security.

PostgreSQL refuses COPY straight into a table with policies, so rows are copied into a temporary
table and inserted from there: one statement, policies and triggers run once over the set.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import connection, models, transaction
from psycopg import sql

M = TypeVar("M", bound=models.Model)


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw `count` primary keys of a model's sequence, so that children can name parents not yet written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


# Without a transaction of its own the temporary table would be empty again before the insert.
@transaction.atomic(savepoint=False)
def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, suffix: str = ""
) -> int:
    """Insert rows given as tuples in the order of `columns` (database names). Returns their number.

    Args:
        suffix: SQL after the insert, for example `ON CONFLICT DO NOTHING`.
    """
    table = model._meta.db_table
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    target, temporary = sql.Identifier(table), sql.Identifier(f"incoming_{table}")
    # The raw cursor is used for COPY; its errors become Django's here, as everywhere else.
    with connection.cursor() as wrapper, connection.wrap_database_errors:
        cursor = wrapper.cursor
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} (LIKE {}) ON COMMIT DELETE ROWS").format(
                temporary, target
            )
        )
        cursor.execute(sql.SQL("DELETE FROM {}").format(temporary))
        # LIKE takes over NOT NULL of columns that only the final insert fills (identity keys).
        if "id" not in columns and any(f.column == "id" for f in model._meta.local_fields):
            cursor.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN id DROP NOT NULL").format(temporary))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(temporary, names)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} {}").format(
                target,
                names,
                names,
                temporary,
                sql.SQL(suffix),
            )
        )
        return int(cursor.rowcount)
