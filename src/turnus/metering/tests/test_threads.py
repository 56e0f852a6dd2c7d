"""Several workers take in the same values at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier

from django.db import connection

import factories as make
from turnus.metering import services
from turnus.metering.checks import check_interval_days, check_versions
from turnus.metering.models import IntervalDay, MeterReading
from turnus.metering.records import NewIntervalDay, NewReading, Outcome, SeriesKey
from turnus.system.isolation import allow

AT = datetime(2026, 1, 6, 9, 0, tzinfo=UTC)
DAY = date(2026, 1, 5)
THREADS = 6


def test_one_version_counts_whoever_comes_first(committed_db: str) -> None:
    register = make.meter(make.market_location(make.principal()))
    client, place = register.client_id, register.meter.metering_location.market_location_id
    key = SeriesKey(place, None, "1-1:1.29.0")
    series = services.ensure_series(client_id=client, keys=[key])[key]
    together = Barrier(THREADS)

    def work(number: int) -> list[Outcome]:
        allow([client])
        try:
            value = number % 3
            together.wait()
            reading = NewReading(register.pk, DAY, Decimal(100 + value), "grid", "true", document_at=AT)
            stored = services.store_readings(client_id=client, readings=[reading], user=None, at=AT)
            packed = value.to_bytes(4, "little") * 96
            day = NewIntervalDay(series, DAY, packed, bytes([1]) * 96, 3, AT)
            days = services.store_interval_days(client_id=client, days=[day], at=AT)
            return [item.outcome for item in (*stored.items, *days.items)]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = [one for result in pool.map(work, range(THREADS)) for one in result]
    assert outcomes.count(Outcome.UNCHANGED) >= THREADS  # every value came twice
    assert MeterReading.objects.filter(is_current=True).count() == 1
    assert IntervalDay.objects.filter(is_current=True).count() == 1
    assert MeterReading.objects.count() == 3
    assert IntervalDay.objects.filter(is_put_together=False).count() == 3
    assert check_interval_days(client_id=client)[1] + check_versions(client_id=client)[1] == []
