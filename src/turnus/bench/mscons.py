"""Time load profiles from file to durable rows: original, messages, and one row per meter and day.

The files look like those that come at the end of a month: one message per market location with 30 days of 96
quarter-hours (13025), several messages in a file. Two processes take them in, as two `turnus inbox` would.
Making the files and the master data is not timed.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from turnus.bench.base import BenchResult, result
from turnus.lib import market_time
from turnus.lib.ids import market_location_check_digit

SENDER, RECEIVER = "9900000000017", "9900000000025"
PROCESSES = 2
MESSAGES_PER_FILE = 70
DAYS = 30
PER_DAY = 96
PER_MESSAGE = DAYS * PER_DAY
FIRST_DAY = date(2026, 11, 1)  # winter time throughout, so that every day has 96 quarter-hours
TAKEN_AT = datetime(2027, 3, 1, 6, tzinfo=UTC)


def run(*, size: int) -> BenchResult:
    """Take in `size` values (rounded up to whole messages) in an empty database (`throwaway_database`)."""
    from turnus.system.boot import home

    messages = -(-size // PER_MESSAGE)
    locations = [_location(number) for number in range(messages)]
    client_id = _master_data(locations)
    folder = home() / "bench-inbox"
    folder.mkdir(parents=True, exist_ok=True)
    files = list(_write_files(folder, locations))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=_begin) as pool:
        list(pool.map(_warm_up, range(PROCESSES * 2)))
        started = time.perf_counter()
        stored = sum(pool.map(partial(_take_in, client_id), files))
        seconds = time.perf_counter() - started
    if stored != messages * PER_MESSAGE:
        raise RuntimeError(f"Nur {stored} von {messages * PER_MESSAGE} Werten sind angekommen.")
    for path in files:
        path.unlink()
    return result(kind="mscons", size=stored, unit="Werte", seconds=seconds)


def _begin() -> None:
    from turnus.system.boot import boot

    boot()


def _warm_up(number: int) -> int:
    """Load the code and open the connection, so that starting processes is not measured."""
    from turnus.catalogue.mscons.read import read_file
    from turnus.system.models import Principal

    list(read_file(b"UNB+UNOC:3+1+2+1:1+R'UNH+1+MSCONS:D:04B:UN:2.5'UNT+2+1'UNZ+1+R'"))
    time.sleep(0.2)  # long enough that every process gets one
    return Principal.objects.count() + number


def _take_in(client_id: int, path: Path) -> int:
    from turnus.market.services import take_in
    from turnus.system.isolation import allow

    allow([client_id])
    taken = take_in(client_id=client_id, content=path.read_bytes(), name=path.name, at=TAKEN_AT, user=None)
    return sum(message.values_stored for message in taken.messages)


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


def _write_files(folder: Path, locations: list[str]) -> Iterator[Path]:
    """Files of at most `MESSAGES_PER_FILE` messages."""
    stamps = _stamps()
    for number, first in enumerate(range(0, len(locations), MESSAGES_PER_FILE)):
        some = locations[first : first + MESSAGES_PER_FILE]
        reference = f"BENCH{number:06d}"
        path = folder / f"MSCONS_TL_{reference}.edi"
        with path.open("w", encoding="ascii") as file:
            file.write(f"UNA:+,? 'UNB+UNOC:3+{SENDER}:500+{RECEIVER}:500+270228:0500+{reference}++TL'")
            for index, location in enumerate(some, first):
                file.write(_message(index, location, stamps))
            file.write(f"UNZ+{len(some)}+{reference}'")
        yield path


def _stamps() -> list[str]:
    """The instants of all quarter-hours, as DTM carries them."""
    start = market_time.day_start(FIRST_DAY)
    instants = (start + index * timedelta(minutes=15) for index in range(PER_MESSAGE + 1))
    return [f"{instant:%Y%m%d%H%M}?+00:303'" for instant in instants]


def _message(number: int, location: str, stamps: list[str]) -> str:
    head = (
        f"UNH+{number}+MSCONS:D:04B:UN:2.5'BGM+Z48+BENCH{number}+9'DTM+137:202702280500?+00:303'RFF+Z13:13025'"
        f"NAD+MS+{SENDER}::293'NAD+MR+{RECEIVER}::293'UNS+D'NAD+DP'LOC+172+{location}'DTM+163:{stamps[0]}"
        f"DTM+164:{stamps[-1]}LIN+1'PIA+5+1-1?:1.29.0:SRW'"
    )
    values = "".join(
        f"QTY+220:{(number * 7 + index * 13) % 9},{(number + index * 37) % 1000:03d}'"
        f"DTM+163:{stamps[index]}DTM+164:{stamps[index + 1]}"
        for index in range(PER_MESSAGE)
    )
    return f"{head}{values}UNT+{14 + 3 * PER_MESSAGE}+{number}'"
