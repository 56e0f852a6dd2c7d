"""Import of products and of their prices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from turnus.lib.csv_table import Column, Row, choice, day, number, text, whole_number, yes_no
from turnus.products.models import Price, Product
from turnus.products.services import NewPrice, create_product, record_price, update_product
from turnus.system.changes import InvalidInput
from turnus.system.imports import RowRefused, Written
from turnus.system.models import User


class _Products:
    title = "Produkte"
    key = ("produkt",)
    chunk_size = 1000
    columns = (
        Column("produkt", text(20), "Kürzel", "STROM-TREUE"),
        Column("name", text(80), "Name", "Treue Strom"),
        Column("sparte", choice({"Strom": "electricity", "Gas": "gas"}), "Strom oder Gas", "Strom"),
        Column("grundversorgung", yes_no, "ja oder nein (leer = nein)", "nein", required=False),
        Column("mindestlaufzeit_monate", whole_number, "Mindestlaufzeit", "12", required=False),
        Column("kuendigungsfrist_wochen", whole_number, "Kündigungsfrist (leer = 4)", "4", required=False),
        Column("bonus_brutto", number, "Bonus brutto in €", "100,00", required=False),
        Column("bonus_nach_monaten", whole_number, "Bonus nach Monaten", "12", required=False),
    )

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """Products are few: one by one, through the same service as on screen."""
        codes = [row["produkt"] for row in rows]
        known = {p.code: p for p in Product.objects.filter(client_id=client_id, code__in=codes)}
        done = Written()
        for row in rows:
            values = _values(row)
            product = known.get(row["produkt"])
            try:
                if product is None:
                    create_product(client_id=client_id, values=values, user=user, at=at)
                    done.new += 1
                elif update_product(product=product, values=values, user=user, at=at, reason="CSV-Import"):
                    done.changed += 1
                else:
                    done.unchanged += 1
            except InvalidInput as error:
                refused = RowRefused(row, "sparte", str(error), "Anderes Kürzel wählen.")
                done.errors.append(refused.error)
        return done


def _values(row: Row) -> dict[str, Any]:
    values = {
        "code": row["produkt"],
        "name": row["name"],
        "commodity": row["sparte"],
        "is_default_supply": row["grundversorgung"],
        "minimum_term_months": row["mindestlaufzeit_monate"],
        "notice_weeks": row["kuendigungsfrist_wochen"],
        "bonus_gross": row["bonus_brutto"],
        "bonus_after_months": row["bonus_nach_monaten"],
    }
    return {name: value for name, value in values.items() if value is not None}


class _Prices:
    title = "Preise"
    key = ("produkt", "gueltig_ab")
    chunk_size = 20_000
    columns = (
        Column("produkt", text(20), "Kürzel des Produkts", "STROM-TREUE"),
        Column("gueltig_ab", day, "erster Tag", "01.01.2026"),
        Column("gueltig_bis", day, "letzter Tag (leer: bis zum nächsten Preis)", "", required=False),
        Column("arbeitspreis_ct_kwh", number, "Arbeitspreis netto", "26,10"),
        Column("grundpreis_eur_jahr", number, "Grundpreis netto", "132,00"),
        Column("mitgeteilt_am", day, "Mitteilung an die Kunden", "15.11.2025", required=False),
    )

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """Prices for days that have none. A running price is changed by two people, never by a file."""
        codes = {row["produkt"] for row in rows}
        products = {p.code: p for p in Product.objects.filter(client_id=client_id, code__in=codes)}
        known = {
            (p.product_id, p.valid.lower): p for p in Price.objects.filter(product__in=products.values())
        }
        ends = _next_starts(rows)
        done = Written()
        for row in sorted(rows, key=lambda r: (r["produkt"], r["gueltig_ab"])):
            product = products.get(row["produkt"])
            try:
                if product is None:
                    remedy = "Zuerst die Produkte importieren."
                    raise RowRefused(row, "produkt", "Dieses Produkt gibt es nicht.", remedy)
                there = known.get((product.pk, row["gueltig_ab"]))
                if there is not None:
                    _compare(row, there)
                    done.unchanged += 1
                    continue
                _record(row, product, ends, user, at)
                done.new += 1
            except RowRefused as refused:
                done.errors.append(refused.error)
        return done


def _next_starts(rows: Sequence[Row]) -> dict[int, Any]:
    """Row number → start of the product's next price in the file."""
    ordered = sorted(rows, key=lambda r: (r["produkt"], r["gueltig_ab"]))
    return {a.number: b["gueltig_ab"] for a, b in pairwise(ordered) if a["produkt"] == b["produkt"]}


def _record(row: Row, product: Product, ends: dict[int, Any], user: User | None, at: datetime) -> None:
    until = row["gueltig_bis"] + timedelta(days=1) if row["gueltig_bis"] else ends.get(row.number)
    new = NewPrice(
        since=row["gueltig_ab"], until=until, energy_ct_per_kwh=row["arbeitspreis_ct_kwh"],
        base_eur_per_year=row["grundpreis_eur_jahr"], announced_on=row["mitgeteilt_am"],
    )  # fmt: skip
    try:
        record_price(product=product, new=new, user=user, at=at)
    except InvalidInput as error:
        remedy = "Zeitraum prüfen oder die Preisänderung im Arbeitsplatz vorschlagen."
        raise RowRefused(row, "gueltig_ab", str(error), remedy) from error


def _compare(row: Row, price: Price) -> None:
    """Refuse other figures for the days of a known price."""
    figures: tuple[Decimal, Decimal] = (row["arbeitspreis_ct_kwh"], row["grundpreis_eur_jahr"])
    if figures != (price.energy_ct_per_kwh, price.base_eur_per_year):
        cause = f"Ab {price.valid.lower:%d.%m.%Y} gilt schon ein anderer Preis."
        remedy = "Preisänderung im Arbeitsplatz vorschlagen: eine zweite Person gibt sie frei."
        raise RowRefused(row, "arbeitspreis_ct_kwh", cause, remedy)
    if (
        row["gueltig_bis"]
        and DateRange(row["gueltig_ab"], row["gueltig_bis"] + timedelta(days=1)) != price.valid
    ):
        cause = "Der bekannte Preis endet an einem anderen Tag."
        raise RowRefused(row, "gueltig_bis", cause, "Preisänderung im Arbeitsplatz vorschlagen.")


PRODUCTS = _Products()
PRICES = _Prices()
