"""Import of customers with their postal address."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from turnus.lib.csv_table import Column, Row, choice, day, text, yes_no
from turnus.masterdata.models import Address, Customer
from turnus.masterdata.services import InvalidInput, update_address, update_customer
from turnus.masterdata.services.customers import check_address
from turnus.system import audit
from turnus.system.changes import check_fields
from turnus.system.imports import RowRefused, Written
from turnus.system.models import User

_KIND = {"Person": "person", "Firma": "company"}
_SALUTATION = {"Frau": "ms", "Herr": "mr", "ohne": ""}
ADDRESS_COLUMNS = (
    Column("strasse", text(80), "Straße", "Lindenweg"),
    Column("hausnummer", text(12), "Hausnummer", "4 a", required=False),
    Column("adresszusatz", text(80), "Zusatz zur Anschrift", "Hinterhaus", required=False),
    Column("plz", text(10), "Postleitzahl", "45127"),
    Column("ort", text(60), "Ort", "Essen"),
)


def address_values(row: Row) -> dict[str, Any]:
    """Fields of `Address` from a row with ADDRESS_COLUMNS."""
    return {
        "street": row["strasse"],
        "house_number": row["hausnummer"] or "",
        "addition": row["adresszusatz"] or "",
        "postal_code": row["plz"],
        "city": row["ort"],
    }


def new_address(client_id: int, row: Row) -> Address:
    """An unsaved, checked address."""
    values = address_values(row)
    try:
        check_address(values["street"], values["postal_code"], values["city"], "DE")
    except InvalidInput as error:
        columns = {"street": "strasse", "postal_code": "plz", "city": "ort"}
        raise RowRefused(row, columns[error.field], str(error), "Anschrift berichtigen.") from error
    return Address(client_id=client_id, **values)


class _Customers:
    title = "Kunden"
    key = ("kundennummer",)
    chunk_size = 1000
    columns = (
        Column("kundennummer", text(20), "Kundennummer", "K1000001"),
        Column("art", choice(_KIND), "Person oder Firma", "Person", required=False),
        Column("anrede", choice(_SALUTATION), "Frau, Herr oder ohne", "Frau", required=False),
        Column("vorname", text(60), "Vorname", "Erika", required=False),
        Column("name", text(100), "Nachname oder Firma", "Muster"),
        *ADDRESS_COLUMNS,
        Column("geburtsdatum", day, "Geburtsdatum", "17.03.1968", required=False),
        Column("email", text(254), "E-Mail-Adresse", "erika@example.org", required=False),
        Column("telefon", text(40), "Telefon", "0201 123456", required=False),
        Column("haushaltskunde", yes_no, "ja oder nein (leer = ja)", "ja", required=False),
        Column("hinweis", text(2000), "Hinweis für die Bearbeitung", "", required=False),
    )

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """New customers set-wise; known ones are compared field by field."""
        numbers = [row["kundennummer"] for row in rows]
        known = {
            c.number: c
            for c in Customer.objects.filter(client_id=client_id, number__in=numbers).select_related(
                "address"
            )
        }
        done = Written()
        fresh: list[tuple[Row, Customer]] = []
        for row in rows:
            customer = known.get(row["kundennummer"])
            try:
                if customer is None:
                    fresh.append((row, self._build(client_id, row)))
                elif self._update(customer, row, user, at):
                    done.changed += 1
                else:
                    done.unchanged += 1
            except RowRefused as refused:
                done.errors.append(refused.error)
        Address.objects.bulk_create([c.address for _, c in fresh], batch_size=1000)
        for _, customer in fresh:
            customer.address_id = customer.address.pk
        made = Customer.objects.bulk_create([c for _, c in fresh], batch_size=1000)
        done.new += len(made)
        audit.record_many(
            client_id=client_id, at=at, user=user, action="imported",
            object_kind="masterdata.customer", object_ids=[c.pk for c in made],
        )  # fmt: skip
        return done

    def _build(self, client_id: int, row: Row) -> Customer:
        customer = Customer(client_id=client_id, number=row["kundennummer"], **_values(row))
        _check(customer, row)
        customer.address = new_address(client_id, row)
        return customer

    def _update(self, customer: Customer, row: Row, user: User | None, at: datetime) -> bool:
        trial = Customer(client_id=customer.client_id, number=customer.number, **_values(row))
        _check(trial, row)
        new_address(customer.client_id, row)
        given = {f: v for (f, v), c in zip(_values(row).items(), _FIELDS, strict=True) if row[c] is not None}
        place = {f: v for f, v in address_values(row).items() if v}
        changed = update_customer(customer=customer, values=given, user=user, at=at, reason="CSV-Import")
        moved = update_address(address=customer.address, values=place, user=user, at=at, reason="CSV-Import")
        return changed or moved


# The columns of `_values`, in its order: an empty cell leaves a known customer's field as it is.
_FIELDS = (
    "art", "anrede", "vorname", "name", "geburtsdatum", "email", "telefon", "haushaltskunde", "hinweis"
)  # fmt: skip


def _values(row: Row) -> dict[str, Any]:
    return {
        "kind": row["art"] or "person",
        "salutation": row["anrede"] or "",
        "first_name": row["vorname"] or "",
        "name": row["name"],
        "born_on": row["geburtsdatum"],
        "email": row["email"] or "",
        "phone": row["telefon"] or "",
        "is_household_customer": row["haushaltskunde"] is not False,
        "note": row["hinweis"] or "",
    }


def _check(customer: Customer, row: Row) -> None:
    try:
        check_fields(customer)
    except InvalidInput as error:
        column = "email" if error.field == "email" else "name"
        raise RowRefused(row, column, str(error), "Wert berichtigen.") from error


CUSTOMERS = _Customers()
