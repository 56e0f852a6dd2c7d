"""Peak and off-peak (HT, NT): registers of one meter, each judged by itself."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import factories as make
from turnus.market.models import Message
from turnus.market.services import take_in
from turnus.masterdata.models import MarketLocation, Register
from turnus.metering.models import MeterReading
from turnus.metering.records import NewReading
from turnus.metering.services import store_readings
from turnus.system.models import Principal
from turnus.worklist.models import Case

_path = Path(__file__).parents[2] / "catalogue" / "tests" / "mscons_text.py"
_spec = importlib.util.spec_from_file_location("mscons_text", _path)
assert _spec and _spec.loader
text = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(text)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 6, tzinfo=UTC)
PEAK, OFF_PEAK, SUM = "1-1:1.8.1", "1-1:1.8.2", "1-1:1.8.0"


@pytest.fixture
def place() -> MarketLocation:
    make.grid_operator(text.SENDER, "Netz Nord")
    made = make.market_location(make.principal(market_partner_id=text.RECEIVER))
    first = make.meter(made, "4711", obis_code=PEAK)
    Register.objects.create(client=made.client, meter=first.meter, obis_code=OFF_PEAK, digits=6)
    return made


def message(place: MarketLocation, values: dict[str, str]) -> bytes:
    segments = [f"LOC+172+{place.market_location_id}", "RFF+MG:4711"]
    for number, (obis, value) in enumerate(values.items(), 1):
        segments += [f"LIN+{number}", f"PIA+5+{obis.replace(':', '?:')}:SRW", f"QTY+220:{value}"]
        segments.append("DTM+7:202610312300?+00:303")
    return bytes(text.interchange([text.reading(*segments)]))


def take(client: Principal, content: bytes) -> None:
    take_in(client_id=client.pk, content=content, name="ht-nt.edi", at=AT, user=None)


def stored() -> dict[str, tuple[Decimal, bool]]:
    rows = MeterReading.objects.filter(date=date(2026, 11, 1)).select_related("register")
    return {row.register.obis_code: (row.value, row.is_current) for row in rows}


@pytest.mark.parametrize("with_sum", [False, True])
def test_both_registers_of_a_message_are_stored(place: MarketLocation, with_sum: bool) -> None:
    values = {PEAK: "1000", OFF_PEAK: "500"}
    if with_sum:
        meter = Register.objects.get(obis_code=PEAK).meter
        Register.objects.create(client=place.client, meter=meter, obis_code=SUM, digits=6)
        values[SUM] = "1500"
    take(place.client, message(place, values))
    assert stored() == {obis: (Decimal(value), True) for obis, value in values.items()}
    assert Message.objects.get(type="MSCONS").state == "processed"


def test_only_the_implausible_register_is_blocked(place: MarketLocation) -> None:
    for register in Register.objects.all():
        before = NewReading(register.pk, date(2026, 10, 1), Decimal(800), "grid", "true")
        store_readings(client_id=place.client_id, readings=[before], user=None, at=AT)
    take(place.client, message(place, {PEAK: "1000", OFF_PEAK: "500"}))  # off-peak ran backwards
    assert stored() == {PEAK: (Decimal(1000), True), OFF_PEAK: (Decimal(500), False)}
    case = Case.objects.get()
    assert (case.kind, case.details["Zählerstand"]) == ("reading_blocked", "500")


def test_a_register_that_is_not_there_waits_and_the_other_is_taken(place: MarketLocation) -> None:
    take(place.client, message(place, {PEAK: "1000", SUM: "1500"}))
    assert stored() == {PEAK: (Decimal(1000), True)}
    assert Case.objects.get().kind == "register_unknown"
