"""Every MSCONS sample is taken in: each value is stored or explained by a case."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

import factories as make
from turnus.catalogue.mscons.read import read_file
from turnus.catalogue.mscons.records import Checked
from turnus.edifact import InterchangeHead
from turnus.lib.ids import location_kind
from turnus.market.services import take_in
from turnus.masterdata.models import MarketLocation, Meter, MeteringLocation, Register
from turnus.metering.models import IntervalDay, MeterReading
from turnus.partners.models import MarketPartner
from turnus.system.models import Principal
from turnus.worklist.models import Case

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, 6, tzinfo=UTC)


def world_for(path: Path, name: str) -> Principal:
    """A principal that is addressed by the file and knows the partner, places and meters the file names."""
    events = list(read_file(path.read_bytes()))
    heads = [event for event in events if isinstance(event, InterchangeHead)]
    client = make.principal(name, market_partner_id=heads[0].receiver)
    for head in heads:
        defaults = {"name": "Netz", "role": "other"}
        MarketPartner.objects.get_or_create(market_partner_id=head.sender, defaults=defaults)
    for event in events:
        if isinstance(event, Checked):
            for location in event.locations:
                make_place(client, location, event)
    return client


def make_place(client: Principal, location: str, message: Checked) -> None:
    kind = location_kind(location)
    commodity = "gas" if message.pid in ("13002", "13007", "13008", "13009", "13013") else "electricity"
    known = MarketLocation.objects.filter(client=client, market_location_id=location).exists()
    if kind == "market_location" and not known:
        make.market_location(client, market_location_id=location, commodity=commodity)
    places = MeteringLocation.objects.filter(client=client, metering_location_id=location)
    if kind == "metering_location" and not places.exists():
        place = make.market_location(client, commodity=commodity)
        MeteringLocation.objects.create(client=client, market_location=place, metering_location_id=location)
    for reading in message.content.readings if message.content else ():
        place = MeteringLocation.objects.filter(
            client=client, metering_location_id=reading.place.location
        ).first()
        if place is not None and reading.place.device:
            meter, _ = Meter.objects.get_or_create(
                client=client, metering_location=place, number=reading.place.device,
                defaults={"installed": (datetime(2015, 1, 1, tzinfo=UTC).date(), None)},
            )  # fmt: skip
            Register.objects.get_or_create(client=client, meter=meter, obis_code=reading.place.product)


def sample_files(shared: Path) -> list[Path]:
    return sorted((shared / "samples" / "edifact" / "MSCONS").iterdir())


def test_every_value_is_stored_or_explained(shared: Path, subtests: pytest.Subtests) -> None:
    for number, path in enumerate(sample_files(shared)):
        with subtests.test(path.name), transaction.atomic():
            client = world_for(path, f"lieferant-{number}")
            result = take_in(client_id=client.pk, content=path.read_bytes(), name=path.name, at=AT, user=None)
            assert result.messages
            for message in result.messages:
                waits = Case.objects.filter(client=client, key=message.case_key).exclude(state="done")
                assert (
                    message.values_stored == message.values_found and not message.case_key
                ) or waits.exists()
            again = take_in(client_id=client.pk, content=path.read_bytes(), name=path.name, at=AT, user=None)
            assert again.known_before


def test_genuine_load_profiles_arrive_whole(shared: Path) -> None:
    for number, path in enumerate(sorted(sample_files(shared))):
        if not path.name.startswith(("real_alkofer_MSCONS_TL", "msconsconverter")):
            continue
        client = world_for(path, f"lieferant-{number}")
        result = take_in(client_id=client.pk, content=path.read_bytes(), name=path.name, at=AT, user=None)
        assert {message.state for message in result.messages} == {"processed"}
        found = sum(message.values_found for message in result.messages)
        days = IntervalDay.objects.filter(client=client, version=1)
        assert sum(len(day.status) - day.missing for day in days) <= found
        assert sum(message.values_stored for message in result.messages) == found
        assert IntervalDay.objects.filter(client=client, is_current=True).exists()


def test_a_genuine_reading_reaches_its_register(shared: Path) -> None:
    (path,) = [path for path in sample_files(shared) if path.name.startswith("odd_nomos")]
    client = world_for(path, "lieferant")
    take_in(client_id=client.pk, content=path.read_bytes(), name=path.name, at=AT, user=None)
    reading = MeterReading.objects.get()
    assert (str(reading.date), int(reading.value), reading.origin) == ("2025-11-14", 10614, "customer")
    assert Case.objects.filter(kind="interchange_damaged").count() == 1
