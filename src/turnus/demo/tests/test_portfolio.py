"""The demo's people and files: the same every time, and as right as real ones."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from turnus.catalogue.check import check_message
from turnus.demo import messages
from turnus.demo.portfolio import (
    END,
    TWISTS,
    creditor_id_of,
    iban_of,
    make_portfolios,
)
from turnus.demo.tables import tables
from turnus.edifact.findings import has_error
from turnus.edifact.reader import read
from turnus.lib.ids import check_market_location, check_market_partner_id, check_metering_location
from turnus.receivables.files.iban import creditor_id_valid, iban_valid

AT = datetime(2026, 10, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def portfolios():
    return make_portfolios(customers=400, seed=2026)


def test_the_same_seed_gives_the_same_people(portfolios):
    assert make_portfolios(customers=400, seed=2026) == portfolios
    assert make_portfolios(customers=400, seed=2027) != portfolios


def test_four_hundred_customers_two_principals_one_with_gas(portfolios):
    assert sum(len(p.customers) for p in portfolios) == 400
    gas = [any(site.commodity == "gas" for _, site in p.sites()) for p in portfolios]
    assert gas == [False, True]
    with_mandate = sum(bool(c.mandate) for p in portfolios for c in p.customers)
    assert 0.6 * 400 < with_mandate < 0.8 * 400


@pytest.mark.parametrize("customers", [40, 60, 400])
def test_every_twist_happens_at_every_size(customers):
    for portfolio in make_portfolios(customers=customers, seed=1):
        found = {site.twist for _, site in portfolio.sites()} - {""}
        wanted = set(TWISTS) if portfolio.principal.gas_share else set(TWISTS) - {"no_gas_quality"}
        assert found == wanted


def test_identifiers_compute(portfolios):
    for portfolio in portfolios:
        check_market_partner_id(portfolio.principal.code)
        assert creditor_id_valid(creditor_id_of(portfolio.principal.number_base))
        for customer, site in portfolio.sites():
            check_market_location(site.market_location)
            check_metering_location(site.metering_location)
            assert iban_valid(customer.iban)
    assert iban_of("12030000", 202051) == "DE02120300000000202051"


def test_numbers_are_given_once(portfolios):
    for pick in (
        lambda c, s: s.market_location, lambda c, s: s.contract, lambda c, s: s.account,
        lambda c, s: s.meters[0].number,
    ):  # fmt: skip
        found = [pick(c, s) for p in portfolios for c, s in p.sites()]
        assert len(found) == len(set(found))


def test_meters_count_what_was_used(portfolios):
    for portfolio in portfolios:
        for _, site in portfolio.sites():
            if site.twist in {"exchange", "overflow"}:
                continue
            (meter,) = site.meters
            values = [value for _, value in meter.readings]
            used = [(b - a) * meter.factor for a, b in pairwise(values)]
            assert all(abs(u - y) < meter.factor for u, y in zip(used, site.year_kwh, strict=True))


def test_an_overflow_really_overflows_and_an_exchange_leaves_no_gap(portfolios):
    by_twist = {site.twist: site for p in portfolios for _, site in p.sites()}
    readings = by_twist["overflow"].meters[0].readings
    assert readings[2][1] < readings[1][1]
    old, new = by_twist["exchange"].meters
    assert old.removed == new.installed == old.readings[-1][0] == new.readings[0][0]


def _faults(content):
    return [
        (
            message.pid,
            [f for f in (*message.findings, *check_message(message, date(2026, 10, 2))) if has_error([f])],
        )
        for interchange in read(content)
        for message in interchange.messages
    ]


def test_market_messages_stand_the_check(portfolios):
    party, gas = messages.electricity_party(portfolios[0]), messages.gas_party(portfolios[1])
    lines = [messages.closing_readings(p) for p in portfolios]
    files = (
        messages.readings_file(party, lines[0], reference="A", at=AT),
        messages.readings_file(gas, [x for x in lines[1] if x.site.commodity == "gas"], reference="B", at=AT),
        messages.gas_quality_file(portfolios[1], reference="C", at=AT, year=2025),
        messages.load_profile_file(portfolios[0], month=date(2026, 9, 1), reference="D", at=AT, seed=1),
    )
    seen = set()
    for content in files:
        for pid, faults in _faults(content):
            assert not faults
            seen.add(pid)
    assert seen == {"13017", "13002", "13007", "13025"}


def test_what_shall_be_broken_is_broken(portfolios):
    assert any(faults for _, faults in _faults(messages.damaged_file(portfolios[0], reference="X", at=AT)))
    lines = messages.closing_readings(portfolios[0])
    by_twist = {line.site.twist: line for line in lines if line.day == END}
    assert "missing_reading" not in by_twist
    assert by_twist["below_last"].value < by_twist["below_last"].meter.readings[-2][1]
    assert by_twist["substitute_then_true"].qualifier == "67"


def test_tables_come_in_the_order_of_import(portfolios):
    made = tables(portfolios[1])
    assert list(made) == [
        "customers", "bank_accounts", "market_locations", "products", "prices", "contracts",
    ]  # fmt: skip
    assert made["contracts"].count(b"\r\n") - 1 == len(portfolios[1].sites())
