"""Import of meter readings; they take the same way as those of messages (versions, plausibility)."""

from collections.abc import Sequence
from datetime import datetime

from turnus.lib.csv_table import Column, Row, choice, day, number, text
from turnus.masterdata.models import Register
from turnus.metering.records import NewReading, Outcome
from turnus.metering.services import store_readings
from turnus.system.imports import RowRefused, Written
from turnus.system.models import User

_ORIGIN = {"Netzbetreiber": "grid", "Kunde": "customer", "Fernablesung": "remote", "Schätzung": "estimate"}
_QUALITY = {"wahr": "true", "Ersatzwert": "substitute", "vorläufig": "provisional", "Schätzwert": "estimate"}


class _Readings:
    title = "Zählerstände"
    key = ("zaehlernummer", "obis", "datum")
    chunk_size = 5000
    columns = (
        Column("zaehlernummer", text(20), "Zählernummer", "1EMH0010000001"),
        Column("obis", text(20), "OBIS-Kennzahl (leer: einziges Zählwerk)", "1-0:1.8.0", required=False),
        Column("datum", day, "Stand um 00:00 Uhr dieses Tages", "01.01.2026"),
        Column("stand", number, "Zählerstand", "12345"),
        Column(
            "herkunft",
            choice(_ORIGIN),
            "Netzbetreiber, Kunde, Fernablesung, Schätzung",
            "Netzbetreiber",
            False,
        ),
        Column("guete", choice(_QUALITY), "wahr, Ersatzwert, vorläufig, Schätzwert", "wahr", required=False),
    )

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """Store what is new; an implausible reading is stored blocked, with a case (not an error here)."""
        registers = _registers(client_id, rows)
        done = Written()
        wanted: list[tuple[Row, NewReading]] = []
        for row in rows:
            try:
                wanted.append((row, _reading(row, registers)))
            except RowRefused as refused:
                done.errors.append(refused.error)
        stored = store_readings(client_id=client_id, readings=[new for _, new in wanted], user=user, at=at)
        for (row, _), item in zip(wanted, stored.items, strict=True):
            if item.outcome is Outcome.REFUSED:
                done.errors.append(RowRefused(row, "stand", item.reason, "Stand prüfen.").error)
            elif item.outcome is Outcome.UNCHANGED:
                done.unchanged += 1
            elif (item.version or 1) > 1:
                done.changed += 1
            else:
                done.new += 1
        return done


def _registers(client_id: int, rows: Sequence[Row]) -> dict[str, list[Register]]:
    found: dict[str, list[Register]] = {}
    wanted = Register.objects.filter(
        client_id=client_id, meter__number__in={r["zaehlernummer"] for r in rows}
    )
    for register in wanted.select_related("meter"):
        found.setdefault(register.meter.number, []).append(register)
    return found


def _reading(row: Row, registers: dict[str, list[Register]]) -> NewReading:
    number_, when = row["zaehlernummer"], row["datum"]
    if number_ not in registers:
        remedy = "Zuerst die Marktlokationen mit ihren Zählern importieren."
        raise RowRefused(row, "zaehlernummer", "Diesen Zähler gibt es nicht.", remedy)
    # The reading of the day of removal closes the old meter: both ends of the range belong to it.
    fitting = [
        r
        for r in registers[number_]
        if r.meter.installed.lower <= when
        and (r.meter.installed.upper is None or when <= r.meter.installed.upper)
        and row["obis"] in (None, r.obis_code)
    ]
    if not fitting:
        cause = "Der Zähler hat an diesem Tag kein solches Zählwerk."
        raise RowRefused(row, "datum", cause, "Ein- und Ausbau sowie OBIS-Kennzahl prüfen.")
    if len(fitting) > 1:
        remedy = "OBIS-Kennzahl oder eindeutige Zählernummer angeben."
        raise RowRefused(row, "obis", "Der Zähler hat mehrere Zählwerke.", remedy)
    if row["stand"] < 0:
        raise RowRefused(row, "stand", "Der Zählerstand ist negativ.", "Stand prüfen.")
    return NewReading(
        register_id=fitting[0].pk, date=when, value=row["stand"],
        origin=row["herkunft"] or "grid", quality=row["guete"] or "true",
    )  # fmt: skip


READINGS = _Readings()
