"""Frozen records to JSON and back: what the archive keeps beside the PDF, and what workers are handed.

The JSON form names the record type once at the top ("record"); decimals and dates are strings, a period is
[first day, day after the last]. Reading is driven by the type hints: an unknown or missing field is an error.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from turnus.documents.calc.bill import BillDocument
from turnus.documents.calc.letters import (
    Bullets,
    ExplanationLetter,
    Facts,
    GeneralLetter,
    Heading,
    Highlight,
    Paragraph,
    PreNotification,
    ReminderLetter,
    Table,
)
from turnus.documents.render.bill import bill_payload
from turnus.documents.render.letters import letter_payload
from turnus.lib.period import Period

__all__ = ["RECORDS", "BadRecord", "Record", "from_data", "payload_of", "to_data"]

Record = BillDocument | GeneralLetter | ReminderLetter | PreNotification | ExplanationLetter

RECORDS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (BillDocument, GeneralLetter, ReminderLetter, PreNotification, ExplanationLetter)
}
_BLOCKS = {cls.__name__: cls for cls in (Paragraph, Heading, Bullets, Highlight, Facts, Table)}


class BadRecord(ValueError):
    """The JSON is no such record; the message names the field and what is wrong with it."""


def to_data(record: Record) -> dict[str, Any]:
    """JSON form of a record; `from_data` gives an equal record back."""
    return {"record": type(record).__name__, **_plain(record)}


def from_data(data: Mapping[str, Any]) -> Record:
    """Raises BadRecord for an unknown record type, a missing or unknown field, or an unreadable value."""
    name = data.get("record")
    if name not in RECORDS:
        raise BadRecord(f"Dokumentdaten: unbekannte Art „{name}“; bekannt sind {', '.join(RECORDS)}")
    body = {key: value for key, value in data.items() if key != "record"}
    record: Record = _build(RECORDS[name], body, name)
    return record


def payload_of(record: Record) -> tuple[str, dict[str, Any]]:
    """Name of the template and what it prints."""
    if isinstance(record, BillDocument):
        return "bill", bill_payload(record)
    return "letter", letter_payload(record)


def _plain(value: Any) -> Any:
    if isinstance(value, Period):
        return [value.start.isoformat(), value.end.isoformat()]
    if is_dataclass(value):
        body = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"block": type(value).__name__, **body} if type(value).__name__ in _BLOCKS else body
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


_HINTS: dict[type[Any], dict[str, Any]] = {}


def _hints(cls: type[Any]) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls)
    return _HINTS[cls]


def _build(cls: type[Any], data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise BadRecord(f"{path}: erwartet wird ein Objekt, nicht {data!r}")
    hints = _hints(cls)
    unknown = set(data) - set(hints)
    if unknown:
        raise BadRecord(f"{path}: unbekannte Felder {', '.join(sorted(unknown))}")
    try:
        return cls(**{name: _read(hints[name], value, f"{path}.{name}") for name, value in data.items()})
    except TypeError as error:
        raise BadRecord(f"{path}: {error}") from error


def _read(kind: Any, value: Any, path: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(kind), value, path)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, path)
    if origin is frozenset:
        return frozenset(_read(get_args(kind)[0], part, path) for part in value)
    if kind is Period:
        start, end = (_read(date, part, path) for part in value)
        return Period(start, end)
    if is_dataclass(kind):
        return _build(kind, value, path)  # type: ignore[arg-type]
    return _read_scalar(kind, value, path)


def _read_union(kinds: tuple[Any, ...], value: Any, path: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    if isinstance(value, Mapping) and value.get("block") in _BLOCKS:
        body = {key: part for key, part in value.items() if key != "block"}
        return _build(_BLOCKS[value["block"]], body, path)
    rest = [kind for kind in kinds if kind is not type(None)]
    if len(rest) != 1:
        raise BadRecord(f"{path}: unbekannter Baustein {value!r}")
    return _read(rest[0], value, path)


def _read_tuple(kinds: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise BadRecord(f"{path}: erwartet wird eine Liste, nicht {value!r}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], part, f"{path}[{i}]") for i, part in enumerate(value))
    if len(kinds) != len(value):
        raise BadRecord(f"{path}: erwartet werden {len(kinds)} Werte, nicht {len(value)}")
    return tuple(_read(kind, part, path) for kind, part in zip(kinds, value, strict=True))


def _read_scalar(kind: Any, value: Any, path: str) -> Any:
    try:
        if kind is Decimal:
            return Decimal(value)
        if kind is date:
            return date.fromisoformat(value)
        if issubclass(kind, StrEnum):
            return kind(value)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise BadRecord(f"{path}: „{value}“ ist kein Wert der Art {kind.__name__}") from error
    if not isinstance(value, kind):
        raise BadRecord(f"{path}: „{value}“ ist kein Wert der Art {kind.__name__}")
    return value
