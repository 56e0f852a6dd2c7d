"""Meters with several registers: the sum register is billed, peak and off-peak alone are not."""

from __future__ import annotations

from datetime import date

import pytest

import billing_world as world
import factories as make
from turnus.billing.models import Bill
from turnus.masterdata.models import Register
from turnus.system.models import Principal
from turnus.worklist.models import Case

pytestmark = pytest.mark.django_db
PEAK, OFF_PEAK, SUM = "1-1:1.8.1", "1-1:1.8.2", "1-1:1.8.0"


@pytest.fixture
def client() -> Principal:
    return make.billing_principal()


def supply_with(client: Principal, *codes: str) -> dict[str, Register]:
    """A supply whose one meter has these registers."""
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), None, "26.10", "132.00")
    first = make.meter(supply.location, "1HTNT", obis_code=codes[0])
    rest = [
        Register.objects.create(client=client, meter=first.meter, obis_code=code, digits=6)
        for code in codes[1:]
    ]
    return {one.obis_code: one for one in (first, *rest)}


def test_peak_alone_is_not_billed_although_only_it_was_read(client: Principal) -> None:
    registers = supply_with(client, PEAK, OFF_PEAK)
    world.read(registers[PEAK], "2025-01-01", "1000")
    world.read(registers[PEAK], "2026-01-01", "2500")
    world.bill_all(client)
    assert not Bill.objects.exists()
    case = Case.objects.get(kind="billing_hold")
    assert "1-1:1.8.1, 1-1:1.8.2" in case.reason and "Hoch- und Niedertarif" in case.reason


def test_the_sum_register_is_billed_and_the_others_are_left_out(client: Principal) -> None:
    registers = supply_with(client, PEAK, OFF_PEAK, SUM)
    for code, opening, closing in ((PEAK, 1000, 2500), (OFF_PEAK, 400, 1400), (SUM, 1400, 3900)):
        world.read(registers[code], "2025-01-01", str(opening))
        world.read(registers[code], "2026-01-01", str(closing))
    world.bill_all(client)
    assert [int(bill.kwh) for bill in Bill.objects.all()] == [2500]
    assert not Case.objects.filter(kind="billing_hold").exists()


def test_what_is_fed_in_is_no_consumption(client: Principal) -> None:
    registers = supply_with(client, SUM, "1-1:2.8.0")
    for code, closing in ((SUM, 2500), ("1-1:2.8.0", 9000)):
        world.read(registers[code], "2025-01-01", "1000")
        world.read(registers[code], "2026-01-01", str(closing))
    world.bill_all(client)
    assert [int(bill.kwh) for bill in Bill.objects.all()] == [1500]
