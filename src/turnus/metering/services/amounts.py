"""Take in energy amounts and peaks: delivery notes, allocations, balanced amounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from turnus.masterdata.models import MarketLocation
from turnus.metering.calc.versions import Candidate, decide
from turnus.metering.models import EnergyAmount, Quality
from turnus.metering.records import NewEnergyAmount, Outcome, Stored, StoreResult

Key = tuple[int, int | None, str, str, datetime, datetime]


@transaction.atomic
def store_energy_amounts(*, client_id: int, amounts: Sequence[NewEnergyAmount], at: datetime) -> StoreResult:
    """Store amounts as versions by the rule of readings; taking the same in again changes nothing.

    Refused: unknown location, other kinds, a time that ends before it begins.
    """
    places = _lock_locations(client_id, {a.market_location_id for a in amounts})
    known = _known(client_id, places)
    items: list[Stored] = []
    rows: list[EnergyAmount] = []
    superseded: list[int] = []
    for one in amounts:
        reason = _refusal(one, places)
        if reason:
            items.append(Stored(Outcome.REFUSED, reason=reason))
            continue
        items.append(_take(client_id, one, known[_key(one)], rows, superseded, at))
    EnergyAmount.versions.filter(pk__in=superseded).update(is_current=False, superseded_at=at)
    EnergyAmount.objects.bulk_create(rows, batch_size=2000)
    return StoreResult(tuple(items))


def _key(one: NewEnergyAmount | EnergyAmount) -> Key:
    return (
        one.market_location_id, one.metering_location_id, one.kind, one.obis_code, one.starts_at, one.ends_at,
    )  # fmt: skip


def _lock_locations(client_id: int, ids: set[int]) -> set[int]:
    rows = MarketLocation.objects.filter(client_id=client_id, pk__in=ids).select_for_update(no_key=True)
    return set(rows.order_by("pk").values_list("pk", flat=True))


def _known(client_id: int, places: set[int]) -> defaultdict[Key, list[Candidate]]:
    found: defaultdict[Key, list[Candidate]] = defaultdict(list)
    for row in EnergyAmount.versions.filter(client_id=client_id, market_location_id__in=places):
        found[_key(row)].append(candidate_of(row))
    return found


def candidate_of(row: EnergyAmount) -> Candidate:
    """A stored version as the rule looks at it."""
    is_withdrawn = row.withdrawn_at is not None
    return Candidate(
        row.pk, row.value, row.quality, "grid", row.document_at, row.version, row.is_current,
        counts=not (is_withdrawn or row.is_withdrawal), is_rejected=is_withdrawn,
        is_withdrawal=row.is_withdrawal,
    )  # fmt: skip


def _refusal(one: NewEnergyAmount, places: set[int]) -> str:
    if one.market_location_id not in places:
        return f"Die Marktlokation {one.market_location_id} gibt es bei diesem Auftraggeber nicht."
    if one.kind not in EnergyAmount.Kind.values or one.quality not in Quality.values:
        return f"„{one.kind}“ mit Güte „{one.quality}“ ist keine bekannte Art von Energiemenge."
    if not one.value.is_finite() or abs(one.value) >= 10**12 or one.value != round(one.value, 6):
        return f"„{one.value}“ ist keine Energiemenge."
    if one.ends_at < one.starts_at:
        return "Die Zeit der Energiemenge endet vor ihrem Beginn."
    return ""


def _take(
    client_id: int, one: NewEnergyAmount, versions: list[Candidate], rows: list[EnergyAmount],
    superseded: list[int], at: datetime,
) -> Stored:  # fmt: skip
    document_at = one.document_at or at
    version = max((v.version for v in versions), default=0) + 1
    new = Candidate(-1 - len(rows), one.value, one.quality, "grid", document_at, version)
    decision = decide(versions, new)
    if decision.repeats is not None:
        _confirm(versions, decision.confirms, rows, document_at)
        row_id = decision.repeats.row_id
        return Stored(Outcome.UNCHANGED, row_id if row_id > 0 else None, decision.repeats.version)
    is_current = decision.outcome is Outcome.STORED
    if decision.supersedes is not None:
        _supersede(versions, decision.supersedes, rows, superseded)
    versions.append(replace(new, is_current=is_current))
    rows.append(
        EnergyAmount(
            client_id=client_id,
            market_location_id=one.market_location_id,
            metering_location_id=one.metering_location_id,
            kind=one.kind,
            obis_code=one.obis_code,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            value=one.value,
            unit=one.unit,
            quality=one.quality,
            version=version,
            is_current=is_current,
            document_at=document_at,
            original_id=one.original_id,
            taken_at=at,
        )
    )
    return Stored(decision.outcome, None, version)


def _supersede(
    versions: list[Candidate], former: Candidate, rows: list[EnergyAmount], superseded: list[int]
) -> None:
    versions[versions.index(former)] = replace(former, is_current=False)
    if former.row_id > 0:
        superseded.append(former.row_id)
    else:
        rows[-1 - former.row_id].is_current = False


def _confirm(
    versions: list[Candidate], confirms: Candidate | None, rows: list[EnergyAmount], document_at: datetime
) -> None:
    if confirms is None:
        return
    versions[versions.index(confirms)] = replace(confirms, document_at=document_at)
    if confirms.row_id > 0:
        EnergyAmount.objects.filter(pk=confirms.row_id).update(document_at=document_at)
    else:
        rows[-1 - confirms.row_id].document_at = document_at
