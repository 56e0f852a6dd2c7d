"""The catalogue's data, loaded once from `data/*.toml` into frozen records."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

ValueKind = Literal["readings", "intervals", "amounts", "cancellation"]


@dataclass(frozen=True, slots=True)
class MessageType:
    """A market message type with the versions of its description, newest last."""

    name: str
    title: str
    directory: str
    tags: frozenset[str]
    must: tuple[str, ...]
    versions: tuple[tuple[date, str], ...]

    def version_on(self, on: date, like: str = "") -> str | None:
        """Version in force on a day; `like` is a version whose leading letter chooses the variant (UTILMD).

        None when the catalogue holds nothing for that day.
        """
        variant = like[:1] if like[:1].isalpha() else ""
        valid = [version for since, version in self.versions if since <= on and version.startswith(variant)]
        return valid[-1] if valid else None


@dataclass(frozen=True, slots=True)
class PidRule:
    """What a message of one Prüfidentifikator must and may hold; `DTM+163` names tag and qualifier."""

    pid: str
    title: str
    commodity: str
    kind: ValueKind
    documents: frozenset[str]
    head_must: tuple[str, ...]
    head_may: frozenset[str]
    party: str
    places: tuple[str, ...]
    place_must: tuple[str, ...]
    place_may: frozenset[str]
    place_one_of: tuple[str, ...]
    products: frozenset[str]
    quantities: frozenset[str]
    value_must: tuple[str, ...]
    value_may: frozenset[str]
    value_one_of: tuple[str, ...]
    by_product: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]
    units: frozenset[str]
    strict_location: bool
    substitute_needs: tuple[str, ...]

    @property
    def is_gas(self) -> bool:
        return self.commodity == "gas"


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data", name).read_text(encoding="utf-8"))


def obis_pattern(text: str) -> re.Pattern[str]:
    """`7-x:52.0.x` → a pattern in which x stands for any number."""
    return re.compile("".join("[0-9]+" if char == "x" else re.escape(char) for char in text))


@lru_cache(maxsize=1)
def message_types() -> Mapping[str, MessageType]:
    """All market message types of German electricity and gas supply, by name."""
    return MappingProxyType(
        {
            name: MessageType(
                name,
                entry["title"],
                entry["directory"],
                frozenset(entry["tags"].split()),
                tuple(entry["must"].split()),
                tuple((item["from"], item["version"]) for item in entry["versions"]),
            )
            for name, entry in _load("versions.toml")["types"].items()
        }
    )


@lru_cache(maxsize=1)
def mscons_rules() -> Mapping[str, PidRule]:
    """Rules of MSCONS by Prüfidentifikator."""
    data = _load("mscons.toml")
    return MappingProxyType(
        {pid: _rule(pid, {**data["defaults"], **entry}) for pid, entry in data["pids"].items()}
    )


def _rule(pid: str, entry: Mapping[str, Any]) -> PidRule:
    return PidRule(
        pid=pid,
        title=entry["title"],
        commodity=entry["commodity"],
        kind=entry["kind"],
        documents=frozenset(entry["documents"]),
        head_must=tuple(entry["head_must"]),
        head_may=frozenset(entry["head_may"]),
        party=entry["party"],
        places=tuple(entry["places"]),
        place_must=tuple(entry.get("place_must", ())),
        place_may=frozenset(entry["place_may"]),
        place_one_of=tuple(entry.get("place_one_of", ())),
        products=frozenset(entry["products"]),
        quantities=frozenset(entry["quantities"]),
        value_must=tuple(entry["value_must"]),
        value_may=frozenset(entry["value_may"]),
        value_one_of=tuple(entry.get("value_one_of", ())),
        by_product=tuple(
            (obis_pattern(case["obis"]), tuple(case["must"])) for case in entry.get("by_product", ())
        ),
        units=frozenset(entry["units"]),
        strict_location=entry["location"] == "strict",
        substitute_needs=tuple(entry["substitute_needs"]),
    )


@lru_cache(maxsize=1)
def date_formats() -> Mapping[str, frozenset[str]]:
    """Allowed DTM format codes (2379) by qualifier (2005) in MSCONS."""
    return MappingProxyType({key: frozenset(codes) for key, codes in _load("mscons.toml")["formats"].items()})


@lru_cache(maxsize=1)
def codes() -> Mapping[str, Mapping[str, str]]:
    """Meanings of codes by list: documents, quantities, units, status, agencies, obis."""
    return MappingProxyType({name: MappingProxyType(table) for name, table in _load("codes.toml").items()})


@lru_cache(maxsize=1)
def segment_names() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """German names of segments: by tag, and by tag+qualifier."""
    data = _load("segments.toml")
    return MappingProxyType(data["names"]), MappingProxyType(data["qualified"])


@lru_cache(maxsize=1)
def _obis_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((obis_pattern(text), meaning) for text, meaning in codes()["obis"].items())


@lru_cache(maxsize=4096)
def obis_meaning(obis_code: str) -> str | None:
    """Plain German for an OBIS code, None if the catalogue does not know it."""
    for pattern, meaning in _obis_patterns():
        if pattern.fullmatch(obis_code):
            return meaning
    return None


def pid_title(message_type: str, pid: str) -> str:
    """Plain German for a Prüfidentifikator; the title of the message type if the pid is not described."""
    if message_type == "MSCONS" and pid in mscons_rules():
        return mscons_rules()[pid].title
    known = message_types().get(message_type)
    return known.title if known else "Unbekannte Nachricht"
