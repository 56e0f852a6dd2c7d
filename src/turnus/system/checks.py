"""What the system room proves of a principal's data."""

from collections.abc import Mapping

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from psycopg import sql

from turnus.system.models import NumberRange
from turnus.system.verify import Finding

_GAPS = """
    SELECT n FROM generate_series(1, %s) AS n
    EXCEPT
    SELECT substring({column} FROM {digits_from})::bigint FROM {table}
    WHERE client_id = %s AND starts_with({column}, %s)
      AND substring({column} FROM {digits_from}) ~ '^[0-9]{{1,18}}$'
    ORDER BY 1 LIMIT 20
"""


def check_number_gaps(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every number drawn from a range stands on an object; a gap would be a lost document (GoBD)."""
    places: Mapping[str, str] = import_string(f"{settings.TURNUS_HANDLERS}.NUMBERED")
    looked_at, findings = 0, []
    for numbers in NumberRange.objects.filter(client_id=client_id, name__in=places):
        looked_at += numbers.last
        model, column = places[numbers.name].rsplit(".", 1)
        query = sql.SQL(_GAPS).format(
            column=sql.Identifier(column),
            table=sql.Identifier(apps.get_model(model)._meta.db_table),
            digits_from=sql.Literal(len(numbers.prefix) + 1),
        )
        with connection.cursor() as cursor:
            cursor.execute(query, [numbers.last, client_id, numbers.prefix])
            findings += [
                Finding(
                    "number_gaps",
                    f"{numbers.prefix}{row[0]:0{numbers.digits}d}",
                    f"Nummer fehlt ({numbers.name}).",
                )
                for row in cursor.fetchall()
            ]
    return looked_at, findings
