"""Database rules of billing that constraints cannot express."""


def triggers_sql() -> str:
    """A released bill may only be marked as cancelled; a rejected one never changes; no bill is deleted.

    One put aside is decided; until then its checks may be repeated, which changes what it is found to break.
    """
    return """
CREATE OR REPLACE FUNCTION billing_guard_bill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Rechnungen werden nie gelöscht.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'excepted' THEN
        IF (to_jsonb(NEW) - 'state' - 'number' - 'bill_date' - 'due_date' - 'decided_by_id' - 'decided_at'
              - 'decision_reason' - 'open_item_id' - 'exceptions' - 'checks')
           <> (to_jsonb(OLD) - 'state' - 'number' - 'bill_date' - 'due_date' - 'decided_by_id' - 'decided_at'
              - 'decision_reason' - 'open_item_id' - 'exceptions' - 'checks') THEN
            RAISE EXCEPTION 'Eine ausgesteuerte Rechnung wird freigegeben oder abgelehnt, nicht geändert.'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.state = 'released' AND NOT OLD.is_cancelled AND NEW.is_cancelled
          AND (to_jsonb(NEW) - 'is_cancelled') = (to_jsonb(OLD) - 'is_cancelled') THEN
        RETURN NEW;
    ELSE
        RAISE EXCEPTION 'Rechnung % ist freigegeben oder abgelehnt und unveränderlich.', OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER billing_guard_bill BEFORE UPDATE OR DELETE ON billing_bill
    FOR EACH ROW EXECUTE FUNCTION billing_guard_bill();
"""
