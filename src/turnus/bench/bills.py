"""Electricity bills for the documents bench, no two alike: person, address, meters, quantities, amounts.

What bills of one principal share in life (letterhead, prices, energy mix, rights) they share here. A bench of
equal bills would measure the typesetter's memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from turnus.documents.calc.bill import (
    BillDocument,
    ChargeLine,
    ContainedCharge,
    EnergyPortion,
    InstalmentReceived,
    MeasuredInterval,
    PriorConsumption,
    Reading,
    VatTotal,
)
from turnus.documents.calc.parties import PostalAddress, Recipient
from turnus.documents.render.sample import sample_electricity_bill
from turnus.lib.money import round_money
from turnus.lib.quantity import round_kwh

__all__ = ["varied_bill"]

_FIRST = ("Anna", "Bernd", "Clara", "David", "Elif", "Frank", "Greta", "Hasan", "Ines", "Jonas", "Karin")
_LAST = ("Albers", "Böhm", "Conrad", "Demir", "Eickhoff", "Falk", "Gärtner", "Hölscher", "Ilgner", "Jansen")
_STREETS = ("Ahornweg", "Bahnhofstraße", "Dorfplatz", "Eichenallee", "Finkenschlag", "Gartenstraße")
_VAT = Decimal(19)


def varied_bill(serial: int) -> BillDocument:
    """Bill number `serial` (from 1), consistent to the cent, always the same for the same number."""
    bill = sample_electricity_bill(serial)
    old, new = bill.intervals
    intervals = (
        _interval(old, f"1EMH{serial:010d}", 1000 + serial * 37 % 80000, 400 + serial * 13 % 2900),
        _interval(new, f"1ESY{serial:010d}", serial % 9, 700 + serial * 29 % 4100),
    )
    lines = tuple(_lines(bill.lines, intervals))
    kwh = sum((interval.kwh for interval in intervals), Decimal(0))
    net = sum((line.net for line in lines), Decimal(0))
    vat = round_money(net * _VAT / 100)
    paid = _instalments(bill.instalments[0], Decimal(60 + serial * 17 % 140))
    issued = bill.issue_date + timedelta(days=serial % 5)
    return replace(
        bill,
        recipient=_person(serial),
        supply=replace(
            bill.supply,
            address=_address(serial),
            market_location=f"5{serial:010d}",
            metering_location=f"DE{serial:031d}",
        ),
        customer_number=f"K{serial:07d}",
        contract_number=f"V{serial:07d}",
        issue_date=issued,
        intervals=intervals,
        lines=lines,
        vat_totals=(VatTotal(_VAT, net, vat),),
        net=net,
        gross=net + vat,
        instalments=(paid,),
        balance=net + vat - paid.gross,
        payment=replace(
            bill.payment, mandate_reference=f"M{serial:08d}", due_date=issued + timedelta(days=18)
        ),
        contained=tuple(_contained(charge, kwh) for charge in bill.contained),
        kwh=kwh,
        prior=bill.prior and PriorConsumption(bill.prior.period, round_kwh(kwh + serial * 7 % 800 - 400)),
    )


def _person(serial: int) -> Recipient:
    first, last = _FIRST[serial % len(_FIRST)], _LAST[serial // 3 % len(_LAST)]
    return Recipient((f"{first} {last}",), _address(serial), f"Guten Tag {first} {last},")


def _address(serial: int) -> PostalAddress:
    return PostalAddress(f"{_STREETS[serial % len(_STREETS)]} {serial % 211 + 1}", "45127", "Essen")


def _interval(like: MeasuredInterval, meter: str, opening: int, used: int) -> MeasuredInterval:
    return replace(
        like,
        meter_number=meter,
        opening=Reading(Decimal(opening), like.opening.origin),
        closing=Reading(Decimal(opening + used), like.closing.origin),
        consumption=Decimal(used),
        kwh=Decimal(used),
    )


def _lines(like: tuple[ChargeLine, ...], intervals: tuple[MeasuredInterval, ...]) -> Iterator[ChargeLine]:
    """The energy lines of the sample with other quantities; its base prices stay."""
    by_period = {interval.period: interval for interval in intervals}
    for line in like:
        if not line.portions or line.unit_price is None:
            yield line
            continue
        portions = tuple(_portion(portion, by_period[portion.interval]) for portion in line.portions)
        before = sum((portion.kwh for portion in portions), Decimal(0))
        quantity = round_kwh(before)
        yield replace(
            line,
            portions=portions,
            quantity=quantity,
            net=round_money(quantity * line.unit_price / 100),
        )


def _portion(like: EnergyPortion, interval: MeasuredInterval) -> EnergyPortion:
    return replace(like, meter_number=interval.meter_number, kwh=like.share * interval.kwh)


def _instalments(like: InstalmentReceived, monthly: Decimal) -> InstalmentReceived:
    gross = 11 * monthly
    vat = 11 * round_money(monthly * _VAT / (100 + _VAT))
    return replace(like, gross=gross, vat=vat, net=gross - vat)


def _contained(like: ContainedCharge, kwh: Decimal) -> ContainedCharge:
    if not like.rates:
        return like
    ((_, rate),) = like.rates
    return replace(like, rates=((kwh, rate),), amount=round_money(kwh * rate / 100))
