"""What a check of an incoming interchange reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an interchange or message.

    code: stable English name a program can branch on.
    segment: number of the segment, counted from 1 at UNH (at UNB for faults of the envelope).
    offset: byte position of that segment in the file, counted from 0.
    text: German, for the clerk: what is wrong, where, and what would be right.
    """

    code: str
    severity: Severity
    segment: int
    offset: int
    text: str


class NotEdifact(ValueError):
    """The bytes are no EDIFACT interchange at all; the message is German."""


def has_error(findings: Iterable[Finding]) -> bool:
    """Whether any finding forbids to process the message."""
    return any(finding.severity == "error" for finding in findings)
