"""Take master data in from tables: good rows go in, bad rows are reported, the same again changes nothing.

Rooms register their kinds in `project.handlers.IMPORT_KINDS`. Rows are written in chunks, set-wise;
where a chunk breaks, its rows are tried one by one, each in a savepoint, so that one bad row never
takes others with it and is never half done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.module_loading import import_string

from turnus.lib.csv_table import Column, Row, RowError, read_table, template
from turnus.system import statistics
from turnus.system.changes import InvalidInput
from turnus.system.models import User


class RowRefused(ValueError):
    """A row that cannot be written: which column, why, and what to do."""

    def __init__(self, row: Row, column: str, cause: str, remedy: str) -> None:
        super().__init__(cause)
        value = row.values.get(column)
        self.error = RowError(row.number, column, "" if value is None else str(value), cause, remedy)


@dataclass(slots=True)
class Written:
    """What became of a chunk's rows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)

    def add(self, other: "Written") -> None:
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.errors += other.errors


class ImportKind(Protocol):
    """What a room registers. `key` names the columns that make a row unique within a file."""

    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    chunk_size: int

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """Write rows set-wise. Rows it refuses stand in `errors`; nothing of them may be written."""
        ...


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of one file."""

    kind: str
    rows: int
    new: int
    changed: int
    unchanged: int
    errors: tuple[RowError, ...]
    dry_run: bool

    @property
    def refused(self) -> int:
        """Rows that were not taken (a row may have several errors)."""
        return len({e.row for e in self.errors})


class UnknownImport(LookupError):
    """There is no such kind of table."""


def _paths() -> Mapping[str, str]:
    table: Mapping[str, str] = import_string(f"{settings.TURNUS_HANDLERS}.IMPORT_KINDS")
    return table


def kinds() -> dict[str, ImportKind]:
    """Every kind of table by name, in the order in which a new principal is filled."""
    return {name: import_string(path) for name, path in _paths().items()}


def kind_of(name: str) -> ImportKind:
    """One kind.

    Raises:
        UnknownImport: with the list of known kinds.
    """
    known = _paths()
    if name not in known:
        raise UnknownImport(f"„{name}“ kann nicht importiert werden. Möglich: {', '.join(known)}.")
    handler: ImportKind = import_string(known[name])
    return handler


def template_of(name: str) -> bytes:
    """The template file of a kind."""
    return template(kind_of(name).columns)


def run(
    *,
    kind: str,
    client_id: int,
    content: bytes,
    name: str,
    user: User | None,
    at: datetime,
    dry_run: bool = False,
) -> ImportReport:  # fmt: skip
    """Import one file.

    Raises:
        UnknownImport: no such kind.
        turnus.lib.csv_table.UnreadableTable: the file as a whole is unusable; nothing was written.
    """
    handler = kind_of(kind)
    table = read_table(content, handler.columns, name=name)
    total = Written(errors=list(table.errors))
    rows = _without_doubles(handler, table.rows, total)
    with transaction.atomic():
        for step, first in enumerate(range(0, len(rows), handler.chunk_size), start=1):
            chunk = rows[first : first + handler.chunk_size]
            total.add(_write(handler, client_id, chunk, user, at))
            if not dry_run:
                statistics.refresh_after(step)
        transaction.set_rollback(dry_run)
    errors = tuple(sorted(total.errors, key=lambda e: (e.row, e.column)))
    count = len(table.rows) + len({e.row for e in table.errors})
    return ImportReport(kind, count, total.new, total.changed, total.unchanged, errors, dry_run)


def _without_doubles(handler: ImportKind, rows: Sequence[Row], total: Written) -> list[Row]:
    """Rows whose key appears for the first time; a later one with the same key is an error."""
    seen: dict[tuple[object, ...], int] = {}
    kept = []
    for row in rows:
        key = tuple(row[column] for column in handler.key)
        if key in seen:
            remedy = f"Eine der Zeilen {seen[key]} und {row.number} löschen."
            refused = RowRefused(row, handler.key[0], "Dieselbe Zeile steht schon in der Datei.", remedy)
            total.errors.append(refused.error)
        else:
            seen[key] = row.number
            kept.append(row)
    return kept


def _write(
    handler: ImportKind, client_id: int, rows: Sequence[Row], user: User | None, at: datetime
) -> Written:
    """The whole chunk at once; if it breaks, row by row."""
    try:
        with transaction.atomic():
            return handler.write(client_id=client_id, rows=rows, user=user, at=at)
    except RowRefused as refused:
        if len(rows) == 1:
            return Written(errors=[refused.error])
    except InvalidInput as refused:
        if len(rows) == 1:
            remedy = "Wert berichtigen und die Datei erneut einlesen."
            return Written(errors=[RowError(rows[0].number, refused.field, "", str(refused), remedy)])
    except DatabaseError as refused:
        if len(rows) == 1:
            cause = str(refused).splitlines()[0]
            remedy = "Zeile mit den vorhandenen Daten vergleichen."
            return Written(errors=[RowError(rows[0].number, "", "", cause, remedy)])
    total = Written()
    for row in rows:
        total.add(_write(handler, client_id, [row], user, at))
    return total
