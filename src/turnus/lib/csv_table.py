"""Read tables as German offices save them: `;` or `,`, UTF-8 or Windows-1252, 1.234,56 and 31.12.2026.

A table is refused as a whole when its columns are wrong; a cell that cannot be read costs its row
and is reported with row, column, value, cause and remedy. Nothing here knows what a row means.
"""

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class UnreadableTable(ValueError):
    """The file as a whole cannot be taken; nothing of it may be used. The message says what to do."""


class BadCell(ValueError):
    """A cell that cannot be read: cause, and what would be right."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.cause, self.remedy = cause, remedy


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a template: its header, how a cell is read, and an example a person can imitate."""

    name: str
    parse: Callable[[str], Any]
    help: str
    example: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not taken. `row` is the line in the file as an editor shows it (header = 1)."""

    row: int
    column: str
    value: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose every cell could be read; optional cells that are empty are None."""

    number: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True, slots=True)
class Table:
    """The readable rows of a file and the errors of the others."""

    rows: tuple[Row, ...]
    errors: tuple[RowError, ...]


def read_table(content: bytes, columns: Sequence[Column], *, name: str) -> Table:
    """Read a file.

    Raises:
        UnreadableTable: no text, no header, a column is missing, unknown or there twice.
    """
    text = _decode(content, name)
    lines = _lines(text, name)
    header = next(lines, None)
    if header is None:
        raise UnreadableTable(f"{name}: Die Datei ist leer. Erwartet wird eine Kopfzeile mit Spaltennamen.")
    order = _match_header(header[1], columns, name)
    rows: list[Row] = []
    errors: list[RowError] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        found = _read_row(number, cells, order, columns)
        if isinstance(found, Row):
            rows.append(found)
        else:
            errors.extend(found)
    return Table(tuple(rows), tuple(errors))


def template(columns: Sequence[Column]) -> bytes:
    """An example file with header and one row; the byte order mark lets Excel recognise UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([c.name for c in columns])
    writer.writerow([c.example for c in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _decode(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableTable(f"{name}: Das ist keine Textdatei. Bitte als CSV (UTF-8) speichern.")


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTable(f"{name}: Zeile {reader.line_num}: {error}") from error


def _plain(header: str) -> str:
    return re.sub(r"[\s_\-./()]+", "", header.strip().lower().translate(_UMLAUTS))


def _match_header(cells: Sequence[str], columns: Sequence[Column], name: str) -> list[Column]:
    """The column of each cell position; every problem of the header in one message."""
    known = {_plain(c.name): c for c in columns}
    problems = []
    order: list[Column] = []
    for cell in cells:
        column = known.get(_plain(cell))
        if column is None:
            near = difflib.get_close_matches(_plain(cell), known, n=1)
            hint = f" (gemeint „{known[near[0]].name}“?)" if near else ""
            problems.append(f"Spalte „{cell.strip()}“ ist unbekannt{hint}; bitte umbenennen oder löschen")
        elif column in order:
            problems.append(f"Spalte „{column.name}“ ist doppelt")
        else:
            order.append(column)
    missing = [c.name for c in columns if c.required and c not in order]
    if missing:
        problems.insert(0, "Es fehlt die Spalte " + ", ".join(f"„{m}“" for m in missing))
    if problems:
        raise UnreadableTable(f"{name}: {'. '.join(problems)}. Es wurde nichts übernommen.")
    return order


def _read_row(
    number: int, cells: Sequence[str], order: Sequence[Column], columns: Sequence[Column]
) -> Row | list[RowError]:
    if len(cells) != len(order):
        cause = f"Die Zeile hat {len(cells)} Felder, die Kopfzeile {len(order)}."
        return [
            RowError(number, "", ";".join(cells)[:80], cause, "Trennzeichen und Anführungszeichen prüfen.")
        ]
    values: dict[str, Any] = {c.name: None for c in columns}
    errors = []
    for column, cell in zip(order, cells, strict=True):
        text = cell.strip()
        try:
            if text:
                values[column.name] = column.parse(text)
            elif column.required:
                raise BadCell("Das Feld ist leer.", f"Angeben: {column.help} (z. B. {column.example}).")
        except BadCell as error:
            errors.append(RowError(number, column.name, text, error.cause, error.remedy))
    return errors or Row(number, values)


def text(longest: int) -> Callable[[str], str]:
    """Reads a text of at most so many characters."""

    def parse(cell: str) -> str:
        if len(cell) > longest:
            raise BadCell(f"{len(cell)} Zeichen sind zu lang.", f"Höchstens {longest} Zeichen.")
        return cell

    return parse


def whole_number(cell: str) -> int:
    """Reads 3500 or 3.500."""
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+", cell):
        return int(cell.replace(".", ""))
    if re.fullmatch(r"-?\d{1,18}", cell):
        return int(cell)
    raise BadCell("Das ist keine ganze Zahl.", "Nur Ziffern, z. B. 3500.")


def number(cell: str) -> Decimal:
    """Reads 24,80, 1.234,56 or 24.80; refuses 1.234, which may mean two different numbers."""
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,18},\d+", cell):
        return Decimal(cell.replace(".", "").replace(",", "."))
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+", cell):
        whole, decimal = cell.replace(".", ""), cell.replace(".", ",")
        raise BadCell("Mehrdeutig: Tausenderpunkt oder Komma?", f"{whole} oder {decimal} schreiben.")
    if re.fullmatch(r"-?\d{1,18}(\.\d+)?", cell):
        return Decimal(cell)
    raise BadCell("Das ist keine Zahl.", "Deutsche Schreibweise, z. B. 1.234,56.")


def day(cell: str) -> date:
    """Reads 31.12.2026 or 2026-12-31."""
    german = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", cell)
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", cell)
    try:
        if german:
            return date(int(german[3]), int(german[2]), int(german[1]))
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError as error:
        raise BadCell("Diesen Tag gibt es nicht.", "TT.MM.JJJJ, z. B. 31.12.2026.") from error
    raise BadCell("Das ist kein Datum.", "TT.MM.JJJJ, z. B. 31.12.2026.")


def choice(options: Mapping[str, str]) -> Callable[[str], str]:
    """Reads one of the words (any case); returns what stands behind it."""
    known = {_plain(word): value for word, value in options.items()}

    def parse(cell: str) -> str:
        if _plain(cell) not in known:
            raise BadCell("Diesen Wert gibt es hier nicht.", f"Möglich: {', '.join(options)}.")
        return known[_plain(cell)]

    return parse


def yes_no(cell: str) -> bool:
    """Reads ja or nein."""
    return (
        choice({"ja": "1", "nein": "", "j": "1", "n": "", "1": "1", "0": "", "true": "1", "false": ""})(cell)
        == "1"
    )
