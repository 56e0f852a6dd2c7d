"""Market and metering locations, meters and their registers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from turnus.lib.ids import InvalidId, check_market_location, check_metering_location
from turnus.masterdata.models import MarketLocation, Meter, MeteringLocation, Register
from turnus.masterdata.services.customers import NewAddress, new_address
from turnus.partners.models import MarketPartner
from turnus.system import changes
from turnus.system.changes import InvalidInput
from turnus.system.models import User
from turnus.worklist.retroactive import NeedsApproval, billed_periods

# What bills of the past were calculated with; the other facts of a location count for the future only.
BILLED_FACTS = ("profile", "concession_fee_class", "state")

DEFAULT_OBIS = {"electricity": "1-0:1.8.0", "gas": "7-0:3.0.0"}


@dataclass(frozen=True, slots=True)
class NewMarketLocation:
    """A market location; what is not known yet may stay empty until the contract is activated."""

    market_location_id: str
    commodity: str
    address: NewAddress
    state: str
    grid_operator: MarketPartner | None = None
    metering_operator: MarketPartner | None = None
    profile: str = ""
    annual_forecast_kwh: int | None = None
    concession_fee_class: str = ""
    reading_cycle_month: int | None = None


@dataclass(frozen=True, slots=True)
class NewRegister:
    """A register; without an OBIS code that of the total consumption of the commodity."""

    obis_code: str = ""
    digits: int = 6
    decimals: int = 0
    transformer_factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class NewMeter:
    """A meter hung up on `installed_on` (its first measured day)."""

    number: str
    installed_on: date
    registers: tuple[NewRegister, ...] = (NewRegister(),)


@transaction.atomic
def create_market_location(
    *, client_id: int, new: NewMarketLocation, user: User | None, at: datetime
) -> MarketLocation:
    """Create a market location with its supply point's address.

    Raises:
        InvalidInput: wrong check digit, number taken, or a value does not fit.
    """
    try:
        check_market_location(new.market_location_id)
    except InvalidId as error:
        raise InvalidInput("market_location_id", str(error)) from error
    if MarketLocation.objects.filter(client_id=client_id, market_location_id=new.market_location_id).exists():
        raise InvalidInput(
            "market_location_id", f"Marktlokation {new.market_location_id} ist schon angelegt."
        )
    values = {f: getattr(new, f) for f in NewMarketLocation.__slots__ if f != "address"}
    row = MarketLocation(client_id=client_id, **values)
    _check_cycle(new.reading_cycle_month)
    changes.check_fields(row)
    row.address = new_address(client_id=client_id, new=new.address)
    return changes.add(row=row, user=user, at=at)


def _check_cycle(month: int | None) -> None:
    if month is not None and not 1 <= month <= 12:
        raise InvalidInput("reading_cycle_month", f"Ablesemonat {month} liegt nicht zwischen 1 und 12.")


@transaction.atomic
def update_market_location(
    *, location: MarketLocation, values: Mapping[str, Any], user: User | None, at: datetime, reason: str = ""
) -> bool:
    """Change data of a market location (not its id, commodity or address); False if nothing differs.

    Raises:
        NeedsApproval: bills were calculated with what differs (`retroactive.propose_location_change`).
        InvalidInput: a field may not be changed here or its value does not fit.
    """
    touched = {n for n in BILLED_FACTS if n in values and values[n] != getattr(location, n)}
    if touched and billed_periods(client_id=location.client_id, market_location_ids=[location.pk]):
        raise NeedsApproval(
            sorted(touched)[0],
            f"Marktlokation {location} ist mit den bisherigen Angaben abgerechnet; "
            "die Änderung braucht einen Grund und die Freigabe durch eine zweite Person.",
        )
    return change_location(location=location, values=values, user=user, at=at, reason=reason)


def change_location(
    *, location: MarketLocation, values: Mapping[str, Any], user: User | None, at: datetime, reason: str
) -> bool:
    """Make the change, whatever was billed; for `update_market_location` and approved proposals."""
    fixed = {"market_location_id", "commodity", "address", "client", "client_id", "id"} & values.keys()
    if fixed:
        raise InvalidInput(sorted(fixed)[0], f"„{sorted(fixed)[0]}“ kann hier nicht geändert werden.")
    _check_cycle(values.get("reading_cycle_month"))
    return changes.change(row=location, values=values, user=user, at=at, reason=reason)


@transaction.atomic
def add_metering_location(
    *, location: MarketLocation, metering_location_id: str, user: User | None, at: datetime
) -> MeteringLocation:
    """Add a metering location (MeLo) to a market location.

    Raises:
        InvalidInput: malformed or already used by this principal.
    """
    try:
        check_metering_location(metering_location_id)
    except InvalidId as error:
        raise InvalidInput("metering_location_id", str(error)) from error
    known = MeteringLocation.objects.filter(
        client_id=location.client_id, metering_location_id=metering_location_id
    )
    if known.exists():
        raise InvalidInput("metering_location_id", f"Messlokation {metering_location_id} ist schon angelegt.")
    row = MeteringLocation(
        client_id=location.client_id, market_location=location, metering_location_id=metering_location_id
    )
    return changes.add(row=row, user=user, at=at)


@transaction.atomic
def add_meter(*, place: MeteringLocation, new: NewMeter, user: User | None, at: datetime) -> Meter:
    """Hang up a meter with its registers.

    Raises:
        InvalidInput: no number, no register, or this meter already hangs there at that time.
    """
    if not new.number.strip():
        raise InvalidInput("number", "Zählernummer fehlt.")
    if not new.registers:
        raise InvalidInput("registers", f"Zähler {new.number} hat kein Zählwerk.")
    there = Meter.objects.filter(metering_location=place, number=new.number)
    if there.filter(installed__overlap=(new.installed_on, None)).exists():
        raise InvalidInput("number", f"Zähler {new.number} hängt dort schon.")
    meter = changes.add(
        row=Meter(
            client_id=place.client_id,
            metering_location=place,
            number=new.number,
            installed=(new.installed_on, None),
        ),
        user=user,
        at=at,
    )
    for register in new.registers:
        _add_register(meter, register, place.market_location.commodity, user, at)
    return meter


def _add_register(meter: Meter, new: NewRegister, commodity: str, user: User | None, at: datetime) -> None:
    if not 1 <= new.digits <= 12:
        raise InvalidInput("digits", f"Vorkommastellen {new.digits} liegen nicht zwischen 1 und 12.")
    if new.transformer_factor <= 0:
        raise InvalidInput("transformer_factor", "Der Wandlerfaktor muss größer als 0 sein.")
    row = Register(
        client_id=meter.client_id, meter=meter, obis_code=new.obis_code or DEFAULT_OBIS[commodity],
        digits=new.digits, decimals=new.decimals, transformer_factor=new.transformer_factor,
    )  # fmt: skip
    changes.add(row=row, user=user, at=at)


@transaction.atomic
def remove_meter(*, meter: Meter, on: date, user: User | None, at: datetime, reason: str = "") -> None:
    """Take a meter down; `on` is the first day it no longer measures.

    Raises:
        InvalidInput: before it was hung up, or already taken down.
    """
    since, until = meter.installed.lower, meter.installed.upper
    if until is not None:
        raise InvalidInput("on", f"Zähler {meter.number} wurde schon am {until:%d.%m.%Y} ausgebaut.")
    if on <= since:
        raise InvalidInput("on", f"Zähler {meter.number} hängt erst seit dem {since:%d.%m.%Y}.")
    changes.change(row=meter, values={"installed": DateRange(since, on)}, user=user, at=at, reason=reason)


@transaction.atomic
def exchange_meter(
    *, old: Meter, new: NewMeter, user: User | None, at: datetime, reason: str = "Zählerwechsel"
) -> Meter:
    """Replace a meter on the day the new one is hung up; both readings of that day are entered separately.

    Raises:
        InvalidInput: see `remove_meter` and `add_meter`.
    """
    remove_meter(meter=old, on=new.installed_on, user=user, at=at, reason=reason)
    return add_meter(place=old.metering_location, new=new, user=user, at=at)


def registers_of(meters: Sequence[Meter]) -> dict[int, list[Register]]:
    """Registers by meter id, in one query."""
    found: dict[int, list[Register]] = {}
    for register in Register.objects.filter(meter__in=meters).order_by("obis_code"):
        found.setdefault(register.meter_id, []).append(register)
    return found


@transaction.atomic
def update_register(
    *, register: Register, values: Mapping[str, Any], user: User | None, at: datetime, reason: str
) -> bool:
    """Correct digits, decimals or transformer factor; a reason is mandatory because it changes quantities.

    Raises:
        NeedsApproval: it has counted for bills (`retroactive.propose_register_change`).
        InvalidInput: no reason or an impossible value.
    """
    if not reason.strip():
        raise InvalidInput("reason", "Grund der Änderung fehlt.")
    check_register(register=register, values=values)
    differs = any(getattr(register, name) != value for name, value in values.items())
    location_id = register.meter.metering_location.market_location_id
    if differs and billed_periods(
        client_id=register.client_id,
        market_location_ids=[location_id],
        since=register.meter.installed.lower,
    ):
        raise NeedsApproval(
            "reason",
            f"Mit Zählwerk {register} ist schon abgerechnet; die Änderung braucht die Freigabe durch eine "
            "zweite Person.",
        )
    return change_register(register=register, values=values, user=user, at=at, reason=reason)


def check_register(*, register: Register, values: Mapping[str, Any]) -> None:
    """Raise InvalidInput for values no register can have."""
    if values.get("transformer_factor", register.transformer_factor) <= 0:
        raise InvalidInput("transformer_factor", "Der Wandlerfaktor muss größer als 0 sein.")
    digits = values.get("digits", register.digits)
    if not 1 <= digits <= 12:
        raise InvalidInput("digits", f"Vorkommastellen {digits} liegen nicht zwischen 1 und 12.")


def change_register(
    *, register: Register, values: Mapping[str, Any], user: User | None, at: datetime, reason: str
) -> bool:
    """Make the change, whatever was billed; for `update_register` and approved proposals."""
    check_register(register=register, values=values)
    return changes.change(row=register, values=values, user=user, at=at, reason=reason)
