"""Database rules of documents that constraints cannot express."""


def triggers_sql() -> str:
    """What a document says never changes; its PDF is laid down once; its state only moves forward.

    Checked over the whole statement at once, so that mass rendering and dispatch stay cheap.
    """
    return """
-- What is stored is packed already (calc/packing.py); trying again costs more than everything else about it.
ALTER TABLE documents_original ALTER COLUMN stored SET STORAGE EXTERNAL;
CREATE OR REPLACE FUNCTION documents_guard_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
    SELECT o.number INTO wrong FROM old_rows o JOIN new_rows n USING (id)
     WHERE (n.client_id, n.number, n.kind, n.title, n.customer_number)
        <> (o.client_id, o.number, o.kind, o.title, o.customer_number)
        OR (n.object_kind, n.created_at, n.data) <> (o.object_kind, o.created_at, o.data)
        OR n.object_id IS DISTINCT FROM o.object_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Dokument % ist unveränderlich.', wrong USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT o.number INTO wrong FROM old_rows o JOIN new_rows n USING (id)
     WHERE o.original_id IS NOT NULL AND n.original_id IS DISTINCT FROM o.original_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Das PDF von Dokument % liegt fest.', wrong USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT o.number INTO wrong FROM old_rows o JOIN new_rows n USING (id)
     WHERE n.state <> o.state AND (o.state, n.state) NOT IN (
        ('created', 'dispatched'), ('created', 'cancelled'), ('dispatched', 'returned'),
        ('returned', 'dispatched')) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Dokument % kann diesen Zustand nicht annehmen.', wrong
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT n.number INTO wrong FROM new_rows n WHERE n.state = 'dispatched'
       AND (n.original_id IS NULL OR n.dispatched_at IS NULL) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Dokument % hat kein PDF und kann nicht versendet sein.', wrong
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER documents_guard_update AFTER UPDATE ON documents_document
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION documents_guard_update();
CREATE OR REPLACE TRIGGER documents_never_deleted BEFORE DELETE OR TRUNCATE ON documents_document
    FOR EACH STATEMENT EXECUTE FUNCTION turnus_refuse_change();
"""
