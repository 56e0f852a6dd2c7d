"""Load profiles (13008, 13018, 13025, 13022 …): days of interval values to series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from turnus.catalogue.mscons.records import DayBlock
from turnus.market.meter_values.directory import (
    LocationRef,
    location_name,
    locations_of,
    names_of,
    refused,
    unknown_location,
    waiting,
)
from turnus.market.records import Handled, Incoming
from turnus.metering.records import NewIntervalDay, Outcome, SeriesKey, StoreResult
from turnus.metering.services import ensure_series, store_interval_days
from turnus.system.models import User

_UNITS = {"": "kWh", "KWH": "kWh", "KWT": "kW", "K3": "kvarh", "D54": "W/m²", "MTS": "m/s"}


def take_intervals(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Store every day of every message at a known location; unknown ones wait with a case per place."""
    places = locations_of(client_id, names_of(messages))
    blocks: list[tuple[int, DayBlock, SeriesKey]] = []
    for index, item in enumerate(messages):
        assert item.checked.content is not None
        for block in item.checked.content.days:
            found = places.get(location_name(item, block.place.location))
            if found is not None:
                blocks.append((index, block, series_key(found, block)))
    series = ensure_series(client_id=client_id, keys=[key for _, _, key in blocks])
    days = [interval_day(messages[index], block, series[key], at) for index, block, key in blocks]
    result = store_interval_days(client_id=client_id, days=days, at=at)
    stored, reasons = _by_message(blocks, result)
    return [
        _handled(item, places, stored.get(index, 0), reasons.get(index, []))
        for index, item in enumerate(messages)
    ]


def series_key(found: LocationRef, block: DayBlock) -> SeriesKey:
    place = block.place
    return SeriesKey(
        found.market_location_id,
        found.metering_location_id,
        place.product[:20],
        _UNITS.get(place.unit, place.unit[:8]),
        block.minutes,
        block.is_gas_day,
    )


def interval_day(item: Incoming, block: DayBlock, series_id: int, at: datetime) -> NewIntervalDay:
    return NewIntervalDay(
        series_id, block.day, block.values, block.status, block.scale, item.checked.document_at or at,
        item.original_id,
    )  # fmt: skip


def _by_message(
    blocks: list[tuple[int, DayBlock, SeriesKey]], result: StoreResult
) -> tuple[dict[int, int], dict[int, list[str]]]:
    """Per message: how many values are in, and why others are not."""
    stored: dict[int, int] = {}
    reasons: dict[int, list[str]] = {}
    for (index, block, _), outcome in zip(blocks, result.items, strict=True):
        if outcome.outcome is Outcome.REFUSED:
            reasons.setdefault(index, []).append(f"{block.day:%d.%m.%Y}: {outcome.reason}")
        else:
            stored[index] = stored.get(index, 0) + block.present
    return stored, reasons


def _handled(item: Incoming, places: dict[str, LocationRef], stored: int, reasons: list[str]) -> Handled:
    assert item.checked.content is not None
    location_id = None
    for block in item.checked.content.days:
        found = places.get(location_name(item, block.place.location))
        if found is None:
            case = unknown_location(item, block.place.location, block.place.configuration)
            return waiting(item, case, stored=stored, location_id=location_id)
        location_id = found.market_location_id
    if reasons:
        return refused(item, reasons, stored=stored, location_id=location_id)
    days = len(item.checked.content.days)
    outcome = f"{stored} Werte für {days} {'Tag' if days == 1 else 'Tage'} übernommen."
    return Handled(outcome, market_location_id=location_id, values_stored=stored)
