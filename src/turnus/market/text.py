"""Texts of partners on their way into columns: cut to length, without what PostgreSQL cannot hold."""

from __future__ import annotations

from collections.abc import Iterable

from turnus.edifact import Finding

MOST_FINDINGS = 200


def short(text: str, length: int) -> str:
    """The text without NUL characters, at most `length` long."""
    return text.replace("\x00", "")[:length]


def findings_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Findings as the message page and the answers read them; the first 200 tell enough."""
    rows: list[dict[str, object]] = []
    for finding in findings:
        if len(rows) == MOST_FINDINGS:
            break
        rows.append(
            {
                "code": finding.code,
                "severity": finding.severity,
                "segment": finding.segment,
                "offset": finding.offset,
                "text": short(finding.text, 1000),
            }
        )
    return rows
