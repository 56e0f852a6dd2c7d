"""Meter readings (13002 gas, 13017 electricity): each value to the register it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from turnus.catalogue.mscons.records import RegisterReading, Status
from turnus.lib import market_time
from turnus.market.meter_values.amounts import quality_values
from turnus.market.meter_values.directory import (
    SERVICE,
    LocationRef,
    RegisterRef,
    location_name,
    locations_of,
    names_of,
    refused,
    registers_of,
    unknown_location,
    waiting,
)
from turnus.market.records import Handled, Incoming
from turnus.market.text import short
from turnus.metering.records import NewReading, Outcome, Stored
from turnus.metering.services import store_gas_quality, store_readings
from turnus.system.models import User
from turnus.worklist.services import NewCase

QUALITIES = {Status.TRUE: "true", Status.SUBSTITUTE: "substitute", Status.PROVISIONAL: "provisional"}
_READ_BY_CUSTOMER = "Z83"
_CONFIRMED = frozenset(("Z85", "Z86", "Z87"))


@dataclass(slots=True)
class Progress:
    """What is known of one message while its values are sorted."""

    case: NewCase | None = None
    location_id: int | None = None
    stored: int = 0
    reasons: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)


def take_readings(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Store every reading of a known register; the others wait with a case that names what is missing."""
    places = locations_of(client_id, names_of(messages))
    registers = registers_of(client_id, (place.market_location_id for place in places.values()))
    progress = [Progress() for _ in messages]
    owners: list[int] = []
    readings: list[NewReading] = []
    for index, item in enumerate(messages):
        assert item.checked.content is not None
        for value in item.checked.content.readings:
            made = assign(item, value, places, registers, progress[index])
            if isinstance(made, NewReading):
                owners.append(index)
                readings.append(made)
            else:
                progress[index].case = progress[index].case or made
    result = store_readings(client_id=client_id, readings=readings, user=user, at=at)
    for index, outcome in zip(owners, result.items, strict=True):
        _count(progress[index], outcome)
    _store_gas_quality(client_id, messages, places, progress, at)
    return [_handled(item, state) for item, state in zip(messages, progress, strict=True)]


def assign(
    item: Incoming, value: RegisterReading, places: dict[str, LocationRef],
    registers: dict[int, list[RegisterRef]], progress: Progress,
) -> NewReading | NewCase:  # fmt: skip
    """The reading for the metering room, or the case that says why there is none."""
    written = value.place.location
    found = places.get(location_name(item, written))
    if found is None:
        return unknown_location(item, written, value.place.configuration)
    progress.location_id = found.market_location_id
    day = reading_day(value.instant, found.commodity)
    quality = QUALITIES.get(value.status)
    if day is None or quality is None:
        return _unusable(item, value, day)
    register = choose_register(registers.get(found.market_location_id, []), value, found, day)
    if register is None:
        return _unknown_register(item, value, location_name(item, written))
    reasons = set(value.reasons)
    return NewReading(
        register_id=register.register_id,
        date=day,
        value=value.value,
        origin="customer" if _READ_BY_CUSTOMER in reasons else "grid",
        quality=quality,
        original_id=item.original_id,
        document_at=item.checked.document_at,
        confirmed=bool(reasons & _CONFIRMED),
    )


def reading_day(instant: datetime, commodity: str) -> date | None:
    """The date for whose 00:00 the value stands; gas meters are read for the gas day, at 06:00."""
    local = market_time.to_local(instant)
    if local.time() == time() or (commodity == "gas" and local.time() == market_time.GAS_DAY_BEGINS):
        return local.date()
    return None


def choose_register(
    registers: Sequence[RegisterRef], value: RegisterReading, place: LocationRef, day: date
) -> RegisterRef | None:
    """The one register the value can belong to, None if there is none or more than one.

    The meter number decides if the message names one; OBIS codes are compared without their channel.
    """
    candidates = [
        register
        for register in registers
        if _same_obis(register.obis_code, value.place.product)
        and register.installed <= day
        and (register.removed is None or day <= register.removed)
        and place.metering_location_id in (None, register.metering_location_id)
    ]
    if value.place.device:
        device = value.place.device.strip().lstrip("0")
        candidates = [register for register in candidates if register.meter_number.lstrip("0") == device]
    if len(candidates) > 1:
        exact = [register for register in candidates if register.obis_code == value.place.product]
        candidates = exact or candidates
    return candidates[0] if len(candidates) == 1 else None


def _same_obis(left: str, right: str) -> bool:
    """Same medium and same quantity, whatever the channel: 1-0:1.8.0 and 1-1:1.8.0."""
    return left[:2] == right[:2] and left.partition(":")[2] == right.partition(":")[2]


def _unusable(item: Incoming, value: RegisterReading, day: date | None) -> NewCase:
    if day is None:
        local = market_time.to_local(value.instant)
        reason = f"Der Wert gilt für {local:%d.%m.%Y %H:%M} Uhr, erwartet wird der Beginn eines Tages."
    else:
        reason = "Der Absender kennzeichnet den Wert als Vorschlag oder als nicht verwendbar."
    return NewCase(
        kind="values_refused",
        service=SERVICE,
        key=short(f"values_refused:{item.message_id}", 200),
        title=f"Zählerstand {value.value.normalize():f} lässt sich nicht verwenden",
        reason=f"Segment {value.segment}: {reason}",
        object_kind="market.message",
        object_id=item.message_id,
        object_label=value.place.location,
    )


def _unknown_register(item: Incoming, value: RegisterReading, location: str) -> NewCase:
    place = value.place
    device = f"Zähler {place.device}" if place.device else "ein Zähler ohne Nummer"
    return NewCase(
        kind="register_unknown",
        service=SERVICE,
        key=short(f"register_unknown:{location}:{place.device}:{place.product}", 200),
        title=f"{device} mit {place.product} ist an {location} nicht angelegt",
        reason=(
            f"{item.checked.sender} meldet {value.value.normalize():f} für {device}, OBIS {place.product}. "
            "An dieser Lokation gibt es kein (oder mehr als ein) passendes Zählwerk zu diesem Tag. "
            "Bitte Zähler anlegen oder Zählerwechsel nachtragen."
        ),
        object_kind="market.message",
        object_id=item.message_id,
        object_label=location,
        details={"Zähler": place.device, "OBIS": place.product, "Stand": str(value.value)},
    )


def _count(progress: Progress, outcome: Stored) -> None:
    if outcome.outcome is Outcome.REFUSED:
        progress.reasons.append(outcome.reason)
        return
    progress.stored += 1
    if outcome.outcome is Outcome.BLOCKED:
        progress.blocked.append(outcome.reason)


def _store_gas_quality(
    client_id: int, messages: Sequence[Incoming], places: dict[str, LocationRef], progress: list[Progress],
    at: datetime,
) -> None:  # fmt: skip
    """13002 may carry conversion factors beside the readings."""
    owners, values = quality_values(messages, places)
    if not values:
        return
    result = store_gas_quality(client_id=client_id, values=values, user=None, at=at)
    for index, outcome in zip(owners, result.items, strict=True):
        _count(progress[index], outcome)


def _handled(item: Incoming, state: Progress) -> Handled:
    if state.case is not None:
        return waiting(item, state.case, stored=state.stored, location_id=state.location_id)
    if state.reasons:
        return refused(item, state.reasons, stored=state.stored, location_id=state.location_id)
    outcome = "1 Wert übernommen." if state.stored == 1 else f"{state.stored} Werte übernommen."
    if state.blocked:
        outcome += " Gesperrt: " + " ".join(state.blocked)
    return Handled(outcome, market_location_id=state.location_id, values_stored=state.stored)
