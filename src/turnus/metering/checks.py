"""What `turnus verify` proves about measured values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection

from turnus.metering.calc.intervals import sums, why_refused
from turnus.system.verify import Finding

_BATCH = 5000


def check_interval_days(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every stored day fits the calendar, and its sums are those of its values."""
    findings: list[Finding] = []
    looked_at = 0
    for rows in _batches(client_id):
        looked_at += len(rows)
        findings += [f for row in rows for f in _check_day(*row)]
    return looked_at, findings[:100]


def _check_day(
    series_id: int, day: date, version: int, minutes: int, is_gas_day: bool, scale: int, values: bytes,
    status: bytes, total: Decimal, missing: int, substitutes: int,
) -> Iterator[Finding]:  # fmt: skip
    subject = f"Lastgang {series_id}, {day:%d.%m.%Y}, Version {version}"
    reason = why_refused(values, status, scale, day, minutes, is_gas_day)
    if reason:
        yield Finding("interval_days", subject, reason)
        return
    found = sums(np.frombuffer(values, dtype="<i4")[None], np.frombuffer(status, dtype=np.uint8)[None])
    if Decimal(int(found.totals[0])).scaleb(-scale) != total:
        yield Finding("interval_days", subject, f"Die Summe {total} ist nicht die der Werte.")
    if (int(found.missing[0]), int(found.substitutes[0])) != (missing, substitutes):
        yield Finding("interval_days", subject, "Fehlende Werte oder Ersatzwerte sind falsch gezählt.")


def _batches(client_id: int) -> Iterator[list[Any]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.id, d.series_id, d.day, d.version, s.minutes, s.is_gas_day, d.scale, d.values, "
                "d.status, d.total, d.missing, d.substitutes FROM metering_intervalday d "
                "JOIN metering_intervalseries s ON s.id = d.series_id "
                "WHERE d.client_id = %s AND d.id > %s ORDER BY d.id LIMIT %s",
                [client_id, last, _BATCH],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield [row[1:] for row in rows]


_VERSIONS = {
    "Lastgangtag": (
        "SELECT 'Lastgang ' || series_id || ', ' || day FROM metering_intervalday WHERE client_id = %s "
        "GROUP BY series_id, day HAVING count(*) FILTER (WHERE is_current) <> 1 "
        "OR max(version) <> count(*) LIMIT 100"
    ),
    "Zählerstand": (
        "SELECT 'Zählwerk ' || register_id || ', ' || date FROM metering_meterreading WHERE client_id = %s "
        "GROUP BY register_id, date HAVING count(*) FILTER (WHERE is_current) "
        "<> least(1, count(*) FILTER (WHERE NOT is_blocked)) OR max(version) <> count(*) LIMIT 100"
    ),
    "Energiemenge": (
        "SELECT 'Marktlokation ' || market_location_id || ', ' || starts_at FROM metering_energyamount "
        "WHERE client_id = %s GROUP BY market_location_id, metering_location_id, kind, obis_code, starts_at, "
        "ends_at HAVING count(*) FILTER (WHERE is_current) <> 1 OR max(version) <> count(*) LIMIT 100"
    ),
}


def check_versions(*, client_id: int) -> tuple[int, list[Finding]]:
    """Of every value exactly one version counts (none if all are blocked), and no version is missing."""
    findings: list[Finding] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM metering_intervalday WHERE client_id = %(c)s) "
            "+ (SELECT count(*) FROM metering_meterreading WHERE client_id = %(c)s) "
            "+ (SELECT count(*) FROM metering_energyamount WHERE client_id = %(c)s)",
            {"c": client_id},
        )
        looked_at = int(cursor.fetchone()[0])
        for name, query in _VERSIONS.items():
            cursor.execute(query, [client_id])
            findings += [
                Finding("versions", f"{name} {subject}", "Es zählt nicht genau eine Version.")
                for (subject,) in cursor.fetchall()
            ]
    return looked_at, findings
