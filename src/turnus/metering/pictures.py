"""Consumption as a person sees it: what was used between two readings, and a picture of it."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from turnus.lib import market_time
from turnus.lib.quantity import register_difference
from turnus.metering.models import IntervalDay, MeterReading, Quality
from turnus.metering.records import Status
from turnus.ui import charts
from turnus.ui.charts.lines import Series
from turnus.ui.formats import date_de

ONE_DAY = timedelta(days=1)
MONTHS = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]


@dataclass(frozen=True, slots=True)
class Consumption:
    """What one register advanced in [start, end), in its own unit (kWh or m³), factor included."""

    start: date
    end: date
    amount: Decimal
    is_estimated: bool

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def per_day(self) -> Decimal:
        return self.amount / self.days


def consumptions(readings: Iterable[MeterReading]) -> list[Consumption]:
    """Between each two current, unblocked readings of a register; sorted by end.

    An advance that runs backwards without a provable overflow is left out rather than guessed.
    """
    by_register: dict[int, list[MeterReading]] = {}
    for one in readings:
        if one.is_current and not one.is_blocked:
            by_register.setdefault(one.register_id, []).append(one)
    found = []
    for ordered in by_register.values():
        ordered.sort(key=lambda one: one.date)
        for before, after in itertools.pairwise(ordered):
            advance = register_difference(before.value, after.value, before.register.digits)
            if advance is None or after.date <= before.date:
                continue
            estimated = Quality.ESTIMATE in {before.quality, after.quality}
            amount = advance * before.register.transformer_factor
            found.append(Consumption(before.date, after.date, amount, estimated))
    return sorted(found, key=lambda one: (one.end, one.start))


def reading_picture(found: Sequence[Consumption], unit: str, *, width: int = 640) -> str:
    """Average use per day between readings: comparable although the periods differ in length."""
    shown = found[-10:]
    return charts.bars(
        title="Durchschnittlicher Verbrauch je Tag zwischen den Ablesungen",
        labels=[
            f"bis {date_de(one.end - ONE_DAY)}" if len(shown) < 6 else f"{one.end:%m/%y}" for one in shown
        ],
        values=[round(one.per_day, 2) for one in shown],
        unit=f"{unit} je Tag",
        names=("Verbrauch je Tag", ""),
        estimated={n for n, one in enumerate(shown) if one.is_estimated},
        width=width,
    )


def day_picture(day: IntervalDay) -> str:
    """The load of one day in kW, interval by interval; missing values leave a gap. Needs `series` loaded."""
    series = day.series
    begin = market_time.gas_day_start(day.day) if series.is_gas_day else market_time.day_start(day.day)
    amounts = struct.unpack(f"<{len(day.values) // 4}i", day.values)
    known: list[Decimal | None] = [
        Decimal(amount).scaleb(-day.scale) * 60 / series.minutes if status != Status.MISSING else None
        for amount, status in zip(amounts, day.status, strict=True)
    ]
    step = timedelta(minutes=series.minutes)
    labels = [f"{market_time.to_local(begin + n * step):%H:%M}" for n in range(len(known))]
    name = f"{date_de(day.day)}, {series.obis_code}"
    lines = [Series(name, known)]
    return charts.line(title=f"Lastgang am {date_de(day.day)}", labels=labels, series=lines, unit="kW")


def month_picture(market_location_id: int, until: date, *, width: int = 640) -> str:
    """Monthly sums of load profiles of the last twelve months against the twelve before; "" without any."""
    first = date(until.year - 2, until.month, 1)
    rows = (
        IntervalDay.objects.filter(
            series__market_location_id=market_location_id,
            series__unit="kWh",
            is_current=True,
            day__gte=first,
            day__lte=until,
        )
        .annotate(month=TruncMonth("day"))
        .values("month")
        .annotate(total=Sum("total"))
    )
    sums = {(row["month"].year, row["month"].month): row["total"] for row in rows}
    if not sums:
        return ""
    first_month = until.year * 12 + until.month - 12
    months = [(index // 12, index % 12 + 1) for index in range(first_month, first_month + 12)]
    return charts.bars(
        title="Verbrauch je Monat im Vergleich zum Vorjahr",
        labels=[f"{MONTHS[month - 1]} {year % 100:02d}" for year, month in months],
        values=[sums.get((year, month)) for year, month in months],
        previous=[sums.get((year - 1, month)) for year, month in months],
        unit="kWh",
        names=("letzte zwölf Monate", "davor"),
        width=width,
    )
