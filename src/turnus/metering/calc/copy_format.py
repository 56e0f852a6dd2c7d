"""Interval days as a binary COPY stream of PostgreSQL, built with NumPy: no loop over values, one over days.

Source: PostgreSQL documentation, COPY, "Binary Format": header, per row the number of fields and per field
its length and bytes, all big-endian; dates count days and instants microseconds from 2000-01-01.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from turnus.metering.calc.intervals import sums
from turnus.metering.records import NewIntervalDay

__all__ = ["COLUMNS", "DayRow", "binary_rows"]

# Columns of the temporary table in stream order, with their types.
COLUMNS = {
    "series_id": "bigint",
    "day": "date",
    "version": "smallint",
    "is_current": "boolean",
    "is_put_together": "boolean",
    "scale": "smallint",
    "values": "bytea",
    "status": "bytea",
    "raw_total": "bigint",
    "missing": "smallint",
    "substitutes": "smallint",
    "document_at": "timestamptz",
    "original_id": "bigint",
}
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_FIRST_DAY = date(2000, 1, 1).toordinal()
_FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DayRow:
    """A version of a day to write. In the stream an absent original is 0."""

    day: NewIntervalDay
    version: int = 1
    is_current: bool = True
    is_put_together: bool = False


def binary_rows(rows: Sequence[DayRow]) -> Iterator[bytes]:
    """The stream for `COPY … FROM STDIN (FORMAT BINARY)`, in pieces of one day length each."""
    yield _HEADER
    by_count: defaultdict[int, list[DayRow]] = defaultdict(list)
    for row in rows:
        by_count[len(row.day.status)].append(row)
    for count, group in by_count.items():
        yield _group(group, count)
    yield _TRAILER


def _group(rows: Sequence[DayRow], count: int) -> bytes:
    days = [row.day for row in rows]
    values = b"".join([d.values for d in days])
    status = b"".join([d.status for d in days])
    figures = sums(
        np.frombuffer(values, dtype="<i4").reshape(len(rows), count),
        np.frombuffer(status, dtype=np.uint8).reshape(len(rows), count),
    )
    stream = np.zeros(len(rows), dtype=_layout(count))
    stream["fields"] = len(COLUMNS)
    columns: dict[str, npt.ArrayLike] = {
        "series_id": [d.series_id for d in days],
        "day": [d.day.toordinal() - _FIRST_DAY for d in days],
        "version": [row.version for row in rows],
        "is_current": [row.is_current for row in rows],
        "is_put_together": [row.is_put_together for row in rows],
        "scale": [d.scale for d in days],
        "values": np.frombuffer(values, dtype=f"V{4 * count}"),
        "status": np.frombuffer(status, dtype=f"V{count}"),
        "raw_total": figures.totals,
        "missing": figures.missing,
        "substitutes": figures.substitutes,
        "document_at": _instants([d.document_at for d in days]),
        "original_id": [d.original_id or 0 for d in days],
    }
    for name, column in columns.items():
        stream[f"{name}_length"] = stream.dtype[name].itemsize
        stream[name] = column
    return stream.tobytes()


def _layout(count: int) -> np.dtype[np.void]:
    """One row of the stream for days of `count` intervals."""
    sizes = {
        "bigint": ">i8",
        "timestamptz": ">i8",
        "date": ">i4",
        "smallint": ">i2",
        "boolean": "u1",
    }
    fields = [("fields", ">i2")]
    for name, kind in COLUMNS.items():
        size = f"V{4 * count if name == 'values' else count}" if kind == "bytea" else sizes[kind]
        fields += [(f"{name}_length", ">i4"), (name, size)]
    return np.dtype(fields)


def _instants(moments: Sequence[datetime]) -> list[int]:
    """Microseconds since 2000; a file has few different instants, so each is converted once."""
    known = {moment: (moment - _FIRST_INSTANT) // _MICROSECOND for moment in set(moments)}
    return [known[moment] for moment in moments]
