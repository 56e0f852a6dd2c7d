from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.lib import ids

MARKET_LOCATIONS = ["41373559241", "51192233984", "51238696781", "51110192956"]
METERING_LOCATION = "DE0007850859400000000000000027391"


@pytest.mark.parametrize("market_location", MARKET_LOCATIONS)
def test_right_check_digit(market_location: str) -> None:
    ids.check_market_location(market_location)
    assert ids.market_location_check_digit(market_location[:10]) == int(market_location[10])


@given(st.integers(10**9, 10**10 - 1), st.integers(1, 9))
def test_every_other_check_digit_is_refused(base: int, shift: int) -> None:
    wrong = (ids.market_location_check_digit(str(base)) + shift) % 10
    with pytest.raises(ids.InvalidId, match="Prüfziffer"):
        ids.check_market_location(f"{base}{wrong}")


@pytest.mark.parametrize(
    "bad", ["", "5119223398", "511922339841", "5119223398A", "0119223398٣", "05110192956"]
)
def test_malformed_market_locations(bad: str) -> None:
    with pytest.raises(ids.InvalidId):
        ids.check_market_location(bad)


def test_metering_location() -> None:
    ids.check_metering_location(METERING_LOCATION)
    for bad in (METERING_LOCATION[:-1], METERING_LOCATION.lower(), "DEX" + METERING_LOCATION[3:]):
        with pytest.raises(ids.InvalidId, match="Messlokation"):
            ids.check_metering_location(bad)


def test_market_partner_id() -> None:
    ids.check_market_partner_id("9905048000007")
    for bad in ("990504800000", "99050480000071", "990504800000X"):
        with pytest.raises(ids.InvalidId, match="13 Ziffern"):
            ids.check_market_partner_id(bad)


def test_kind_of_location() -> None:
    assert ids.location_kind(MARKET_LOCATIONS[0]) == "market_location"
    assert ids.location_kind(METERING_LOCATION) == "metering_location"
    assert ids.location_kind("51192233983") is None
