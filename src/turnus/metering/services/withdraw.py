"""Take back what a document delivered, because its sender says so (MSCONS 13006).

Nothing is deleted: the version stays and never counts again. What counted before it counts again as a new
version; where there is nothing, a version that says so takes its place, and the value is asked for anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from psycopg.types.range import DateRange

from turnus.lib.market_time import market_day
from turnus.masterdata.models import MarketLocation, Register
from turnus.metering.calc.versions import Candidate, best
from turnus.metering.models import Decision, EnergyAmount, GasQuality, MeterReading, ValueRequest
from turnus.metering.records import NewEnergyAmount, NewGasQuality, NewReading, Withdrawal, Withdrawn
from turnus.metering.services.amounts import candidate_of
from turnus.metering.services.gas_quality import Changes, is_delivery, known_rows, lay_out
from turnus.metering.services.readings import case_key
from turnus.metering.services.requests import NewRequest, request_gaps, request_values
from turnus.metering.services.withdraw_days import withdraw_days
from turnus.worklist.services import close_cause

_ONE_DAY = timedelta(days=1)
_REASON = "Der Marktpartner hat den Wert storniert"


@dataclass(slots=True)
class _Tally:
    """What has been done so far."""

    withdrawn: int = 0
    already: int = 0
    kept: int = 0
    missing: list[str] = field(default_factory=list)
    requests: list[NewRequest] = field(default_factory=list)

    def sort(self, row: MeterReading | GasQuality | EnergyAmount | None, same: bool, what: str) -> bool:
        """Count one value; True if its row has to be withdrawn now.

        row: what this document brought, None if nothing; same: another document brought the same value.
        """
        if row is None:
            self.kept += same
            if not same:
                self.missing.append(what)
        elif row.withdrawn_at is not None:
            self.already += 1
        else:
            self.withdrawn += 1
            return True
        return False


@transaction.atomic
def withdraw_values(
    *, client_id: int, values: Withdrawal, document_at: datetime | None, at: datetime
) -> Withdrawn:
    """Withdraw what a document delivered, and ask again for what is missing then.

    document_at: date of the withdrawn document; a value that a later document confirmed stays. Billing finds
    the new versions like any other correction. Asked again, everything is `already` withdrawn.
    """
    tally = _Tally()
    _readings(client_id, values.readings, document_at, tally, at)
    _gas_qualities(client_id, values.gas_qualities, document_at, tally, at)
    _amounts(client_id, values.amounts, document_at, tally, at)
    requested = request_values(client_id=client_id, requests=tally.requests, at=at)
    days = withdraw_days(client_id=client_id, days=values.days, document_at=document_at, at=at)
    for location_id, day in days.gaps:
        requested += request_gaps(
            client_id=client_id, first=day, end=day + _ONE_DAY, at=at, market_location_id=location_id
        )
    return Withdrawn(
        tally.withdrawn + days.withdrawn, tally.already + days.already, tally.kept + days.kept,
        (*tally.missing, *days.missing), requested,
    )  # fmt: skip


def _is_confirmed(row: MeterReading | GasQuality | EnergyAmount, document_at: datetime | None) -> bool:
    """Whether a later document repeated the value: taking a repetition in moves the date of the row."""
    return document_at is not None and row.document_at > document_at and row.withdrawn_at is None


# ── readings ──────────────────────────────────────────────────────────────────────────────────────────────


def _readings(
    client_id: int, wanted: Sequence[NewReading], document_at: datetime | None, tally: _Tally, at: datetime
) -> None:
    ids = {one.register_id for one in wanted}
    registers = {
        row.pk: row
        for row in Register.objects.filter(client_id=client_id, pk__in=ids)
        .select_for_update(of=("self",), no_key=True)
        .select_related("meter__metering_location__market_location")
        .order_by("pk")
    }
    versions: defaultdict[tuple[int, date], list[MeterReading]] = defaultdict(list)
    dates = {one.date for one in wanted}
    for row in MeterReading.versions.filter(register__in=ids, date__in=dates).order_by("version"):
        versions[row.register_id, row.date].append(row)
    for one in dict.fromkeys(wanted):
        _reading(one, registers[one.register_id], versions[one.register_id, one.date], document_at, tally, at)


def _reading(
    one: NewReading, register: Register, versions: list[MeterReading], document_at: datetime | None,
    tally: _Tally, at: datetime,
) -> None:  # fmt: skip
    same = [v for v in versions if not v.is_withdrawal and (v.value, v.quality) == (one.value, one.quality)]
    mine = [v for v in same if v.original_id == one.original_id and not _is_confirmed(v, document_at)]
    row = next((v for v in mine if v.withdrawn_at is None), mine[-1] if mine else None)
    what = f"Zähler {register.meter.number}, {one.date:%d.%m.%Y}: {one.value.normalize():f}"
    if not tally.sort(row, bool(same), what):
        return
    assert row is not None
    was_current = row.is_current
    row.withdrawn_at = at
    if was_current:
        row.is_current, row.superseded_at = False, at
    if row.is_blocked and not row.decision:
        row.decision, row.decided_at = Decision.REJECTED, at
        outcome = "Der Marktpartner hat den Zählerstand storniert."
        key = case_key(row.register_id, row.date, row.version)
        close_cause(client_id=row.client_id, key=key, at=at, outcome=outcome)
    row.save(update_fields=["withdrawn_at", "is_current", "superseded_at", "decision", "decided_at"])
    if not was_current:
        return
    left = best(_candidate(v) for v in versions)
    source = next((v for v in versions if left is not None and v.pk == left.row_id), row)
    versions.append(_next_reading(source, max(v.version for v in versions) + 1, left is None, at))
    if left is None:
        tally.requests.append(_ask_reading(one, register, at))


def _candidate(row: MeterReading) -> Candidate:
    counts = not (
        row.is_blocked or row.is_withdrawal or row.withdrawn_at or row.decision == Decision.REJECTED
    )
    return Candidate(
        row.pk, row.value, row.quality, row.origin, row.document_at, row.version, row.is_current, counts
    )


def _next_reading(source: MeterReading, version: int, is_withdrawal: bool, at: datetime) -> MeterReading:
    """A former value once more as the one that counts, or the version that says there is none."""
    return MeterReading.versions.create(
        client_id=source.client_id, register_id=source.register_id, date=source.date, value=source.value,
        origin=source.origin, quality=source.quality, version=version, is_current=True,
        document_at=source.document_at, original_id=source.original_id, taken_at=at,
        is_withdrawal=is_withdrawal,
    )  # fmt: skip


def _ask_reading(one: NewReading, register: Register, at: datetime) -> NewRequest:
    return NewRequest(
        kind=ValueRequest.Kind.READING,
        key=f"reading:{one.register_id}:{one.date}",
        market_location_id=register.meter.metering_location.market_location_id,
        register_id=one.register_id,
        start=one.date,
        end=one.date + _ONE_DAY,
        reason=f"{_REASON}: {one.value.normalize():f}",
        due_on=market_day(at),
    )


# ── gas quality ───────────────────────────────────────────────────────────────────────────────────────────


def _gas_qualities(
    client_id: int, wanted: Sequence[NewGasQuality], document_at: datetime | None, tally: _Tally, at: datetime
) -> None:
    places = MarketLocation.objects.filter(pk__in={one.market_location_id for one in wanted})
    names = dict(places.select_for_update(no_key=True).order_by("pk").values_list("pk", "market_location_id"))
    keys = {(one.market_location_id, one.kind): None for one in wanted}
    known = known_rows(client_id, keys)
    for key in keys:
        rows, changes, lost = known.get(key, []), Changes(), list[tuple[date, date, GasQuality]]()
        for one in dict.fromkeys(w for w in wanted if (w.market_location_id, w.kind) == key):
            lost += _gas_quality(one, rows, names.get(key[0], ""), document_at, tally, at)
        lay_out(rows, changes, at, revive=False)
        for start, end, row in _uncovered(lost, rows):
            rows.append(changes.add(_no_gas_quality(row, start, end, max(r.version for r in rows) + 1, at)))
            tally.requests.append(_ask_gas_quality(row, start, end, at))
        changes.write(at)


def _gas_quality(
    one: NewGasQuality, rows: list[GasQuality], name: str, document_at: datetime | None, tally: _Tally,
    at: datetime,
) -> list[tuple[date, date, GasQuality]]:  # fmt: skip
    """Withdraw one delivery with its parts; the times in which it counted."""
    content = (one.start, one.end, one.value, one.quality)
    same = [
        r for r in rows
        if is_delivery(r) and (r.valid.lower, r.valid.upper, r.value, r.quality) == content
    ]  # fmt: skip
    mine = [r for r in same if r.original_id == one.original_id and not _is_confirmed(r, document_at)]
    row = next((r for r in mine if r.withdrawn_at is None), mine[-1] if mine else None)
    what = f"{GasQuality.Kind(one.kind).label} {one.value.normalize():f} für {name} ab {one.start:%d.%m.%Y}"
    if not tally.sort(row, bool(same), what):
        return []
    assert row is not None
    parts = [r for r in rows if r.pk == row.pk or r.cut_from_id == row.pk]
    lost = [(r.valid.lower, r.valid.upper, row) for r in parts if r.is_current]
    for part in parts:
        if part.is_current:
            part.superseded_at = at
        part.withdrawn_at, part.is_current = at, False
        part.save(update_fields=["withdrawn_at", "is_current", "superseded_at"])
    return lost


def _uncovered(
    lost: Iterable[tuple[date, date, GasQuality]], rows: Sequence[GasQuality]
) -> list[tuple[date, date, GasQuality]]:
    """The parts of the lost times that no other value covers, day by day joined."""
    found: list[tuple[date, date, GasQuality]] = []
    for start, end, row in sorted(lost, key=lambda item: item[0]):
        for number in range((end - start).days):
            day = start + timedelta(days=number)
            if any(r.is_current and r.valid.lower <= day < r.valid.upper for r in rows):
                continue
            if found and found[-1][1] == day and found[-1][2] is row:
                found[-1] = (found[-1][0], day + _ONE_DAY, row)
            else:
                found.append((day, day + _ONE_DAY, row))
    return found


def _no_gas_quality(row: GasQuality, start: date, end: date, version: int, at: datetime) -> GasQuality:
    return GasQuality(
        client_id=row.client_id, market_location_id=row.market_location_id, kind=row.kind,
        valid=DateRange(start, end), value=row.value, quality=row.quality, version=version,
        document_at=row.document_at, original_id=row.original_id, taken_at=at, is_withdrawal=True,
    )  # fmt: skip


def _ask_gas_quality(row: GasQuality, start: date, end: date, at: datetime) -> NewRequest:
    return NewRequest(
        kind=ValueRequest.Kind.GAS_QUALITY,
        key=f"gas_quality:{row.market_location_id}:{start}:{end}",
        market_location_id=row.market_location_id,
        start=start,
        end=end,
        reason=f"{_REASON}: {row.get_kind_display()} {row.value.normalize():f}",
        due_on=market_day(at),
    )


# ── energy amounts ────────────────────────────────────────────────────────────────────────────────────────


def _amounts(
    client_id: int, wanted: Sequence[NewEnergyAmount], document_at: datetime | None, tally: _Tally,
    at: datetime,
) -> None:  # fmt: skip
    places = MarketLocation.objects.filter(
        client_id=client_id, pk__in={one.market_location_id for one in wanted}
    )
    list(places.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    for one in dict.fromkeys(wanted):
        versions = list(
            EnergyAmount.versions.filter(
                client_id=client_id, market_location_id=one.market_location_id,
                metering_location_id=one.metering_location_id, kind=one.kind, obis_code=one.obis_code,
                starts_at=one.starts_at, ends_at=one.ends_at,
            ).order_by("version")
        )  # fmt: skip
        same = [
            v for v in versions if not v.is_withdrawal and (v.value, v.quality) == (one.value, one.quality)
        ]
        mine = [v for v in same if v.original_id == one.original_id and not _is_confirmed(v, document_at)]
        row = next((v for v in mine if v.withdrawn_at is None), mine[-1] if mine else None)
        if tally.sort(row, bool(same), _amount_in_words(one)):
            assert row is not None
            _withdraw_amount(row, versions, at)


def _amount_in_words(one: NewEnergyAmount) -> str:
    kind, day = EnergyAmount.Kind(one.kind).label, market_day(one.starts_at)
    return f"{kind} {one.obis_code} ab {day:%d.%m.%Y}: {one.value.normalize():f}"


def _withdraw_amount(row: EnergyAmount, versions: Sequence[EnergyAmount], at: datetime) -> None:
    was_current, row.withdrawn_at = row.is_current, at
    if was_current:
        row.is_current, row.superseded_at = False, at
    row.save(update_fields=["withdrawn_at", "is_current", "superseded_at"])
    if not was_current:
        return
    left = best(candidate_of(v) for v in versions)
    source = next((v for v in versions if left is not None and v.pk == left.row_id), row)
    EnergyAmount.versions.create(
        client_id=source.client_id, market_location_id=source.market_location_id,
        metering_location_id=source.metering_location_id, kind=source.kind, obis_code=source.obis_code,
        starts_at=source.starts_at, ends_at=source.ends_at, value=source.value, unit=source.unit,
        quality=source.quality, version=max(v.version for v in versions) + 1, is_current=True,
        document_at=source.document_at, original_id=source.original_id, taken_at=at,
        is_withdrawal=left is None,
    )  # fmt: skip
