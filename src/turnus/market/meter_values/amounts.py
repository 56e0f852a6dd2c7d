"""Energy amounts, peaks, allocations (13009, 13013–13016, 13019 …) and gas quality (13007)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from turnus.catalogue.mscons.records import Amount, Status
from turnus.lib import market_time
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
from turnus.metering.records import NewEnergyAmount, NewGasQuality, Outcome, StoreResult
from turnus.metering.services import store_energy_amounts, store_gas_quality
from turnus.system.models import User
from turnus.worklist.services import NewCase

_QUALITIES = {
    Status.TRUE: "true",
    Status.SUBSTITUTE: "substitute",
    Status.PROVISIONAL: "provisional",
    Status.FORECAST: "estimate",
    Status.TOTAL: "true",
    Status.DELIVERY_NOTE: "true",
    Status.PRICE_CAP: "true",
}
_KIND_OF_DOCUMENT = {
    "Z41": "delivery_note",
    "Z42": "delivery_note",
    "Z27": "before_supply",
    "Z24": "allocated",
    "Z23": "balanced",
    "Z16": "profile",
}
_UNITS = {"KWH": "kWh", "KWT": "kW", "MTQ": "m³", "K3": "kvarh"}
_CONVERSION = ("52.", "53.", "70.16.")
_CALORIFIC = ("54.", "70.18.")


@dataclass(slots=True)
class _Progress:
    case: NewCase | None = None
    location_id: int | None = None
    stored: int = 0
    reasons: list[str] = field(default_factory=list)


def take_amounts(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Store energy amounts and peaks at known locations."""
    return _take(client_id, messages, at, amount_of, store_energy_amounts)


def take_gas_quality(
    *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
) -> list[Handled]:
    """Store calorific values and conversion factors at known locations."""

    def store(*, client_id: int, amounts: Sequence[NewGasQuality], at: datetime) -> StoreResult:
        return store_gas_quality(client_id=client_id, values=amounts, user=user, at=at)

    return _take(client_id, messages, at, quality_of, store)


def _take(
    client_id: int,
    messages: Sequence[Incoming],
    at: datetime,
    make: Callable[[Incoming, Amount, LocationRef], NewEnergyAmount | NewGasQuality | str],
    store: Callable[..., StoreResult],
) -> list[Handled]:
    places = locations_of(client_id, names_of(messages))
    progress = [_Progress() for _ in messages]
    owners: list[int] = []
    made: list[NewEnergyAmount | NewGasQuality] = []
    for index, item in enumerate(messages):
        assert item.checked.content is not None
        for value in item.checked.content.amounts:
            found = places.get(location_name(item, value.place.location))
            if found is None:
                case = unknown_location(item, value.place.location, value.place.configuration)
                progress[index].case = progress[index].case or case
                continue
            progress[index].location_id = found.market_location_id
            one = make(item, value, found)
            if isinstance(one, str):
                progress[index].reasons.append(f"Segment {value.segment}: {one}")
            else:
                owners.append(index)
                made.append(one)
    result = store(client_id=client_id, amounts=made, at=at)
    for index, outcome in zip(owners, result.items, strict=True):
        if outcome.outcome is Outcome.REFUSED:
            progress[index].reasons.append(outcome.reason)
        else:
            progress[index].stored += 1
    return [_handled(item, state) for item, state in zip(messages, progress, strict=True)]


def _handled(item: Incoming, state: _Progress) -> Handled:
    if state.case is not None:
        return waiting(item, state.case, stored=state.stored, location_id=state.location_id)
    if state.reasons:
        return refused(item, state.reasons, stored=state.stored, location_id=state.location_id)
    outcome = "1 Wert übernommen." if state.stored == 1 else f"{state.stored} Werte übernommen."
    return Handled(outcome, market_location_id=state.location_id, values_stored=state.stored)


def amount_of(item: Incoming, value: Amount, place: LocationRef) -> NewEnergyAmount | str:
    quality = _QUALITIES.get(value.status)
    if quality is None:
        return "Der Absender kennzeichnet den Wert als Vorschlag oder als nicht verwendbar."
    assert item.checked.content is not None
    obis = value.place.product
    kind = _KIND_OF_DOCUMENT.get(item.checked.content.document_code, "measured")
    is_peak = ".6." in obis.partition(":")[2][:4]
    if is_peak and kind == "measured":
        kind = "peak"
    unit = _UNITS.get(value.place.unit, value.place.unit[:8]) or ("kW" if is_peak else "kWh")
    return NewEnergyAmount(
        place.market_location_id, place.metering_location_id, kind, obis[:35], value.start, value.end,
        value.value, unit, quality, item.original_id, item.checked.document_at,
    )  # fmt: skip


def quality_of(item: Incoming, value: Amount, place: LocationRef) -> NewGasQuality | str:
    quality = _QUALITIES.get(value.status)
    if quality is None:
        return "Der Absender kennzeichnet den Wert als Vorschlag oder als nicht verwendbar."
    kind = quality_kind(value.place.product)
    if kind is None:
        return f"„{value.place.product}“ ist weder Brennwert noch Zustandszahl."
    # The last instant of the period decides its last day: it may end at 06:00 or at 00:00 of the next.
    last = market_time.gas_day(value.end - timedelta(minutes=1))
    return NewGasQuality(
        place.market_location_id, kind, market_time.gas_day(value.start), last + timedelta(days=1),
        value.value, quality, item.original_id, item.checked.document_at,
    )  # fmt: skip


def quality_kind(obis_code: str) -> str | None:
    """Which kind of gas quality an OBIS code names, None for others."""
    medium, _, rest = obis_code.partition(":")
    if not medium.startswith("7-"):
        return None
    if rest.startswith(_CONVERSION):
        return "conversion_factor"
    return "calorific_value" if rest.startswith(_CALORIFIC) else None


def quality_values(
    messages: Sequence[Incoming], places: dict[str, LocationRef]
) -> tuple[list[int], list[NewGasQuality]]:
    """Gas quality among the amounts of other messages, with the index of the message each comes from."""
    owners: list[int] = []
    values: list[NewGasQuality] = []
    for index, item in enumerate(messages):
        for value in item.checked.content.amounts if item.checked.content else ():
            found = places.get(location_name(item, value.place.location))
            made = quality_of(item, value, found) if found else ""
            if isinstance(made, NewGasQuality):
                owners.append(index)
                values.append(made)
    return owners, values
