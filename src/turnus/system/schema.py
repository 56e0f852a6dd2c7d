"""Bring a database to the state this release needs: migrations, policies, grants.

Policies and grants are laid over all tables after every migration instead of being written into
each one, so that no new table can be forgotten; `turnus verify` and a test check the result.
"""

from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string

from turnus.system.isolation import POLICY, SETTING

EXTENSIONS = ("btree_gist", "pg_trgm")

# One evaluation per statement (a scalar subquery), not per row: policies stay cheap on mass reads.
_POLICY = (
    "client_id = ANY ((SELECT string_to_array(nullif(current_setting('{setting}', true), ''), ',')"
    "::bigint[])::bigint[])"
)
_REFUSE = """
CREATE OR REPLACE FUNCTION turnus_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Zeilen in % sind unveränderlich (% abgelehnt).', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
# For `statistics.refresh`. Sizes are pages of 8 kB: `relpages` is the size when the planner last looked, the
# files tell today's. A process that finds another one at it leaves the work to that one.
_STATISTICS = """
CREATE OR REPLACE FUNCTION turnus_refresh_statistics() RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    grown record;
    refreshed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('turnus_refresh_statistics')) THEN
        RETURN 0;
    END IF;
    FOR grown IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm')
          AND pg_has_role(relowner, 'USAGE')
          AND pg_relation_size(oid) / 8192 > 2 * relpages + 15
        ORDER BY oid
    LOOP
        EXECUTE format('ANALYZE %I', grown.relname);
        refreshed := refreshed + 1;
    END LOOP;
    RETURN refreshed;
END $$;
"""
# The history of master data asks two settings on every row. The library's functions catch the error of a
# setting that is not there; each such error ends a subtransaction, which goes through all deferred checks of
# the transaction so far: 40,000 rows took 6 s instead of 1 s. Here are the same answers without it.
_HISTORY = """
CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(
        trigger_name = ANY (nullif(current_setting('pgtrigger.ignore', true), '')::text[]), false);
END $$;
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    context_id uuid := nullif(current_setting('pghistory.context_id', true), '')::uuid;
    context_metadata jsonb := nullif(current_setting('pghistory.context_metadata', true), '')::jsonb;
BEGIN
    IF context_id IS NULL OR context_metadata IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO pghistory_context AS known (id, metadata, created_at, updated_at)
        VALUES (context_id, context_metadata, now(), now())
        ON CONFLICT (id) DO UPDATE SET metadata = excluded.metadata, updated_at = excluded.updated_at
            WHERE known.metadata <> excluded.metadata;
    RETURN context_id;
END $$;
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a principal and whether its isolation is complete."""

    name: str
    isolated: bool


def prepare(*, application_role: str | None = None, verbosity: int = 0) -> None:
    """Migrate as owner and lay isolation and grants over every table. Repeatable.

    Args:
        application_role: the role the application connects as; by default that of "default".
    """
    role = application_role or str(connections["default"].settings_dict["USER"])
    owner = connections["owner"]
    with owner.cursor() as cursor:
        for extension in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        cursor.execute(_REFUSE + _STATISTICS)
    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
    with owner.cursor() as cursor:
        cursor.execute(_HISTORY)
        for table in owned_tables():
            _isolate(cursor, table, role)
        for path in import_string(f"{settings.TURNUS_HANDLERS}.SCHEMA_SQL"):
            cursor.execute(import_string(path)())
        for table in import_string(f"{settings.TURNUS_HANDLERS}.APPEND_ONLY"):
            make_append_only(cursor, table)
        _grant(cursor, role)
    owner.close()


def owned_tables() -> list[str]:
    """Names of all tables whose rows belong to a principal, by their column."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and "client_id" in {f.column for f in model._meta.local_fields}
    )


def _isolate(cursor: object, table: str, role: str) -> None:
    execute = cursor.execute  # type: ignore[attr-defined]
    condition = _POLICY.format(setting=SETTING)
    execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    execute(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
    execute(f'CREATE POLICY {POLICY} ON "{table}" TO "{role}" USING ({condition}) WITH CHECK ({condition})')


def make_append_only(cursor: object, table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on a table, for everyone but the owner of its triggers."""
    execute = cursor.execute  # type: ignore[attr-defined]
    execute(
        f'CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION turnus_refuse_change()"
    )


def _grant(cursor: object, role: str) -> None:
    execute = cursor.execute  # type: ignore[attr-defined]
    execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"')
    execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
    execute(f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{role}"')


def isolation_state(*, using: str = "default") -> list[Table]:
    """Every principal-owned table with whether exactly our policy, and row-level security, is in force.

    Further permissive policies would widen access, so their presence counts as broken; the expressions
    are compared with each other over all tables, because PostgreSQL stores them rewritten.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity, p.polname, pg_get_expr(p.polqual, c.oid), "
            "pg_get_expr(p.polwithcheck, c.oid) FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid"
        )
        policies: dict[str, list[tuple[bool, str, str, str]]] = {}
        for table, *policy in cursor.fetchall():
            policies.setdefault(table, []).append((policy[0], policy[1], policy[2], policy[3]))
    return [Table(name, _is_isolated(policies.get(name, []))) for name in owned_tables()]


def _is_isolated(policies: list[tuple[bool, str, str, str]]) -> bool:
    if len(policies) != 1:
        return False
    secured, name, reading, writing = policies[0]
    return (
        secured
        and name == POLICY
        and reading == writing
        and SETTING in reading
        and "client_id = ANY" in reading
    )
