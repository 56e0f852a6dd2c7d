"""Lists: columns, sorting, paging and the empty state, the same on every page.

A table is described once (columns as data) and drawn by `templates/ui/table.html`. Rows come from a query
set or a list; only one page is ever loaded, and the number of all rows is counted only up to a bound, so
that a list over a million contracts stays quick.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from turnus.ui.formats import DASH, KINDS

COUNT_BOUND = 10_000
NUMERIC = {"cents", "euro", "number", "decimal"}
# Text that is aligned like a figure, and text that must not break.
RIGHT = {*NUMERIC, "figure"}
UNBROKEN = {"date", "moment", "unbroken"}
Value = str | Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Badge:
    """A short state in a coloured box; tone is ok, warn, bad, info, accent or empty."""

    label: str
    tone: str = ""
    shape: str = "badge"


def light(label: str, tone: str) -> Badge:
    """A traffic light: colour, shape and word together, so that nobody depends on the colour."""
    return Badge(label, tone, "light")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `value` is an attribute path ("customer.name") or a function of the row.

    `kind` chooses the German notation (formats.KINDS) and the alignment; `sort` is the field to order by;
    `second` fills a quiet second line in the same cell.
    """

    label: str
    value: Value
    kind: str = "text"
    places: int = 0
    sort: str = ""
    second: Value | None = None
    second_kind: str = "text"

    @property
    def css(self) -> str:
        return "num" if self.kind in RIGHT else "nowrap" if self.kind in UNBROKEN else ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says, and what to do next."""

    text: str = "Nichts gefunden."
    action: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    css: str = ""
    badge: Badge | None = None
    second: str = ""
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    url: str
    cells: list[Cell]
    css: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    label: str
    css: str
    query: str
    direction: str


@dataclass(slots=True)
class Table:
    """A list ready to be drawn. `select` names the checkboxes in front of the rows, if any."""

    request: HttpRequest
    rows: QuerySet[Any] | Sequence[Any]
    columns: Sequence[Column]
    row_url: Callable[[Any], str] | None = None
    row_css: Callable[[Any], str] | None = None
    empty: Empty = field(default_factory=Empty)
    caption: str = ""
    per_page: int = 50
    sort: str = ""
    select: str = ""
    key: Value = "pk"
    prefix: str = ""
    total: int = 0
    capped: bool = False
    number: int = 1
    more: bool = False
    shown: list[Row] = field(default_factory=list)
    footer: Sequence[Cell] = ()

    def __post_init__(self) -> None:
        allowed = {column.sort for column in self.columns if column.sort}
        wanted = self.request.GET.get(f"{self.prefix}sort", "")
        if wanted.removeprefix("-") in allowed:
            self.sort = wanted
        rows = self._sorted()
        self.number = self._page_number()
        start = (self.number - 1) * self.per_page
        taken = list(rows[start : start + self.per_page + 1])
        self.more = len(taken) > self.per_page
        self.shown = [self._row(row) for row in taken[: self.per_page]]
        self._count(start)

    def _sorted(self) -> QuerySet[Any] | Sequence[Any]:
        if not isinstance(self.rows, QuerySet):
            return self.rows
        if self.sort:
            return self.rows.order_by(self.sort, "-pk" if self.sort.startswith("-") else "pk")
        return self.rows

    def _page_number(self) -> int:
        text = self.request.GET.get(f"{self.prefix}seite", "1")
        return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1

    def _count(self, start: int) -> None:
        """The number of all rows, counted only when the page itself does not tell it."""
        if self.shown and not self.more:
            self.total = start + len(self.shown)
        elif isinstance(self.rows, QuerySet):
            self.total = self.rows.order_by()[: COUNT_BOUND + 1].count() if self.more else 0
            self.capped = self.total > COUNT_BOUND
            self.total = min(self.total, COUNT_BOUND)
        else:
            self.total = len(self.rows)

    def _row(self, row: Any) -> Row:
        return Row(
            key=str(read(row, self.key)) if self.select else "",
            url=self.row_url(row) if self.row_url else "",
            css=self.row_css(row) if self.row_css else "",
            cells=[cell(row, column) for column in self.columns],
        )

    @property
    def headers(self) -> list[Header]:
        made = []
        for column in self.columns:
            direction = ""
            if column.sort and self.sort.removeprefix("-") == column.sort:
                direction = "descending" if self.sort.startswith("-") else "ascending"
            turned = f"-{column.sort}" if direction == "ascending" else column.sort
            made.append(
                Header(column.label, column.css, self.query(sort=turned) if column.sort else "", direction)
            )
        return made

    def query(self, **changes: str | int) -> str:
        """The query string of this page with some parameters changed."""
        params = self.request.GET.copy()
        params.pop(f"{self.prefix}seite", None)
        for name, value in changes.items():
            params[f"{self.prefix}{name}"] = str(value)
        return f"?{params.urlencode()}"

    @property
    def next_query(self) -> str:
        return self.query(seite=self.number + 1) if self.more else ""

    @property
    def previous_query(self) -> str:
        return self.query(seite=self.number - 1) if self.number > 1 else ""

    @property
    def first_row(self) -> int:
        return (self.number - 1) * self.per_page + 1

    @property
    def last_row(self) -> int:
        return (self.number - 1) * self.per_page + len(self.shown)

    @property
    def width(self) -> int:
        return len(self.columns) + bool(self.select)


def read(row: Any, value: Value) -> Any:
    """The value of a row: by function, key of a mapping, or attribute path; methods are called."""
    if callable(value):
        return value(row)
    for part in value.split("."):
        if row is None:
            return None
        row = row.get(part) if isinstance(row, dict) else getattr(row, part)
        if callable(row):
            row = row()
    return row


def shown(value: Any, kind: str, places: int = 0) -> str:
    """A value in German notation; None and empty text are a dash."""
    if kind in KINDS:
        return KINDS[kind](value, places) if kind == "number" else KINDS[kind](value)
    return DASH if value is None or value == "" else str(value)


def cell(row: Any, column: Column) -> Cell:
    value = read(row, column.value)
    second = "" if column.second is None else shown(read(row, column.second), column.second_kind)
    if isinstance(value, Badge):
        return Cell("", column.css, badge=value, second="" if second == DASH else second)
    # A column without a name holds marks: where there is nothing to mark, nothing is shown.
    blank = not column.label and value in (None, "")
    return Cell(
        text="" if blank else shown(value, column.kind, column.places),
        css=column.css,
        second="" if second == DASH else second,
        negative=column.kind in NUMERIC and value is not None and value < 0,
    )
