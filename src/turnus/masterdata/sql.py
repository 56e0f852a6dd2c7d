"""Finding customers by a part of their name, as one function of the database.

Row-level security lets only leakproof conditions use an index, and LIKE is not leakproof: a search
through the policies would read every row of the principal. The function therefore runs as the owner
of the tables and itself keeps to the principals that the connection may see.
"""

from turnus.system.isolation import SETTING

_PREFIXES = (
    ("masterdata_customer", "number"),
    ("masterdata_marketlocation", "market_location_id"),
    ("masterdata_meteringlocation", "metering_location_id"),
    ("masterdata_meter", "number"),
    ("masterdata_bankaccount", "iban"),
)


def prefix_index(table: str, column: str) -> str:
    """SQL of the index for the beginning of a number, in whatever collation the database has."""
    return f"CREATE INDEX IF NOT EXISTS {table}_{column}_prefix ON {table} ({column} varchar_pattern_ops);\n"


def search_sql() -> str:
    """Repeatable SQL: indexes for prefixes and names, and `turnus_customers_like(text, at most)`."""
    indexes = "".join(prefix_index(table, column) for table, column in _PREFIXES)
    return indexes + _NAMES + _FUNCTION.replace("@SETTING@", SETTING)


_NAMES = """
CREATE INDEX IF NOT EXISTS masterdata_customer_full_name_trgm ON masterdata_customer
    USING gin ((first_name || ' ' || name) gin_trgm_ops);
"""
# Every word must occur in first name and name, or begin the number. The longest word, if it has three
# letters, goes over the indexes; EXECUTE lets PostgreSQL plan for the very words instead of for any.
_FUNCTION = r"""
CREATE OR REPLACE FUNCTION turnus_customers_like(wanted text, most integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids bigint[] := string_to_array(nullif(current_setting('@SETTING@', true), ''), ',')::bigint[];
    words text[] := regexp_split_to_array(btrim(wanted), '\s+');
    word text;
    condition text := '';
BEGIN
    IF ids IS NULL OR btrim(wanted) = '' THEN RETURN; END IF;
    FOREACH word IN ARRAY words LOOP
        condition := condition || format(
            ' AND ((first_name || '' '' || name) ILIKE %L OR number ~>=~ %L AND number ~<~ %L)',
            '%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%',
            upper(word), upper(word) || chr(1114111));
    END LOOP;
    RETURN QUERY EXECUTE
        'SELECT id FROM masterdata_customer WHERE client_id = ANY ($1)' || condition || ' LIMIT $2'
        USING ids, most;
END $$;
"""
