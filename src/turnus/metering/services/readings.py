"""Take in meter readings: decide about all of them in memory, then write set-wise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from turnus.clients.services import settings_of
from turnus.lib.market_time import market_day
from turnus.masterdata.models import Register
from turnus.metering.calc.plausibility import Limits, RegisterFacts
from turnus.metering.calc.readings import KnownReading, NewRow, Plan, plan_readings
from turnus.metering.calc.versions import Candidate
from turnus.metering.models import Decision, MeterReading, ValueRequest
from turnus.metering.records import NewReading, Stored, StoreResult
from turnus.metering.services.requests import NewRequest, answer_readings, request_values
from turnus.system import audit
from turnus.system.bulk import copy_rows, reserve_ids
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import NewCase, close_case, open_cases

CASE_KIND = "reading_blocked"
_COLUMNS = (
    "id", "client_id", "register_id", "date", "value", "origin", "quality", "version", "is_current",
    "is_blocked", "blocked_reason", "decision", "document_at", "original_id", "taken_at", "taken_by_id",
    "is_withdrawal",
)  # fmt: skip


@transaction.atomic
def store_readings(
    *, client_id: int, readings: Sequence[NewReading], user: User | None, at: datetime
) -> StoreResult:
    """Store readings as versions; what is implausible is blocked, with a case and a request to the sender.

    Taking the same reading in again changes nothing. A reading of an unknown register or with an impossible
    value is refused: it is not stored, its item says why. `user` is None for what machines bring.
    """
    if not readings:
        return StoreResult(())
    plan = plan_for(client_id=client_id, readings=readings, at=at)
    return _record(client_id, plan, len(readings), user, at)


def plan_for(*, client_id: int, readings: Sequence[NewReading], at: datetime) -> Plan:
    """What the readings would do; the registers stay locked until the transaction ends."""
    chosen = settings_of(client_id=client_id)
    limits = Limits(Decimal(str(chosen["reading_limit_factor"])), Decimal(str(chosen["reading_limit_floor"])))
    facts = _load_facts(client_id, sorted({r.register_id for r in readings}))
    return plan_readings(
        readings=readings, facts=facts, known=_load_known([r for r in readings if r.register_id in facts]),
        at=at, today=market_day(at), limits=limits,
    )  # fmt: skip


def _load_facts(client_id: int, register_ids: Sequence[int]) -> dict[int, RegisterFacts]:
    """Facts of the registers, each locked so that versions are numbered by one writer at a time."""
    rows = (
        Register.objects.filter(client_id=client_id, pk__in=register_ids)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
        .values_list(
            "pk", "obis_code", "digits", "transformer_factor", "meter__number", "meter__installed",
            "meter__metering_location__market_location__commodity",
            "meter__metering_location__market_location__profile",
            "meter__metering_location__market_location__state",
            "meter__metering_location__market_location__annual_forecast_kwh",
        )
    )  # fmt: skip
    return {
        pk: RegisterFacts(
            meter_number=number, digits=digits, factor=factor, installed=installed.lower,
            removed=installed.upper, commodity=commodity, profile=profile, state=state,
            forecast_kwh=forecast if _is_consumption(commodity, obis) else None,
        )
        for pk, obis, digits, factor, number, installed, commodity, profile, state, forecast in rows
    }  # fmt: skip


def _is_consumption(commodity: str, obis: str) -> bool:
    """Whether the forecast of the location is about this register (not feed-in, not reactive energy)."""
    return commodity == "gas" or ":1." in obis


def _load_known(readings: Sequence[NewReading]) -> list[KnownReading]:
    """Stored versions in the days of the batch, and per register what is needed to judge its edges."""
    spans: dict[int, tuple[date, date]] = {}
    for one in readings:
        first, last = spans.get(one.register_id, (one.date, one.date))
        spans[one.register_id] = min(first, one.date), max(last, one.date)
    columns = (
        "r.register_id, r.date, r.id, r.value, r.quality, r.origin, r.document_at, r.version, r.is_current, "
        "r.is_blocked, r.decision, r.withdrawn_at IS NOT NULL, r.is_withdrawal"
    )
    own = f"SELECT {columns} FROM metering_meterreading r WHERE r.register_id = w.register_id"
    counts = "r.is_current AND NOT r.is_withdrawal"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.* FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::date[]) "
            "  AS w(register_id, first, last, year_before) CROSS JOIN LATERAL ("
            f"({own} AND r.date BETWEEN w.first AND w.last) UNION ALL "
            f"({own} AND {counts} AND r.date < w.first ORDER BY r.date DESC LIMIT 2) UNION ALL "
            # a year's distance to the last reading, for registers that are read every day
            f"({own} AND {counts} AND r.date < w.year_before ORDER BY r.date DESC LIMIT 1) UNION ALL "
            f"({own} AND {counts} AND r.date > w.last ORDER BY r.date LIMIT 1)) r",
            [
                list(spans),
                [s[0] for s in spans.values()],
                [s[1] for s in spans.values()],
                [s[0] - timedelta(days=365) for s in spans.values()],
            ],
        )
        found = {row[2]: row for row in cursor.fetchall()}
    return [_known(*row) for row in found.values()]


def _known(
    register_id: int, day: date, row_id: int, value: Decimal, quality: str, origin: str,
    document_at: datetime, version: int, is_current: bool, is_blocked: bool, decision: str,
    is_withdrawn: bool, is_withdrawal: bool,
) -> KnownReading:  # fmt: skip
    version_ = Candidate(
        row_id, value, quality, origin, document_at, version, is_current,
        counts=not (is_blocked or is_withdrawn or is_withdrawal),
        is_rejected=is_withdrawn or decision == Decision.REJECTED, is_withdrawal=is_withdrawal,
    )  # fmt: skip
    return KnownReading(register_id, day, version_)


def _record(client_id: int, plan: Plan, count: int, user: User | None, at: datetime) -> StoreResult:
    ids = dict(zip((r.position for r in plan.rows), reserve_ids(MeterReading, len(plan.rows)), strict=True))
    if plan.superseded:
        MeterReading.versions.filter(pk__in=plan.superseded).update(is_current=False, superseded_at=at)
    for row_id, document_at in plan.confirmed.items():
        MeterReading.objects.filter(pk=row_id).update(document_at=document_at)
    if plan.rows:
        copy_rows(MeterReading, _COLUMNS, (_row(client_id, ids[r.position], r, user, at) for r in plan.rows))
    case_ids = _open_blocked(client_id, [r for r in plan.rows if r.findings], ids, at)
    _settle(client_id, [r for r in plan.rows if r.is_current], at)
    if user is not None:
        audit.record_many(
            client_id=client_id, at=at, user=user, action="reading_entered",
            object_kind="metering.meterreading", object_ids=list(ids.values()),
        )  # fmt: skip
    items = tuple(
        Stored(i.outcome, ids.get(position, i.row_id), i.version, i.reason)
        for position, i in ((p, plan.items[p]) for p in range(count))
    )
    return StoreResult(items, case_ids)


def _row(client_id: int, row_id: int, new: NewRow, user: User | None, at: datetime) -> tuple[Any, ...]:
    one = new.reading
    reason = " ".join(f.text for f in new.findings)[:240]
    return (
        row_id, client_id, one.register_id, one.date, one.value, one.origin, one.quality, new.version,
        new.is_current, bool(new.findings), reason, "", new.document_at, one.original_id, at,
        user.pk if user else None, False,
    )  # fmt: skip


def case_key(register_id: int, day: date, version: int) -> str:
    """The cause of a case about a blocked reading."""
    return f"reading:{register_id}:{day}:{version}"


def _open_blocked(
    client_id: int, rows: Sequence[NewRow], ids: Mapping[int, int], at: datetime
) -> tuple[int, ...]:
    """A case for the clerk and, where a partner sent the value, a request that cites it."""
    if not rows:
        return ()
    places = _places([r.reading.register_id for r in rows])
    today = market_day(at)
    cases, requests = [], []
    for new in rows:
        one, (location_id, location, meter) = new.reading, places[new.reading.register_id]
        reason = " ".join(f.text for f in new.findings)
        cases.append(
            NewCase(
                kind=CASE_KIND,
                service="M01",
                key=case_key(one.register_id, one.date, new.version),
                title=f"Zählerstand {one.value.normalize():f} zum {one.date:%d.%m.%Y} ist unplausibel",
                reason=reason,
                object_kind="metering.meterreading",
                object_id=ids[new.position],
                object_label=f"{location} · Zähler {meter}",
                due_on=today,
                details=_details(new, location),
            )
        )
        if one.origin in ("grid", "remote"):
            requests.append(
                NewRequest(
                    kind=ValueRequest.Kind.READING,
                    key=f"reading:{one.register_id}:{one.date}",
                    market_location_id=location_id,
                    register_id=one.register_id,
                    start=one.date,
                    end=one.date + timedelta(days=1),
                    reason=f"Bitte prüfen: {reason}",
                    due_on=today,
                    doubted_value=one.value,
                )
            )
    request_values(client_id=client_id, requests=requests, at=at)
    return tuple(case.pk for case in open_cases(client_id=client_id, new=cases, at=at))


def _details(new: NewRow, location: str) -> dict[str, Any]:
    """What the clerk sees in the case: the value, the doubts, the working."""
    judged = new.judgement
    return {
        "Marktlokation": location,
        "Zählerstand": f"{new.reading.value.normalize():f}",
        "Datum": new.reading.date.isoformat(),
        "Gründe": [f.code.value for f in new.findings],
        "Verbrauch am Zählwerk": None if judged.advance is None else str(judged.advance),
        "erwartet": None if judged.expected is None else str(judged.expected),
    }


def _places(register_ids: Sequence[int]) -> dict[int, tuple[int, str, str]]:
    rows = Register.objects.filter(pk__in=register_ids).values_list(
        "pk", "meter__metering_location__market_location_id",
        "meter__metering_location__market_location__market_location_id", "meter__number",
    )  # fmt: skip
    return {row[0]: (int(row[1]), row[2], row[3]) for row in rows}


def _settle(client_id: int, rows: Sequence[NewRow], at: datetime) -> None:
    """A reading that counts answers open requests for it and settles cases about blocked ones of its day."""
    if rows:
        arrived = {(r.reading.register_id, r.reading.date): r.reading.quality for r in rows}
        answer_readings(client_id=client_id, arrived=arrived, at=at)
    wanted = {(r.reading.register_id, r.reading.date) for r in rows if r.reading.quality == "true"}
    if not wanted:
        return
    blocked = MeterReading.objects.filter(
        client_id=client_id, is_blocked=True, decision="", register__in=[pk for pk, _ in wanted]
    ).values_list("pk", "register_id", "date")
    obsolete = [pk for pk, register_id, day in blocked if (register_id, day) in wanted]
    if not obsolete:
        return
    MeterReading.objects.filter(pk__in=obsolete).update(decision=Decision.REJECTED, decided_at=at)
    about = Case.objects.filter(
        ~Q(state=Case.State.DONE), client_id=client_id, kind=CASE_KIND, object_id__in=obsolete
    )
    for case in about:
        close_case(case=case, user=None, at=at, outcome="Ein plausibler Zählerstand ist eingetroffen.")
