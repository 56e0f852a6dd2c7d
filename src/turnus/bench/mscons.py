"""Time load profiles from file to durable rows: original, messages, and one row per meter and day.

The files look like those grid operators send: one message per market location and day with 96 quarter-hours
(13025), some thousand of them in a file. Making the files and the master data is not timed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from turnus.bench.base import BenchResult, result
from turnus.lib import market_time
from turnus.lib.ids import market_location_check_digit

SENDER, RECEIVER = "9900000000017", "9900000000025"
MOST_LOCATIONS = 5_000
MESSAGES_PER_FILE = 2_000
PER_DAY = 96
FIRST_DAY = date(2026, 11, 1)  # winter time throughout, so that every day has 96 quarter-hours
TAKEN_AT = datetime(2027, 3, 1, 6, tzinfo=UTC)


def run(size: int) -> BenchResult:
    """Take in `size` values (rounded up to whole days) in an empty database (`throwaway_database`)."""
    from turnus.market.services import take_in
    from turnus.system.boot import home
    from turnus.system.isolation import allow

    messages = -(-size // PER_DAY)
    locations = [_location(number) for number in range(min(messages, MOST_LOCATIONS))]
    client_id = _master_data(locations)
    allow([client_id])
    folder = home() / "bench-inbox"
    folder.mkdir(parents=True, exist_ok=True)
    files = list(_write_files(folder, locations, messages))
    started = time.perf_counter()
    stored = 0
    for path in files:
        taken = take_in(
            client_id=client_id, content=path.read_bytes(), name=path.name, at=TAKEN_AT, user=None
        )
        stored += sum(message.values_stored for message in taken.messages)
    seconds = time.perf_counter() - started
    if stored != messages * PER_DAY:
        raise RuntimeError(f"Nur {stored} von {messages * PER_DAY} Werten sind angekommen.")
    for path in files:
        path.unlink()
    return result(kind="mscons", size=stored, unit="Werte", seconds=seconds)


def _location(number: int) -> str:
    first = f"{5000000000 + number:010d}"
    return first + str(market_location_check_digit(first))


def _master_data(locations: list[str]) -> int:
    """A principal with its grid operator and market locations."""
    from turnus.masterdata.models import Address, MarketLocation
    from turnus.partners.models import MarketPartner
    from turnus.system.isolation import allow
    from turnus.system.models import Principal

    client = Principal.objects.create(short_name="messung", name="Messung", market_partner_id=RECEIVER)
    allow([client.pk])
    grid = MarketPartner.objects.create(market_partner_id=SENDER, name="Netz", role="grid_operator")
    address = Address.objects.create(
        client=client, street="Messweg", house_number="1", postal_code="45127", city="Essen"
    )
    rows = (
        MarketLocation(
            client=client, market_location_id=location, commodity="electricity", address=address, state="NW",
            grid_operator=grid, metering_operator=grid,
        )
        for location in locations
    )  # fmt: skip
    MarketLocation.objects.bulk_create(rows, batch_size=1000)
    return client.pk


def _write_files(folder: Path, locations: list[str], messages: int) -> Iterator[Path]:
    """Files of at most `MESSAGES_PER_FILE` messages, day by day over all locations."""
    for number, first in enumerate(range(0, messages, MESSAGES_PER_FILE)):
        last = min(first + MESSAGES_PER_FILE, messages)
        reference = f"BENCH{number:06d}"
        path = folder / f"MSCONS_TL_{reference}.edi"
        with path.open("w", encoding="ascii") as file:
            file.write(f"UNA:+,? 'UNB+UNOC:3+{SENDER}:500+{RECEIVER}:500+270228:0500+{reference}++TL'")
            for index in range(first, last):
                day, place = divmod(index, len(locations))
                file.write(_message(index, locations[place], FIRST_DAY + timedelta(days=day % 120)))
            file.write(f"UNZ+{last - first}+{reference}'")
        yield path


_STAMPS: dict[date, list[str]] = {}


def _message(number: int, location: str, day: date) -> str:
    if day not in _STAMPS:
        start = market_time.day_start(day)
        instants = (start + index * market_time.QUARTER_HOUR for index in range(PER_DAY + 1))
        _STAMPS[day] = [f"{instant:%Y%m%d%H%M}?+00:303'" for instant in instants]
    stamps = _STAMPS[day]
    head = (
        f"UNH+{number}+MSCONS:D:04B:UN:2.5'BGM+Z48+BENCH{number}+9'DTM+137:202702280500?+00:303'RFF+Z13:13025'"
        f"NAD+MS+{SENDER}::293'NAD+MR+{RECEIVER}::293'UNS+D'NAD+DP'LOC+172+{location}'DTM+163:{stamps[0]}"
        f"DTM+164:{stamps[-1]}LIN+1'PIA+5+1-1?:1.29.0:SRW'"
    )
    values = "".join(
        f"QTY+220:{(number * 7 + index * 13) % 9},{(number + index * 37) % 1000:03d}'"
        f"DTM+163:{stamps[index]}DTM+164:{stamps[index + 1]}"
        for index in range(PER_DAY)
    )
    return f"{head}{values}UNT+{14 + 3 * PER_DAY}+{number}'"
