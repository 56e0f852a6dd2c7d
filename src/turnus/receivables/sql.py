"""The rules of open items and clearing as triggers, once per statement over all its rows.

An open item is born from one leg of a control account and never deleted; its amount, side and account never
change, and `open_cents` is its amount less its clearing lines, always: the insert of lines sets it, any other
value is refused. A clearing seals its lines: one account, the sides cancel, at least two lines; lines are
positive unless the clearing reverses another, which it then mirrors. The check constraint
`open_item_never_over_cleared` does the rest, whatever the number of threads.

A payout takes amount and IBAN from the entry it returns; once in a file it can only be settled.
"""

from turnus.ledger.sql import BY_INDEX

_ITEM = """
CREATE OR REPLACE FUNCTION receivables_item_born() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_items n JOIN ledger_leg l ON l.id = n.leg_id
        WHERE l.client_id <> n.client_id OR l.subaccount_id IS DISTINCT FROM n.subaccount_id
           OR l.amount_cents <> n.side * n.amount_cents OR n.open_cents <> n.amount_cents
    ) THEN
        RAISE EXCEPTION 'Ein offener Posten stimmt nicht mit seiner Buchungszeile überein.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'open_item_is_its_leg';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receivables_item_born AFTER INSERT ON receivables_openitem
    REFERENCING NEW TABLE AS new_items FOR EACH STATEMENT EXECUTE FUNCTION receivables_item_born();

CREATE OR REPLACE FUNCTION receivables_item_changed() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_items n FULL JOIN old_items o ON o.id = n.id
        WHERE n.id IS NULL OR o.id IS NULL
           OR (n.client_id, n.leg_id, n.subaccount_id, n.side, n.amount_cents, n.key, n.kind, n.document_date)
              IS DISTINCT FROM
              (o.client_id, o.leg_id, o.subaccount_id, o.side, o.amount_cents, o.key, o.kind, o.document_date)
    ) THEN
        RAISE EXCEPTION 'Betrag, Seite und Konto eines offenen Postens sind unveränderlich.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'open_item_immutable';
    END IF;
    IF EXISTS (
        SELECT 1 FROM new_items n JOIN old_items o ON o.id = n.id
        WHERE n.open_cents <> o.open_cents AND n.open_cents <> n.amount_cents - coalesce(
            (SELECT sum(c.amount_cents) FROM receivables_clearingline c WHERE c.open_item_id = n.id), 0)
    ) THEN
        RAISE EXCEPTION 'Ein offener Posten ändert sich nur durch einen Ausgleich.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'open_item_only_by_clearing';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receivables_item_changed AFTER UPDATE ON receivables_openitem
    REFERENCING OLD TABLE AS old_items NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION receivables_item_changed();
CREATE OR REPLACE TRIGGER receivables_item_stays BEFORE DELETE OR TRUNCATE ON receivables_openitem
    FOR EACH STATEMENT EXECUTE FUNCTION turnus_refuse_change();
"""

_LINES = """
CREATE OR REPLACE FUNCTION receivables_lines_apply() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM new_lines n JOIN receivables_clearing c ON c.id = n.clearing_id) THEN
        RAISE EXCEPTION 'Ein versiegelter Ausgleich nimmt keine Zeilen mehr auf.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'clearing_sealed';
    END IF;
    -- In the order of their ids, so that two clearings of the same items queue instead of deadlocking.
    PERFORM 1 FROM receivables_openitem WHERE id IN (SELECT open_item_id FROM new_lines)
      ORDER BY id FOR UPDATE;
    UPDATE receivables_openitem i SET open_cents = i.open_cents - s.total
      FROM (SELECT open_item_id, sum(amount_cents) AS total FROM new_lines GROUP BY open_item_id) s
      WHERE i.id = s.open_item_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receivables_lines_apply AFTER INSERT ON receivables_clearingline
    REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION receivables_lines_apply();
"""

_SEAL = """
CREATE OR REPLACE FUNCTION receivables_seal() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_clearings c
        LEFT JOIN receivables_clearingline l ON l.clearing_id = c.id
        LEFT JOIN receivables_openitem i ON i.id = l.open_item_id
        GROUP BY c.id, c.client_id, c.subaccount_id, c.reverses_id, c.line_count
        HAVING count(l.id) < 2 OR count(l.id) <> c.line_count OR sum(i.side * l.amount_cents) <> 0
            OR bool_or(i.subaccount_id <> c.subaccount_id)
            OR bool_or(i.client_id <> c.client_id OR l.client_id <> c.client_id)
            OR (c.reverses_id IS NULL AND min(l.amount_cents) <= 0)
    ) THEN
        RAISE EXCEPTION 'Ein Ausgleich braucht zwei Seiten desselben Kontos, die sich aufheben.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clearing_balanced';
    END IF;
    IF EXISTS (SELECT 1 FROM new_clearings WHERE reverses_id IS NOT NULL) AND EXISTS (
        SELECT 1 FROM new_clearings c
        JOIN receivables_clearingline l ON l.clearing_id = ANY (ARRAY[c.id, c.reverses_id])
        WHERE c.reverses_id IS NOT NULL GROUP BY c.id, l.open_item_id HAVING sum(l.amount_cents) <> 0
    ) THEN
        RAISE EXCEPTION 'Die Rücknahme eines Ausgleichs muss ihn Zeile für Zeile aufheben.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clearing_reversal_mirrors';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receivables_seal AFTER INSERT ON receivables_clearing
    REFERENCING NEW TABLE AS new_clearings FOR EACH STATEMENT EXECUTE FUNCTION receivables_seal();

CREATE OR REPLACE FUNCTION receivables_line_at_commit() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF (SELECT c.line_count <> (SELECT count(*) FROM receivables_clearingline l WHERE l.clearing_id = c.id)
        FROM receivables_clearing c WHERE c.id = NEW.clearing_id) THEN
        RAISE EXCEPTION 'Ein versiegelter Ausgleich nimmt keine Zeilen mehr auf.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'clearing_sealed';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS receivables_line_at_commit ON receivables_clearingline;
CREATE CONSTRAINT TRIGGER receivables_line_at_commit AFTER INSERT ON receivables_clearingline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION receivables_line_at_commit();
"""

_PAYOUT = """
CREATE OR REPLACE FUNCTION receivables_payout_born() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_payouts n JOIN receivables_statemententry e ON e.id = n.entry_id
        WHERE (e.client_id, e.iban, e.amount_cents) IS DISTINCT FROM (n.client_id, n.iban, n.amount_cents)
    ) THEN
        RAISE EXCEPTION 'Zurück geht nur der eingegangene Betrag auf das Konto, von dem er kam.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_back_to_sender';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receivables_payout_born AFTER INSERT ON receivables_payout
    REFERENCING NEW TABLE AS new_payouts FOR EACH STATEMENT EXECUTE FUNCTION receivables_payout_born();

CREATE OR REPLACE FUNCTION receivables_payout_changed() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_payouts n FULL JOIN old_payouts o ON o.id = n.id
        WHERE n.id IS NULL OR o.id IS NULL
           OR (n.client_id, n.number, n.entry_id, n.amount_cents, n.iban, n.name, n.remittance, n.journal_id,
               n.proposed_by_id, n.approved_by_id)
              IS DISTINCT FROM
              (o.client_id, o.number, o.entry_id, o.amount_cents, o.iban, o.name, o.remittance, o.journal_id,
               o.proposed_by_id, o.approved_by_id)
           OR (o.file_id IS NOT NULL AND n.file_id IS DISTINCT FROM o.file_id)
           OR (o.state <> n.state AND (o.state, n.state) NOT IN (
               ('approved', 'in_file'), ('approved', 'cancelled'), ('in_file', 'settled')))
    ) THEN
        RAISE EXCEPTION 'Eine Auszahlung ändert sich nicht mehr; in einer Datei ist sie endgültig.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payout_final';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receivables_payout_changed AFTER UPDATE ON receivables_payout
    REFERENCING OLD TABLE AS old_payouts NEW TABLE AS new_payouts
    FOR EACH STATEMENT EXECUTE FUNCTION receivables_payout_changed();
CREATE OR REPLACE TRIGGER receivables_payout_stays BEFORE DELETE OR TRUNCATE ON receivables_payout
    FOR EACH STATEMENT EXECUTE FUNCTION turnus_refuse_change();
"""


def triggers_sql() -> str:
    """Repeatable SQL; run as owner after every migration."""
    return (_ITEM + _LINES + _SEAL + _PAYOUT).replace("PLANNED", BY_INDEX)
