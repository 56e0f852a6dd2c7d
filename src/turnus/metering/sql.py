"""The rules of measured values as triggers.

A measured value never changes and never goes away: only whether it counts may change. Interval days refer to
their series and original by one check per statement instead of a foreign key per row, which on the largest
table of all would cost as much as writing the rows; this check also sees that the principal is the same.
"""

from turnus.ledger.sql import BY_INDEX

_REFERENCES = """
CREATE OR REPLACE FUNCTION metering_day_references() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT client_id, series_id FROM new_days) n
        LEFT JOIN metering_intervalseries s ON s.id = n.series_id
        WHERE s.client_id IS DISTINCT FROM n.client_id
    ) OR EXISTS (
        SELECT 1 FROM (
            SELECT DISTINCT client_id, original_id FROM new_days WHERE original_id IS NOT NULL
        ) n LEFT JOIN documents_original o ON o.id = n.original_id
        WHERE o.client_id IS DISTINCT FROM n.client_id
    ) THEN
        RAISE EXCEPTION 'Ein Lastgangtag gehört zu keinem Lastgang oder keiner Nachricht des Auftraggebers.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'interval_day_references';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER metering_day_references AFTER INSERT ON metering_intervalday
    REFERENCING NEW TABLE AS new_days FOR EACH STATEMENT EXECUTE FUNCTION metering_day_references();

CREATE OR REPLACE FUNCTION metering_series_in_use() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM old_series o JOIN metering_intervalday d ON d.series_id = o.id) THEN
        RAISE EXCEPTION 'Der Lastgang hat Werte und kann nicht gelöscht werden.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'series_in_use';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER metering_series_in_use AFTER DELETE ON metering_intervalseries
    REFERENCING OLD TABLE AS old_series FOR EACH STATEMENT EXECUTE FUNCTION metering_series_in_use();
"""

# Columns that say what was measured; the others say whether it counts.
_MEASURED = {
    "metering_meterreading": "client_id, register_id, date, value, origin, quality, version, taken_at",
    "metering_intervalday": 'client_id, series_id, day, version, scale, "values", status, total, taken_at',
    "metering_gasquality": "client_id, market_location_id, kind, valid, value, quality, version, taken_at",
    "metering_energyamount": (
        "client_id, market_location_id, kind, obis_code, starts_at, ends_at, value, unit, quality, version"
    ),
}


def triggers_sql() -> str:
    """All triggers of this room; repeatable."""
    unchangeable = "".join(
        f"CREATE OR REPLACE TRIGGER {table}_measured BEFORE UPDATE OF {columns} OR DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION turnus_refuse_change();\n"
        for table, columns in _MEASURED.items()
    )
    return _REFERENCES.replace("PLANNED", BY_INDEX) + unchangeable
