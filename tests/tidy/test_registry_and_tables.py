"""The handler tables resolve, and every table of a principal is isolated."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.utils.module_loading import import_string

from turnus.project import handlers
from turnus.system.schema import isolation_state, owned_tables

# Tables without an owner, each with the reason why it needs none.
SHARED = {
    "system_principal": "the identity of the principals; names only",
    "system_user": "people; what they may see stands in memberships",
    "system_user_groups": "unused by Turnus, part of Django",
    "system_user_user_permissions": "unused by Turnus, part of Django",
    "system_businessdate": "one day for the whole installation",
    "partners_marketpartner": "public identities",
    "pghistory_context": "who and why of a change; the changed rows are isolated",
}
FOREIGN = ("auth_", "django_", "procrastinate_", "pgtrigger_")


def _paths() -> list[str]:
    single: list[dict[Any, str]] = [handlers.MESSAGE_HANDLERS, handlers.RUN_KINDS, handlers.APPROVAL_HANDLERS]
    return sorted(
        {path for table in single for path in table.values()}
        | {path for paths in handlers.CASE_ACTIONS.values() for path in paths}
        | set(handlers.SCHEMA_SQL)
        | set(handlers.VERIFY_CHECKS)
    )


@pytest.mark.parametrize("path", _paths())
def test_every_registered_path_resolves(path: str) -> None:
    assert import_string(path) is not None


@pytest.mark.parametrize("kind", sorted(handlers.RUN_KINDS))
def test_run_kinds_have_the_whole_protocol(kind: str) -> None:
    handler = import_string(handlers.RUN_KINDS[kind])
    assert handler.chunk_size > 0
    assert handler.title
    for part in ("population", "process", "failed", "finished"):
        assert callable(getattr(handler, part))


@pytest.mark.django_db
def test_every_table_of_a_principal_is_isolated() -> None:
    assert [t.name for t in isolation_state() if not t.isolated] == []
    assert len(owned_tables()) > 20


def test_every_other_table_is_shared_for_a_reason() -> None:
    owned = set(owned_tables())
    bare = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in owned
    }
    unexplained = {t for t in bare if not t.startswith(FOREIGN)} - set(SHARED)
    assert unexplained == set()
