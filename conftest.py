"""The test database: made once per state of the schema, copied for every test process."""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.project.settings")
os.environ.setdefault("TURNUS_HOME", str(ROOT / "var"))
os.environ.setdefault("TURNUS_SECRET_KEY", "tests-only")


def _schema_state() -> str:
    """A hash over everything that decides what the database looks like."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "turnus").rglob("*.py")):
        if "migrations" in path.parts or path.name in {"sql.py", "schema.py", "handlers.py", "middleware.py"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class Databases:
    """Copies of the prepared template on the test server."""

    def __init__(self) -> None:
        from turnus.system import boot

        home = boot.home()
        home.mkdir(parents=True, exist_ok=True)
        self.admin = os.environ.get("DATABASE_URL") or boot.hold_server(home / "test-pg")
        self.template = f"turnus_template_{_schema_state()}"
        with (home / "test-template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._make_template()

    def _connect(self) -> Any:
        import psycopg

        return psycopg.connect(self.admin, autocommit=True)

    def _make_template(self) -> None:
        from turnus.system import boot, schema

        with self._connect() as connection:
            # Speed only: a test database need not survive a power cut.
            for line in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                connection.execute(f"ALTER SYSTEM SET {line}")
            connection.execute("SELECT pg_reload_conf()")
            boot._create_roles(connection)
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.template]).fetchone():
                return
            for (old,) in connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'turnus_t%'"
            ).fetchall():
                connection.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
            making = self.template + "_making"
            connection.execute(f'DROP DATABASE IF EXISTS "{making}" WITH (FORCE)')
            boot.create_database(connection, making)
            self.use(making)
            schema.prepare(application_role=boot.APP)
            self.disconnect()
            connection.execute(f'ALTER DATABASE "{making}" RENAME TO "{self.template}"')

    def copy(self) -> str:
        from turnus.system import boot

        name = f"turnus_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
        with self._connect() as connection:
            boot.create_database(connection, name, template=self.template)
        return name

    def drop(self, name: str) -> None:
        with self._connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def use(self, name: str) -> None:
        """Point both connections, and every process a test starts, at this database."""
        from django.db import connections
        from psycopg.conninfo import conninfo_to_dict, make_conninfo

        from turnus.system import boot

        self.disconnect()
        known = conninfo_to_dict(self.admin)
        for alias, role, variable in (
            ("owner", boot.OWNER, "TURNUS_OWNER_DSN"),
            ("default", boot.APP, "TURNUS_APP_DSN"),
        ):
            dsn = make_conninfo(self.admin, user=role, dbname=name)
            os.environ[variable] = dsn
            connections[alias].settings_dict.update(
                NAME=name, USER=role, HOST=known.get("host", ""), PORT=known.get("port", ""), PASSWORD=""
            )
        os.environ["TURNUS_SERVER_HELD"] = "1"

    @staticmethod
    def disconnect() -> None:
        from django.db import connections

        for connection in connections.all():
            connection.close()


@pytest.fixture(scope="session")
def databases(django_db_blocker: Any) -> Databases:
    with django_db_blocker.unblock():
        return Databases()


@pytest.fixture(scope="session")
def django_db_setup(databases: Databases, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's hook: one copy for all tests of this process that roll back."""
    with django_db_blocker.unblock():
        name = databases.copy()
        databases.use(name)
        os.environ["TURNUS_TEST_DB"] = name
        yield
        databases.disconnect()
        databases.drop(name)


@pytest.fixture
def committed_db(databases: Databases, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of its own for tests that commit, kill or run threads; thrown away afterwards."""
    with django_db_blocker.unblock():
        name = databases.copy()
        databases.use(name)
        try:
            yield name
        finally:
            databases.use(os.environ["TURNUS_TEST_DB"])
            databases.drop(name)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the repository; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("TURNUS_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("reference material (TURNUS_SHARED or ../shared) is not here")
    return folder
