"""Every item of the checklist: present on a complete bill, missing when its content is taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from turnus.documents.calc.bill import BillDocument, BillKind, Estimate, Reading, ReadingOrigin
from turnus.documents.calc.checklist import (
    Prover,
    State,
    bill_checklist,
    blocking,
    load_items,
    load_places,
)
from turnus.documents.calc.consumer import ConsumerInformation, consumer_information
from turnus.documents.calc.parties import PostalAddress
from turnus.documents.calc.requirements import CHECKS, CONDITIONS, SHARED
from turnus.documents.render.sample import sample_electricity_bill, sample_gas_bill
from turnus.lib.period import Period

D = Decimal
Change = Callable[[BillDocument], BillDocument]


def state_of(bill: BillDocument, item: int) -> State:
    return {r.item.id: r.state for r in bill_checklist(bill, on=bill.issue_date)}[item]


def note_of(bill: BillDocument, item: int) -> str:
    return {r.item.id: r.note for r in bill_checklist(bill, on=bill.issue_date)}[item]


def estimated(bill: BillDocument) -> BillDocument:
    last = bill.intervals[-1]
    guess = replace(last, closing=Reading(last.closing.value, ReadingOrigin.ESTIMATE))
    return replace(bill, intervals=(*bill.intervals[:-1], guess))


def across_year(bill: BillDocument) -> BillDocument:
    """The gas bill moved by half a year, so that it contains the end of the storage levy."""
    return replace(bill, period=Period(date(2025, 7, 1), date(2026, 7, 1)), issue_date=date(2026, 7, 15))


def business(bill: BillDocument) -> BillDocument:
    return replace(bill, is_business=True, issue_date=date(2027, 1, 15), energy_mix=bill.energy_mix)


def without(key: str) -> Change:
    return lambda b: replace(b, contained=tuple(c for c in b.contained if c.key != key))


def letterhead(**fields: object) -> Change:
    return lambda b: replace(b, letterhead=replace(b.letterhead, **fields))  # type: ignore[arg-type]


def supply(**fields: object) -> Change:
    return lambda b: replace(b, supply=replace(b.supply, **fields))  # type: ignore[arg-type]


def product(**fields: object) -> Change:
    return lambda b: replace(b, product=replace(b.product, **fields))  # type: ignore[arg-type]


def consumer(**fields: object) -> Change:
    def change(bill: BillDocument) -> BillDocument:
        info = bill.consumer
        assert isinstance(info, ConsumerInformation)
        return replace(bill, consumer=replace(info, **fields))  # type: ignore[arg-type]

    return change


def no_hs(bill: BillDocument) -> BillDocument:
    (interval,) = bill.intervals
    run = replace(interval.gas[0], calorific_value=None)
    return replace(bill, intervals=(replace(interval, gas=(run,)),))


def no_vat_on_instalments(bill: BillDocument) -> BillDocument:
    (paid,) = bill.instalments
    return replace(bill, instalments=(replace(paid, vat=D("0.00")),))


def late_line(bill: BillDocument) -> BillDocument:
    line = replace(bill.lines[0], period=Period(date(2024, 12, 1), date(2025, 7, 1)))
    return replace(bill, lines=(line, *bill.lines[1:]))


strom, gas = sample_electricity_bill(), sample_gas_bill()

# item → (a bill to which it applies, what takes its content away)
TAKEN_AWAY: dict[int, tuple[BillDocument, Change]] = {
    1: (strom, lambda b: replace(b, gross=b.gross + 1)),
    2: (strom, lambda b: replace(b, payment=replace(b.payment, due_date=date(2026, 1, 20)))),
    3: (strom, consumer(free_explanation="")),
    4: (strom, letterhead(register_court="")),
    5: (strom, letterhead(hotline="")),
    6: (strom, supply(market_location="")),
    7: (strom, product(term="")),
    8: (strom, product(next_termination=None)),
    9: (strom, supply(grid_operator_code="")),
    10: (strom, lambda b: replace(b, intervals=b.intervals[1:])),
    11: (strom, lambda b: replace(b, intervals=())),
    12: (strom, lambda b: replace(b, prior=None)),
    13: (strom, lambda b: replace(b, group=None)),
    14: (strom, consumer(arbitration=None)),
    15: (strom, consumer(regulator=None)),
    16: (strom, consumer(energy_advice=())),
    17: (strom, consumer(switching_hint="")),
    18: (strom, product(name="")),
    19: (strom, without("electricity_tax")),
    20: (strom, without("concession_fee")),
    21: (strom, without("offshore_levy")),
    22: (strom, without("special_grid_use_levy")),
    23: (strom, without("grid_fee")),
    24: (strom, without("metering_fee")),
    25: (gas, without("gas_storage_levy")),
    26: (across_year(gas), lambda b: b),
    27: (gas, no_hs),
    28: (estimated(strom), lambda b: b),
    29: (strom, lambda b: replace(b, issue_date=date(2026, 7, 1))),
    30: (strom, lambda b: replace(b, recipient=replace(b.recipient, name_lines=()))),
    31: (strom, letterhead(tax_number="", vat_id="")),
    32: (strom, lambda b: replace(b, issue_date=date(2025, 12, 31))),
    33: (strom, lambda b: replace(b, number=" ")),
    34: (strom, lambda b: replace(b, lines=())),
    35: (strom, late_line),
    36: (strom, lambda b: replace(b, vat_totals=())),
    37: (strom, lambda b: replace(b, vat_totals=(replace(b.vat_totals[0], vat=D(0)),))),
    38: (strom, no_vat_on_instalments),
    39: (gas, lambda b: replace(b, co2=None)),
    40: (gas, consumer(energy_tax_notice="")),
    41: (strom, consumer(efficiency_info="")),
    42: (business(strom), lambda b: b),
}


@pytest.mark.parametrize("bill", [strom, gas], ids=["electricity", "gas"])
def test_a_complete_bill_may_be_released(bill: BillDocument) -> None:
    assert blocking(bill_checklist(bill, on=bill.issue_date)) == []


def test_every_item_of_the_data_has_a_case_here() -> None:
    assert {item.id for item in load_items()} == set(TAKEN_AWAY) == set(range(1, 43))


@pytest.mark.parametrize("item", sorted(TAKEN_AWAY))
def test_each_item_is_found_missing(item: int) -> None:
    bill, take_away = TAKEN_AWAY[item]
    assert state_of(take_away(bill), item) is State.MISSING
    assert note_of(take_away(bill), item)


@pytest.mark.parametrize(
    ("item", "bill"),
    [
        (12, replace(strom, prior=None, prior_missing_reason="Sie werden seit dem 01.01.2025 beliefert.")),
        (13, replace(strom, kind=BillKind.CANCELLATION, group=None)),
        (21, gas),
        (25, strom),
        (26, gas),
        (28, strom),
        (29, gas),
        (38, replace(strom, instalments=(), balance=strom.gross)),
        (39, strom),
        (39, replace(gas, issue_date=date(2022, 12, 31))),
        (42, strom),
        (42, replace(business(strom), gross=D("250.00"))),
    ],
)
def test_items_that_do_not_concern_a_bill(item: int, bill: BillDocument) -> None:
    assert state_of(bill, item) is State.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("item", "bill"),
    [
        (8, product(next_termination=None, is_default_supply=True)(strom)),
        (24, replace(without("metering_fee")(strom), excluded_charges=("metering_fee",))),
        (26, replace(across_year(gas), storage_levy_relief_ct=D("0.289"))),
        (
            28,
            replace(estimated(strom), estimate=Estimate("Es lag keine Ablesung vor.", "Vorjahr 3.684 kWh.")),
        ),
        (29, replace(strom, issue_date=date(2026, 6, 30))),
        (42, replace(business(strom), has_e_invoice=True)),
    ],
)
def test_items_that_are_met_another_way(item: int, bill: BillDocument) -> None:
    assert state_of(bill, item) is State.PRESENT


def test_an_unpublished_levy_makes_the_bill_wait() -> None:
    charges = tuple(replace(c, amount=None) if c.key == "chp_levy" else c for c in strom.contained)
    assert "KWKG" in note_of(replace(strom, contained=charges), 21)


def test_the_notes_name_the_figures() -> None:
    wrong = replace(strom, balance=D("131.29"))
    assert "131,29 €" in note_of(wrong, 1)
    assert note_of(strom, 1) == ""


def test_an_address_without_city_is_no_address() -> None:
    nowhere = replace(strom.recipient, address=PostalAddress("Lindenweg 7", "45127", ""))
    assert state_of(replace(strom, recipient=nowhere), 30) is State.MISSING


def test_texts_are_dated() -> None:
    assert consumer_information(date(2026, 1, 15)).arbitration is not None
    with pytest.raises(LookupError, match=r"01\.01\.2020"):
        consumer_information(date(2020, 1, 1))


@pytest.mark.parametrize("item", sorted(TAKEN_AWAY))
def test_the_prover_of_many_bills_agrees_with_the_list_of_one(item: int) -> None:
    """Also when the same prover has seen the complete bill before."""
    whole, take_away = TAKEN_AWAY[item]
    bill = take_away(whole)
    results = bill_checklist(bill, on=bill.issue_date)
    prover = Prover(bill.issue_date)
    for one in (whole, bill):
        verdict = prover.prove(one)
    assert list(verdict.missing) == blocking(results)
    states = [result.state for result in results]
    assert verdict.present == states.count(State.PRESENT)
    assert verdict.not_applicable == states.count(State.NOT_APPLICABLE)


def test_shared_items_look_at_nothing_that_differs_between_bills() -> None:
    class Shared:
        """A bill of which only the shared parts can be seen."""

        __slots__ = ("commodity", "consumer", "energy_mix", "issue_date", "kind", "letterhead")

    for whole in (strom, gas):
        bill = Shared()
        for name in Shared.__slots__:
            setattr(bill, name, getattr(whole, name))
        for item in load_items():
            if item.id in SHARED:
                assert (item.supply_from, item.supply_to) == (date.min, date.max)
                CONDITIONS[item.applies](bill)  # type: ignore[arg-type]
                CHECKS[item.id](bill)  # type: ignore[arg-type]


def test_every_gap_names_the_place_where_it_is_closed() -> None:
    assert {item.place for item in load_items()} == set(load_places())
    nobody = replace(strom.letterhead, name="", address=PostalAddress("", "", ""), register_court="")
    verdict = Prover(strom.issue_date).prove(replace(strom, letterhead=nobody))
    assert [(r.item.id, r.place) for r in verdict.missing] == [(4, "letterhead"), (30, "letterhead")]
    unknown = replace(strom, recipient=replace(strom.recipient, name_lines=()))
    assert [r.place for r in Prover(strom.issue_date).prove(unknown).missing] == ["customer"]
