"""Import of market locations with metering location, meter and register: one row per register."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from turnus.lib.csv_table import Column, Row, choice, day, number, text, whole_number
from turnus.lib.ids import InvalidId, check_market_location, check_metering_location
from turnus.masterdata.imports.customers import ADDRESS_COLUMNS, new_address
from turnus.masterdata.models import Address, MarketLocation, Meter, MeteringLocation, Register, State
from turnus.masterdata.services import NeedsApproval, update_market_location
from turnus.masterdata.services.locations import DEFAULT_OBIS
from turnus.partners.models import MarketPartner
from turnus.system import audit
from turnus.system.imports import RowRefused, Written
from turnus.system.models import User

_STATES = {**{value: value for value in State.values}, **{label: value for value, label in State.choices}}


_COLUMN_OF = {
    "state": "bundesland",
    "grid_operator": "netzbetreiber",
    "metering_operator": "messstellenbetreiber",
    "profile": "lastprofil",
    "annual_forecast_kwh": "jahresprognose_kwh",
    "concession_fee_class": "ka_klasse",
    "reading_cycle_month": "ablesemonat",
}


class _MarketLocations:
    title = "Marktlokationen mit Messlokation, Zähler und Zählwerk"
    key = ("marktlokation", "zaehlernummer", "eingebaut_am", "obis")
    chunk_size = 1000
    columns = (
        Column("marktlokation", text(11), "MaLo-ID, 11 Ziffern", "51000000011"),
        Column("sparte", choice({"Strom": "electricity", "Gas": "gas"}), "Strom oder Gas", "Strom"),
        *ADDRESS_COLUMNS,
        Column("bundesland", choice(_STATES), "Bundesland, z. B. NW", "NW"),
        Column(
            "netzbetreiber", text(13), "Marktpartner-ID des Netzbetreibers", "9900000000001", required=False
        ),
        Column("messstellenbetreiber", text(13), "Marktpartner-ID (leer: wie Netz)", "", required=False),
        Column("lastprofil", text(12), "Lastprofil", "H0", required=False),
        Column("jahresprognose_kwh", whole_number, "Jahresverbrauchsprognose", "3.500", required=False),
        Column("ka_klasse", text(40), "Konzessionsabgabe-Klasse", "Tarifkunde", required=False),
        Column("ablesemonat", whole_number, "Ablesemonat 1 bis 12", "12", required=False),
        Column("messlokation", text(33), "MeLo-ID, 33 Zeichen", "DE0000004512700000000051000000011", False),
        Column("zaehlernummer", text(20), "Zählernummer", "1EMH0010000001", required=False),
        Column("eingebaut_am", day, "erster Messtag", "01.01.2020", required=False),
        Column("ausgebaut_am", day, "erster Tag ohne Messung", "", required=False),
        Column("obis", text(20), "OBIS-Kennzahl (leer: Gesamtverbrauch)", "1-0:1.8.0", required=False),
        Column("vorkommastellen", whole_number, "Vorkommastellen (leer: 6)", "6", required=False),
        Column("nachkommastellen", whole_number, "Nachkommastellen (leer: 0)", "0", required=False),
        Column("wandlerfaktor", number, "Wandlerfaktor (leer: 1)", "1", required=False),
    )

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """Locations, metering locations, meters and registers, each level set-wise."""
        done = Written()
        batch = _Batch(client_id, rows)
        for row in rows:
            try:
                _check(row)
                outcome = batch.take(row, user, at)
            except RowRefused as refused:
                done.errors.append(refused.error)
                continue
            setattr(done, outcome, getattr(done, outcome) + 1)
        batch.save(user, at)
        return done


def _check(row: Row) -> None:
    """Identifiers and ranges that need no database."""
    try:
        check_market_location(row["marktlokation"])
    except InvalidId as error:
        raise RowRefused(row, "marktlokation", str(error), "MaLo-ID vom Netzbetreiber erfragen.") from error
    if row["messlokation"]:
        try:
            check_metering_location(row["messlokation"])
        except InvalidId as error:
            raise RowRefused(
                row, "messlokation", str(error), "MeLo-ID vom Netzbetreiber erfragen."
            ) from error
    if row["ablesemonat"] is not None and not 1 <= row["ablesemonat"] <= 12:
        raise RowRefused(row, "ablesemonat", "Das ist kein Monat.", "1 bis 12.")
    if row["jahresprognose_kwh"] is not None and row["jahresprognose_kwh"] < 0:
        raise RowRefused(row, "jahresprognose_kwh", "Die Prognose ist negativ.", "0 oder mehr.")
    if row["zaehlernummer"]:
        _check_meter(row)


def _check_meter(row: Row) -> None:
    if not row["messlokation"]:
        raise RowRefused(row, "messlokation", "Ein Zähler braucht eine Messlokation.", "MeLo-ID angeben.")
    if row["eingebaut_am"] is None:
        raise RowRefused(row, "eingebaut_am", "Wann wurde der Zähler eingebaut?", "Datum angeben.")
    if row["ausgebaut_am"] is not None and row["ausgebaut_am"] <= row["eingebaut_am"]:
        raise RowRefused(row, "ausgebaut_am", "Der Ausbau liegt nicht nach dem Einbau.", "Datum prüfen.")
    if row["wandlerfaktor"] is not None and row["wandlerfaktor"] <= 0:
        raise RowRefused(row, "wandlerfaktor", "Der Faktor muss größer als 0 sein.", "1 oder Wandlerfaktor.")
    if row["vorkommastellen"] is not None and not 1 <= row["vorkommastellen"] <= 12:
        raise RowRefused(row, "vorkommastellen", "Möglich sind 1 bis 12 Stellen.", "Zähler ablesen.")


@dataclass
class _Batch:
    """One chunk on its way into the database; what is known is loaded once."""

    client_id: int
    rows: Sequence[Row]
    partners: dict[str, MarketPartner] = field(init=False)
    locations: dict[str, MarketLocation] = field(init=False)
    places: dict[str, MeteringLocation] = field(init=False)
    meters: dict[tuple[str, str, date], Meter] = field(init=False)
    dates: dict[tuple[str, str], list[Meter]] = field(default_factory=dict)
    registers: set[tuple[str, str, date, str]] = field(init=False)
    addresses: list[Address] = field(default_factory=list)
    new_locations: list[MarketLocation] = field(default_factory=list)
    new_places: list[MeteringLocation] = field(default_factory=list)
    new_meters: list[Meter] = field(default_factory=list)
    new_registers: list[Register] = field(default_factory=list)

    def __post_init__(self) -> None:
        codes = {r[c] for r in self.rows for c in ("netzbetreiber", "messstellenbetreiber") if r[c]}
        found = MarketPartner.objects.filter(market_partner_id__in=codes)
        self.partners = {p.market_partner_id: p for p in found}
        ids = {r["marktlokation"] for r in self.rows}
        known = MarketLocation.objects.filter(client_id=self.client_id, market_location_id__in=ids)
        self.locations = {m.market_location_id: m for m in known}
        places = {r["messlokation"] for r in self.rows if r["messlokation"]}
        hanging = MeteringLocation.objects.filter(client_id=self.client_id, metering_location_id__in=places)
        self.places = {p.metering_location_id: p for p in hanging.select_related("market_location")}
        self.meters, self.registers = {}, set()
        for meter in Meter.objects.filter(metering_location__in=hanging).prefetch_related(
            "registers", "metering_location"
        ):
            key = (meter.metering_location.metering_location_id, meter.number, meter.installed.lower)
            self.meters[key] = meter
            self.dates.setdefault(key[:2], []).append(meter)
            self.registers |= {(*key, register.obis_code) for register in meter.registers.all()}

    def take(self, row: Row, user: User | None, at: datetime) -> str:
        """Prepare a row; returns which count of `Written` it belongs to."""
        values = self._values(row)
        location = self.locations.get(row["marktlokation"])
        if location is not None and location.commodity != row["sparte"]:
            raise RowRefused(row, "sparte", "Die Marktlokation hat eine andere Sparte.", "Sparte prüfen.")
        place = self.places.get(row["messlokation"] or "")
        if place is not None and place.market_location.market_location_id != row["marktlokation"]:
            cause = f"Die Messlokation gehört zu {place.market_location.market_location_id}."
            raise RowRefused(row, "messlokation", cause, "MeLo-ID prüfen.")
        self._check_overlap(row)
        outcome = "unchanged"
        if location is None:
            location, outcome = self._new_location(row, values), "new"
        elif location.pk and self._update(row, location, values, user, at):
            outcome = "changed"
        hung = self._hang_up(row, location)
        return "new" if hung and outcome == "unchanged" else outcome

    @staticmethod
    def _update(
        row: Row, location: MarketLocation, values: dict[str, Any], user: User | None, at: datetime
    ) -> bool:
        """An empty cell leaves the field of a known location as it is."""
        given = {f: v for f, v in values.items() if row[_COLUMN_OF[f]] is not None}
        try:
            return update_market_location(
                location=location, values=given, user=user, at=at, reason="CSV-Import"
            )
        except NeedsApproval as refused:
            remedy = "Am Bildschirm ändern; dort entscheidet eine zweite Person."
            raise RowRefused(row, _COLUMN_OF[refused.field], str(refused), remedy) from refused

    def _values(self, row: Row) -> dict[str, Any]:
        return {
            "state": row["bundesland"],
            "grid_operator": self._partner(row, "netzbetreiber"),
            "metering_operator": self._partner(row, "messstellenbetreiber")
            or self._partner(row, "netzbetreiber"),
            "profile": row["lastprofil"] or "",
            "annual_forecast_kwh": row["jahresprognose_kwh"],
            "concession_fee_class": row["ka_klasse"] or "",
            "reading_cycle_month": row["ablesemonat"],
        }

    def _partner(self, row: Row, column: str) -> MarketPartner | None:
        if not row[column]:
            return None
        if row[column] not in self.partners:
            remedy = "Marktpartner zuerst anlegen."
            raise RowRefused(row, column, "Diesen Marktpartner gibt es nicht.", remedy)
        return self.partners[row[column]]

    def _check_overlap(self, row: Row) -> None:
        """The same meter may not hang twice at one place at a time under two dates."""
        begin, end = row["eingebaut_am"], row["ausgebaut_am"]
        for meter in self.dates.get((row["messlokation"], row["zaehlernummer"]), ()):
            since, until = meter.installed.lower, meter.installed.upper
            if since != begin and (until is None or begin < until) and (end is None or since < end):
                cause = f"Der Zähler hängt dort schon seit {since:%d.%m.%Y}."
                raise RowRefused(row, "eingebaut_am", cause, "Einbaudatum prüfen.")

    def _new_location(self, row: Row, values: dict[str, Any]) -> MarketLocation:
        address = new_address(self.client_id, row)
        location = MarketLocation(
            client_id=self.client_id, market_location_id=row["marktlokation"], commodity=row["sparte"],
            address=address, **values,
        )  # fmt: skip
        self.addresses.append(address)
        self.new_locations.append(location)
        self.locations[location.market_location_id] = location
        return location

    def _hang_up(self, row: Row, location: MarketLocation) -> bool:
        """Metering location, meter and register of a row; True if anything of it is new."""
        if not row["messlokation"]:
            return False
        place = self.places.get(row["messlokation"])
        new = place is None
        if place is None:
            place = MeteringLocation(
                client_id=self.client_id, metering_location_id=row["messlokation"], market_location=location
            )
            self.places[place.metering_location_id] = place
            self.new_places.append(place)
        if not row["zaehlernummer"]:
            return new
        key = (place.metering_location_id, row["zaehlernummer"], row["eingebaut_am"])
        meter = self.meters.get(key)
        if meter is None:
            meter = Meter(client_id=self.client_id, metering_location=place, number=row["zaehlernummer"])
            meter.installed = DateRange(row["eingebaut_am"], row["ausgebaut_am"])
            self.meters[key] = meter
            self.dates.setdefault(key[:2], []).append(meter)
            self.new_meters.append(meter)
        obis = row["obis"] or DEFAULT_OBIS[location.commodity]
        if (*key, obis) in self.registers:
            return new
        self.registers.add((*key, obis))
        self.new_registers.append(self._register(row, meter, obis))
        return True

    def _register(self, row: Row, meter: Meter, obis: str) -> Register:
        return Register(
            client_id=self.client_id,
            meter=meter,
            obis_code=obis,
            digits=row["vorkommastellen"] or 6,
            decimals=row["nachkommastellen"] or 0,
            transformer_factor=row["wandlerfaktor"] or Decimal(1),
        )

    def save(self, user: User | None, at: datetime) -> None:
        """Write level by level; children get the keys of the parents just written."""
        Address.objects.bulk_create(self.addresses, batch_size=1000)
        for location in self.new_locations:
            location.address_id = location.address.pk
        MarketLocation.objects.bulk_create(self.new_locations, batch_size=1000)
        for place in self.new_places:
            place.market_location_id = place.market_location.pk
        MeteringLocation.objects.bulk_create(self.new_places, batch_size=1000)
        for meter in self.new_meters:
            meter.metering_location_id = meter.metering_location.pk
        Meter.objects.bulk_create(self.new_meters, batch_size=1000)
        for register in self.new_registers:
            register.meter_id = register.meter.pk
        Register.objects.bulk_create(self.new_registers, batch_size=1000)
        audit.record_many(
            client_id=self.client_id, at=at, user=user, action="imported",
            object_kind="masterdata.marketlocation", object_ids=[m.pk for m in self.new_locations],
        )  # fmt: skip


MARKET_LOCATIONS = _MarketLocations()
