"""Locations and registers of a batch of messages, loaded set-wise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from turnus.market.records import Handled, Incoming
from turnus.market.text import short
from turnus.masterdata.models import MarketLocation, MeteringLocation, Register
from turnus.worklist.services import NewCase

SERVICE = "M45"


@dataclass(frozen=True, slots=True)
class LocationRef:
    """A known market location, named itself or through one of its metering locations."""

    market_location_id: int
    metering_location_id: int | None
    commodity: str


@dataclass(frozen=True, slots=True)
class RegisterRef:
    """A register with what tells it from others; `removed` is None while its meter hangs."""

    register_id: int
    obis_code: str
    meter_number: str
    metering_location_id: int
    installed: date
    removed: date | None


def locations_of(client_id: int, names: Iterable[str]) -> dict[str, LocationRef]:
    """Known locations by their identifier as written in messages."""
    wanted = set(names) - {""}
    result: dict[str, LocationRef] = {}
    rows = MarketLocation.objects.filter(
        client_id=client_id, market_location_id__in=[name for name in wanted if len(name) == 11]
    ).values_list("market_location_id", "pk", "commodity")
    for name, pk, commodity in rows:
        result[name] = LocationRef(pk, None, commodity)
    places = MeteringLocation.objects.filter(
        client_id=client_id, metering_location_id__in=[name for name in wanted if len(name) != 11]
    ).values_list("metering_location_id", "pk", "market_location_id", "market_location__commodity")
    for name, pk, market_location_id, commodity in places:
        result[name] = LocationRef(market_location_id, pk, commodity)
    return result


def registers_of(client_id: int, market_location_ids: Iterable[int]) -> dict[int, list[RegisterRef]]:
    """Registers by market location."""
    rows = Register.objects.filter(
        client_id=client_id, meter__metering_location__market_location_id__in=set(market_location_ids)
    ).select_related("meter__metering_location")
    result: dict[int, list[RegisterRef]] = defaultdict(list)
    for row in rows:
        meter = row.meter
        result[meter.metering_location.market_location_id].append(
            RegisterRef(
                row.pk,
                row.obis_code,
                meter.number,
                meter.metering_location_id,
                meter.installed.lower,
                meter.installed.upper,
            )
        )
    return result


def names_of(messages: Sequence[Incoming]) -> set[str]:
    """Locations named in the messages, and those a clerk named for them."""
    return {name for item in messages for name in (*item.checked.locations, item.location)}


def location_name(item: Incoming, written: str) -> str:
    """The location of a value: as written, else as the clerk named it."""
    return written or item.location


def unknown_location(item: Incoming, written: str, configuration: str) -> NewCase:
    """The case for values at a place we do not know; one per place, however many messages wait."""
    pid = item.checked.pid
    if not written:
        return NewCase(
            kind="location_missing",
            service=SERVICE,
            key=short(f"location_missing:{item.checked.sender}:{configuration}", 200),
            title=f"Werte ohne Lokation, Konfigurations-ID {configuration or 'fehlt'}",
            reason=(
                f"Die Nachricht ({pid}) nennt keine Markt- oder Messlokation, nur die Konfigurations-ID "
                f"„{configuration}“. Bitte die Lokation angeben, zu der sie gehört."
            ),
            object_kind="market.message",
            object_id=item.message_id,
            object_label=short(f"Konfiguration {configuration}", 120),
        )
    kind = "Marktlokation" if len(written) == 11 else "Messlokation"
    return NewCase(
        kind="location_unknown",
        service=SERVICE,
        key=short(f"location_unknown:{written}", 200),
        title=f"{kind} {written} ist nicht angelegt",
        reason=(
            f"Für {kind} {written} sind Messwerte ({pid}) von {item.checked.sender} eingetroffen, "
            "aber sie steht nicht in den Stammdaten. Bitte anlegen oder die Zuordnung klären."
        ),
        object_kind="market.message",
        object_id=item.message_id,
        object_label=written,
        details={"Lokation": written, "Absender": item.checked.sender},
    )


def waiting(item: Incoming, case: NewCase, *, stored: int = 0, location_id: int | None = None) -> Handled:
    """A message that waits for a case; `stored` of its values are in already."""
    done = f" {stored} Werte sind übernommen." if stored else ""
    return Handled(f"{case.title}.{done}", market_location_id=location_id, values_stored=stored, case=case)


def refused(item: Incoming, reasons: Sequence[str], *, stored: int, location_id: int | None) -> Handled:
    """Values the metering room refused as impossible."""
    checked = item.checked
    case = NewCase(
        kind="values_refused",
        service=SERVICE,
        key=short(f"values_refused:{item.message_id}", 200),
        title=f"Werte aus {checked.pid} {checked.document_number} sind nicht möglich",
        reason=" ".join(dict.fromkeys(reasons)),
        object_kind="market.message",
        object_id=item.message_id,
        object_label=short(", ".join(checked.locations), 120),
    )
    return waiting(item, case, stored=stored, location_id=location_id)
