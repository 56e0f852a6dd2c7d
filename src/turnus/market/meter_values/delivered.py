"""What a message delivered, once more from its bytes, as the values metering was given."""

from __future__ import annotations

from datetime import datetime

from turnus.market.meter_values.amounts import amount_of, quality_of
from turnus.market.meter_values.directory import (
    LocationRef,
    location_name,
    locations_of,
    names_of,
    registers_of,
)
from turnus.market.meter_values.intervals import interval_day, series_key
from turnus.market.meter_values.readings import Progress, assign
from turnus.market.records import Incoming
from turnus.metering.records import (
    NewEnergyAmount,
    NewGasQuality,
    NewIntervalDay,
    NewReading,
    Withdrawal,
)
from turnus.metering.services import ensure_series

GAS_QUALITY_ONLY = "13007"
READINGS = frozenset({"13002", "13017"})


def delivered(*, client_id: int, item: Incoming, at: datetime) -> tuple[Withdrawal, tuple[str, ...]]:
    """The values of a message, and in words those whose place or register is unknown (never stored)."""
    places = locations_of(client_id, names_of([item]))
    unknown: list[str] = []
    content = item.checked.content
    if content is None:
        return Withdrawal(), ()
    readings = _readings(client_id, item, places, unknown)
    days = _days(client_id, item, places, unknown, at)
    qualities: list[NewGasQuality] = []
    amounts: list[NewEnergyAmount] = []
    for value in content.amounts:
        found = places.get(location_name(item, value.place.location))
        if found is None:
            unknown.append(f"Lokation {value.place.location or 'ohne Nummer'}")
            continue
        is_quality = item.checked.pid == GAS_QUALITY_ONLY or item.checked.pid in READINGS
        made = quality_of(item, value, found) if is_quality else amount_of(item, value, found)
        if isinstance(made, NewGasQuality):
            qualities.append(made)
        elif isinstance(made, NewEnergyAmount):
            amounts.append(made)
    values = Withdrawal(tuple(readings), tuple(days), tuple(qualities), tuple(amounts))
    return values, tuple(dict.fromkeys(unknown))


def _readings(
    client_id: int, item: Incoming, places: dict[str, LocationRef], unknown: list[str]
) -> list[NewReading]:
    assert item.checked.content is not None
    registers = registers_of(client_id, (place.market_location_id for place in places.values()))
    found = []
    for value in item.checked.content.readings:
        made = assign(item, value, places, registers, Progress())
        if isinstance(made, NewReading):
            found.append(made)
        else:
            unknown.append(f"Zähler {value.place.device or 'ohne Nummer'} an {value.place.location}")
    return found


def _days(
    client_id: int, item: Incoming, places: dict[str, LocationRef], unknown: list[str], at: datetime
) -> list[NewIntervalDay]:
    assert item.checked.content is not None
    found = []
    for block in item.checked.content.days:
        place = places.get(location_name(item, block.place.location))
        if place is None:
            unknown.append(f"Lokation {block.place.location or 'ohne Nummer'}")
            continue
        key = series_key(place, block)
        series = ensure_series(client_id=client_id, keys=[key])
        found.append(interval_day(item, block, series[key], at))
    return found
