"""The file of `turnus calc bill`: the input of one bill as JSON, read strictly and written back exactly.

A reading stands for the instant 00:00 of its date; `period`, `from` and `to` name first and last day, both
included. Numbers may be JSON numbers or strings. Every fault is collected with the place it stands at; a
field nobody knows is a fault, because a misspelt option would silently change a bill.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from turnus.billing.calc.records import (
    BillInput,
    Commodity,
    GasQuality,
    InstalmentReceived,
    Price,
    Reading,
    Split,
    VatModel,
    VatRate,
)
from turnus.lib.period import Period
from turnus.lib.quantity import parse_decimal

__all__ = ["FileFault", "FileRefused", "parse", "read", "to_data"]

T = TypeVar("T")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
_LIMIT = Decimal(10) ** 12
_MISSING = object()


@dataclass(frozen=True, slots=True)
class FileFault:
    """`field` is the place in the file, for example "readings[2].value"."""

    field: str
    text: str


class FileRefused(ValueError):
    """The file is no valid input; `faults` names every place."""

    def __init__(self, faults: list[FileFault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.text}" for fault in faults))
        self.faults = faults


def read(text: str) -> BillInput:
    """Parse the text of a file. Raises FileRefused."""
    try:
        data = json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_duplicates
        )
    except json.JSONDecodeError as error:
        place = f"Zeile {error.lineno}, Spalte {error.colno}"
        raise FileRefused([FileFault(place, f"kein gültiges JSON ({error.msg})")]) from error
    return parse(data)


def _no_constant(name: str) -> Decimal:
    raise FileRefused([FileFault(name, "ist keine Zahl")])


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileRefused([FileFault(name, "steht zweimal im selben Objekt") for name in twice])
    return dict(pairs)


def parse(data: object) -> BillInput:
    """Turn decoded JSON into the engine's input. Raises FileRefused with every fault found."""
    faults: list[FileFault] = []
    if not isinstance(data, Mapping):
        raise FileRefused([FileFault("(Datei)", "muss ein JSON-Objekt sein")])
    top = _Object(data, "", faults)
    commodity = top.choice("commodity", Commodity)
    period = _period(top)
    profile, state = top.text("profile", optional=True), top.text("state", optional=True)
    split = top.choice("split", Split, default=Split.SLP)
    vat_model = top.choice("vat_model", VatModel, default=VatModel.STICHTAG)
    readings, prices = top.items("readings", _reading), top.items("prices", _price)
    vat, gas = top.items("vat", _vat_rate), top.items("gas", _gas_quality, optional=True)
    instalments = top.items("instalments_received", _instalment, optional=True)
    bonus = top.number("bonus_gross", default=Decimal(0), decimals=2)
    concession = top.number("concession_ct_per_kwh", default=None)
    if commodity is Commodity.ELECTRICITY and gas:
        top.fault("gas", "gibt es nur bei commodity „gas“")
    top.no_more()
    if faults or commodity is None or period is None:
        raise FileRefused(faults)
    return BillInput(
        commodity=commodity,
        period=period,
        readings=readings,
        prices=prices,
        vat=vat,
        profile=profile,
        state=state,
        split=split or Split.SLP,
        vat_model=vat_model or VatModel.STICHTAG,
        gas=gas,
        instalments=instalments,
        bonus_gross=bonus or Decimal(0),
        concession_ct=concession,
    )


def to_data(bill: BillInput) -> dict[str, Any]:
    """The JSON form of an input; `parse(to_data(bill)) == bill`."""
    data: dict[str, Any] = {
        "commodity": bill.commodity.value,
        "period": {"start": bill.period.start.isoformat(), "end": bill.period.last.isoformat()},
        "profile": bill.profile,
        "state": bill.state,
        "split": bill.split.value,
        "vat_model": bill.vat_model.value,
        "readings": [_reading_data(reading) for reading in bill.readings],
        "prices": [
            _span(p.period) | {"energy_ct_per_kwh": str(p.energy_ct), "base_eur_per_year": str(p.base_eur)}
            for p in bill.prices
        ],
        "vat": [_span(rate.period) | {"percent": str(rate.percent)} for rate in bill.vat],
    }
    if bill.gas:
        data["gas"] = [
            _span(q.period)
            | {"conversion_factor": str(q.conversion_factor), "calorific_value": str(q.calorific_value)}
            for q in bill.gas
        ]
    if bill.instalments:
        data["instalments_received"] = [
            {"gross": str(i.gross), "vat_percent": str(i.vat_percent)} for i in bill.instalments
        ]
    if bill.bonus_gross:
        data["bonus_gross"] = str(bill.bonus_gross)
    if bill.concession_ct is not None:
        data["concession_ct_per_kwh"] = str(bill.concession_ct)
    return data


def _reading_data(reading: Reading) -> dict[str, Any]:
    data: dict[str, Any] = {
        "meter": reading.meter,
        "date": reading.day.isoformat(),
        "value": str(reading.value),
    }
    if reading.factor is not None:
        data["factor"] = str(reading.factor)
    if reading.digits is not None:
        data["digits"] = reading.digits
    if reading.origin:
        data["origin"] = reading.origin
    return data


def _span(period: Period) -> dict[str, Any]:
    last = None if period.end == date.max else period.last.isoformat()
    return {"from": period.start.isoformat(), "to": last}


@dataclass(slots=True)
class _Object:
    """One JSON object being read: hands out typed fields, notes faults, knows which fields were asked for."""

    data: Mapping[str, Any]
    path: str
    faults: list[FileFault]
    asked: set[str] = field(default_factory=set)

    def fault(self, name: str, text: str) -> None:
        self.faults.append(FileFault(self.path + name, text))

    def _take(self, name: str, *, optional: bool) -> Any:
        self.asked.add(name)
        value = self.data.get(name, _MISSING)
        if value is _MISSING or value is None:
            if not optional:
                self.fault(name, "fehlt")
            return None
        return value

    def text(self, name: str, *, optional: bool = False) -> str | None:
        value = self._take(name, optional=optional)
        if value is None:
            return None
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.fault(name, "muss ein nicht leerer Text sein")
        return None

    def choice(self, name: str, kind: Callable[[str], T], default: T | None = None) -> T | None:
        value = self._take(name, optional=default is not None)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(member.value for member in kind)  # type: ignore[attr-defined]
            self.fault(name, f"„{value}“ ist nicht möglich; möglich sind {known}")
            return default

    def number(
        self,
        name: str,
        *,
        default: Decimal | object | None = _MISSING,
        minimum: Decimal = Decimal(0),
        above: bool = False,
        maximum: Decimal = _LIMIT,
        decimals: int = 10,
    ) -> Decimal | None:
        """A number from `minimum` (excluded if `above`) to `maximum`, with a limited number of decimals."""
        value = self._take(name, optional=default is not _MISSING)
        if value is None:
            return default if isinstance(default, Decimal) else None
        number = _decimal(value)
        if number is None:
            self.fault(name, f"„{value}“ ist keine Zahl")
        elif number < minimum or (above and number == minimum):
            self.fault(
                name, f"{value} ist zu klein; erlaubt ist {'mehr als' if above else 'mindestens'} {minimum}"
            )
        elif number > maximum:
            self.fault(name, f"{value} ist zu groß; erlaubt ist höchstens {maximum}")
        elif _decimals(number) > decimals:
            self.fault(name, f"{value} hat mehr als {decimals} Nachkommastellen")
        else:
            return number
        return None

    def whole(self, name: str, *, minimum: int, maximum: int) -> int | None:
        value = self._take(name, optional=True)
        if value is None:
            return None
        number = _decimal(value)
        if number is None or number != number.to_integral_value() or not minimum <= number <= maximum:
            self.fault(name, f"„{value}“ ist keine ganze Zahl von {minimum} bis {maximum}")
            return None
        return int(number)

    def day(self, name: str, *, optional: bool = False) -> date | None:
        value = self._take(name, optional=optional)
        if value is None:
            return None
        try:
            if not isinstance(value, str) or not _DATE.fullmatch(value):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            self.fault(name, f"„{value}“ ist kein Datum (JJJJ-MM-TT)")
            return None
        if not _FIRST_DAY <= day <= _LAST_DAY:
            if optional and day > _LAST_DAY:
                return None  # "9999-12-31" is how many systems write an open end
            self.fault(name, f"{value} liegt nicht zwischen {_FIRST_DAY} und {_LAST_DAY}")
            return None
        return day

    def items(
        self, name: str, build: Callable[[_Object], T | None], *, optional: bool = False
    ) -> tuple[T, ...]:
        value = self._take(name, optional=optional)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.fault(name, "muss eine Liste sein")
            return ()
        if not value and not optional:
            self.fault(name, "ist leer")
        built = []
        for number, entry in enumerate(value):
            place = f"{self.path}{name}[{number}]"
            if not isinstance(entry, Mapping):
                self.faults.append(FileFault(place, "muss ein JSON-Objekt sein"))
                continue
            item = _Object(entry, f"{place}.", self.faults)
            result = build(item)
            item.no_more()
            if result is not None:
                built.append(result)
        return tuple(built)

    def no_more(self) -> None:
        for name in self.data:
            if name not in self.asked:
                self.fault(str(name), f"unbekanntes Feld; bekannt sind {', '.join(sorted(self.asked))}")


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return parse_decimal(str(value).strip())
    except ValueError:
        return None


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _period(top: _Object) -> Period | None:
    value = top._take("period", optional=False)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        top.fault("period", "muss ein JSON-Objekt mit start und end sein")
        return None
    item = _Object(value, "period.", top.faults)
    start, end = item.day("start"), item.day("end")
    item.no_more()
    if start is None or end is None:
        return None
    if end < start:
        item.fault("end", f"{end} liegt vor period.start {start}")
        return None
    return Period.inclusive(start, end)


def _from_to(item: _Object) -> Period | None:
    """`from` to `to`, both included; without `to` (or null) open."""
    start, last = item.day("from"), item.day("to", optional=True)
    if start is None:
        return None
    if last is None:
        return Period(start, date.max)
    if last < start:
        item.fault("to", f"{last} liegt vor from {start}")
        return None
    return Period(start, last + timedelta(days=1))


def _reading(item: _Object) -> Reading | None:
    meter, day, value = item.text("meter"), item.day("date"), item.number("value")
    factor = item.number("factor", default=None, above=True)
    digits = item.whole("digits", minimum=1, maximum=12)
    origin = item.text("origin", optional=True) or ""
    if meter is None or day is None or value is None:
        return None
    return Reading(meter, day, value, factor, digits, origin)


def _price(item: _Object) -> Price | None:
    period = _from_to(item)
    energy, base = item.number("energy_ct_per_kwh"), item.number("base_eur_per_year")
    if period is None or energy is None or base is None:
        return None
    return Price(period, energy, base)


def _vat_rate(item: _Object) -> VatRate | None:
    period, percent = _from_to(item), item.number("percent", maximum=Decimal(100))
    return None if period is None or percent is None else VatRate(period, percent)


def _gas_quality(item: _Object) -> GasQuality | None:
    period = _from_to(item)
    factor = item.number("conversion_factor", above=True, maximum=Decimal(100))
    calorific = item.number("calorific_value", above=True, maximum=Decimal(100))
    if period is None or factor is None or calorific is None:
        return None
    return GasQuality(period, factor, calorific)


def _instalment(item: _Object) -> InstalmentReceived | None:
    gross, percent = item.number("gross", decimals=2), item.number("vat_percent", maximum=Decimal(100))
    return None if gross is None or percent is None else InstalmentReceived(gross, percent)
