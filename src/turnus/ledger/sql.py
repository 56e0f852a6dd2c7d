"""The rules of the ledger as triggers, once per statement over all its rows.

A journal seals its legs: legs are inserted first, the journal last. Then: at least two legs, their sum is
zero, the period exists and is not locked, a reversal mirrors its original leg by leg. A leg whose journal
already exists is refused, so a sealed journal can never grow. UPDATE, DELETE and TRUNCATE are refused for
both tables (`project.handlers.APPEND_ONLY`). A locked period is reopened by two persons only.
"""

# How every trigger function here runs. As its owner, for the policies of row-level security would draw the
# planner to the index on the principal, which matches every row. And by index only: the plan is made once
# per connection, perhaps while the tables were still empty, and a sequential scan chosen then would grow.
BY_INDEX = (
    "SECURITY DEFINER SET search_path = public, pg_temp "
    "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
)

_SEAL = """
CREATE OR REPLACE FUNCTION ledger_seal() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
DECLARE bad record;
BEGIN
    -- FOR SHARE: whoever locks a period waits for postings in flight, and they wait for the lock.
    PERFORM 1 FROM ledger_postingperiod p
      WHERE (p.client_id, p.month) IN (SELECT DISTINCT client_id, month FROM new_journals)
      ORDER BY p.id FOR SHARE;
    SELECT j.idem_key, j.month, p.is_locked INTO bad FROM new_journals j
      LEFT JOIN ledger_postingperiod p ON p.client_id = j.client_id AND p.month = j.month
      WHERE p.id IS NULL OR p.is_locked OR j.month <> to_char(j.posting_date, 'YYYY-MM') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Buchung %: Periode % ist gesperrt oder nicht eröffnet.', bad.idem_key, bad.month
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_period_open';
    END IF;
    SELECT j.idem_key, count(l.id) AS legs, coalesce(sum(l.amount_cents), 0) AS total INTO bad
      FROM new_journals j LEFT JOIN ledger_leg l ON l.journal_id = j.id
      GROUP BY j.id, j.idem_key, j.leg_count, j.client_id
      HAVING count(l.id) < 2 OR count(l.id) <> j.leg_count OR sum(l.amount_cents) <> 0
          OR bool_or(l.client_id <> j.client_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Buchung %: % Zeilen mit der Summe % Cent gehen nicht auf.',
            bad.idem_key, bad.legs, bad.total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balanced';
    END IF;
    IF EXISTS (SELECT 1 FROM new_journals WHERE reverses_id IS NOT NULL) THEN
        SELECT j.idem_key INTO bad FROM new_journals j
          JOIN ledger_leg l ON l.journal_id = ANY (ARRAY[j.id, j.reverses_id])
          WHERE j.reverses_id IS NOT NULL
          GROUP BY j.id, j.idem_key, l.account_id, l.subaccount_id, l.vat_percent
          HAVING sum(l.amount_cents) <> 0 LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'Storno % hebt seine Buchung nicht Zeile für Zeile auf.', bad.idem_key
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_mirrors';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_seal AFTER INSERT ON ledger_journal
    REFERENCING NEW TABLE AS new_journals FOR EACH STATEMENT EXECUTE FUNCTION ledger_seal();
"""

_LEGS = """
CREATE OR REPLACE FUNCTION ledger_leg_before_seal() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM new_legs n JOIN ledger_journal j ON j.id = n.journal_id) THEN
        RAISE EXCEPTION 'Eine versiegelte Buchung nimmt keine Zeilen mehr auf.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_sealed';
    END IF;
    IF EXISTS (
        SELECT 1 FROM new_legs n JOIN ledger_account a ON a.id = n.account_id
        LEFT JOIN ledger_subaccount s ON s.id = n.subaccount_id
        WHERE s.client_id <> n.client_id OR a.client_id <> n.client_id
           OR a.is_control <> (n.subaccount_id IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'Ein Mitbuchkonto braucht ein Personenkonto, ein anderes Konto darf keines haben.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_subaccount';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_leg_before_seal AFTER INSERT ON ledger_leg
    REFERENCING NEW TABLE AS new_legs FOR EACH STATEMENT EXECUTE FUNCTION ledger_leg_before_seal();
"""

# Two transactions may race: one seals a journal while another, not yet committed, adds legs to its id. The
# seal cannot see those; this check at commit counts them.
_COMMIT = """
CREATE OR REPLACE FUNCTION ledger_leg_at_commit() RETURNS trigger LANGUAGE plpgsql PLANNED AS $$
BEGIN
    IF (SELECT j.leg_count <> (SELECT count(*) FROM ledger_leg l WHERE l.journal_id = j.id)
        FROM ledger_journal j WHERE j.id = NEW.journal_id) THEN
        RAISE EXCEPTION 'Eine versiegelte Buchung nimmt keine Zeilen mehr auf.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_sealed';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS ledger_leg_at_commit ON ledger_leg;
CREATE CONSTRAINT TRIGGER ledger_leg_at_commit AFTER INSERT ON ledger_leg
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_leg_at_commit();
"""

_PERIOD = """
CREATE OR REPLACE FUNCTION ledger_period_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.is_locked THEN
            RAISE EXCEPTION 'Die gesperrte Periode % bleibt.', OLD.month
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_period_stays';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.client_id, NEW.month) IS DISTINCT FROM (OLD.client_id, OLD.month)
       OR (OLD.is_locked AND NOT NEW.is_locked AND (
           NEW.unlocked_by_id IS NULL OR NEW.unlock_proposed_by_id IS NULL
           OR NEW.unlocked_at IS NULL OR NEW.unlocked_at IS NOT DISTINCT FROM OLD.unlocked_at)) THEN
        RAISE EXCEPTION 'Periode %: Wieder geöffnet wird nur zu zweit.', OLD.month
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_period_reopened_by_two';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_period_changed BEFORE UPDATE OR DELETE ON ledger_postingperiod
    FOR EACH ROW EXECUTE FUNCTION ledger_period_changed();
"""

_NUMBER = """
CREATE SEQUENCE IF NOT EXISTS ledger_journal_entry;
ALTER TABLE ledger_journal ALTER COLUMN number SET DEFAULT nextval('ledger_journal_entry');
"""


def triggers_sql() -> str:
    """Repeatable SQL; run as owner after every migration."""
    return (_NUMBER + _SEAL + _LEGS + _COMMIT + _PERIOD).replace("PLANNED", BY_INDEX)
