"""Create products, record and change their prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from turnus.lib.money import format_eur
from turnus.products.calc.notice import PricePoint, Supply, is_increase, objection
from turnus.products.models import Price, Product
from turnus.system import changes
from turnus.system.changes import InvalidInput
from turnus.system.models import User
from turnus.ui.formats import plain_de
from turnus.worklist.models import Approval
from turnus.worklist.retroactive import BilledPeriod, Difference, shown
from turnus.worklist.services import propose


@dataclass(frozen=True, slots=True)
class NewPrice:
    """Net prices from a day on. `announced_on`: the day customers were told (notice record)."""

    since: date
    energy_ct_per_kwh: Decimal
    base_eur_per_year: Decimal
    announced_on: date | None = None
    until: date | None = None


@transaction.atomic
def create_product(*, client_id: int, values: Mapping[str, Any], user: User | None, at: datetime) -> Product:
    """Create a product from its fields.

    Raises:
        InvalidInput: code missing or taken, or a value does not fit.
    """
    row = Product(client_id=client_id, **values)
    if Product.objects.filter(client_id=client_id, code=row.code).exists():
        raise InvalidInput("code", f"Produktkürzel {row.code} ist schon vergeben.")
    return changes.add(row=row, user=user, at=at)


@transaction.atomic
def update_product(
    *, product: Product, values: Mapping[str, Any], user: User | None, at: datetime, reason: str = ""
) -> bool:
    """Change fields of a product (not its commodity); False if nothing differs."""
    if values.get("commodity", product.commodity) != product.commodity:
        raise InvalidInput("commodity", "Die Sparte eines Produkts kann nicht geändert werden.")
    return changes.change(row=product, values=values, user=user, at=at, reason=reason)


@transaction.atomic
def record_price(*, product: Product, new: NewPrice, user: User | None, at: datetime) -> Price:
    """Record a price for days that have none yet (a new product, or history taken over).

    Raises:
        InvalidInput: the days are not free, the range is empty, or a price is negative.
    """
    _check_price(new)
    valid = DateRange(new.since, new.until)
    clash = Price.objects.filter(product=product, valid__overlap=valid).order_by("valid").first()
    if clash is not None:
        raise InvalidInput(
            "since",
            f"{product.code}: ab {clash.valid.lower:%d.%m.%Y} gilt schon ein Preis; "
            "eine Preisänderung braucht eine zweite Person (vorschlagen und freigeben).",
        )
    return changes.add(row=_row(product, new), user=user, at=at)


def _row(product: Product, new: NewPrice) -> Price:
    return Price(
        client_id=product.client_id,
        product=product,
        valid=DateRange(new.since, new.until),
        energy_ct_per_kwh=new.energy_ct_per_kwh,
        base_eur_per_year=new.base_eur_per_year,
        announced_on=new.announced_on,
    )


def _check_price(new: NewPrice) -> None:
    if new.until is not None and new.until <= new.since:
        raise InvalidInput("until", "Das Ende liegt nicht nach dem Beginn.")
    if new.base_eur_per_year < 0:
        raise InvalidInput("base_eur_per_year", "Der Grundpreis ist negativ.")


@transaction.atomic
def propose_price(
    *, product: Product, new: NewPrice, household: bool, reason: str, user: User, at: datetime,
    billed: Sequence[BilledPeriod] = (),
) -> Approval:  # fmt: skip
    """Propose a price change from a day on; a second person puts it into force (kind `price`).

    Args:
        household: whether household customers have this product (`contracts.queries`).
        reason: mandatory for a change that reaches into the past.
        billed: the bills that were calculated with the former price (`contracts.queries`).

    Raises:
        InvalidInput: an increase announced too late (§ 41(5) EnWG, § 5 GVV), or a reason is missing.
    """
    _check_price(new)
    check_notice(product=product, new=new, household=household)
    if new.since <= at.date() and not reason.strip():
        raise InvalidInput("reason", "Eine rückwirkende Preisänderung braucht einen Grund.")
    return propose(
        client_id=product.client_id, kind="price", object_kind="products.product", object_id=product.pk,
        title=f"{product} ab {new.since:%d.%m.%Y}: {plain_de(new.energy_ct_per_kwh)} ct/kWh, "
        f"{format_eur(new.base_eur_per_year)} im Jahr",
        amount=None, user=user, at=at,
        details={
            "Grund": reason,
            "den Kunden mitgeteilt am": new.announced_on.isoformat() if new.announced_on else None,
            "data": {
                "since": new.since.isoformat(),
                "energy_ct_per_kwh": str(new.energy_ct_per_kwh),
                "base_eur_per_year": str(new.base_eur_per_year),
                "announced_on": new.announced_on.isoformat() if new.announced_on else None,
            },
            **shown(_differences(price_on(product=product, day=new.since), new), billed),
        },
    )  # fmt: skip


def _differences(before: Price | None, new: NewPrice) -> list[Difference]:
    """Old and new price in German figures."""
    pairs = (
        ("Arbeitspreis (ct/kWh netto)", "energy_ct_per_kwh"),
        ("Grundpreis (€/Jahr netto)", "base_eur_per_year"),
    )
    return [
        Difference(
            f"{label} ab {new.since:%d.%m.%Y}",
            plain_de(getattr(before, name)) if before else "",
            plain_de(getattr(new, name)),
        )
        for label, name in pairs
    ]


def check_notice(*, product: Product, new: NewPrice, household: bool) -> None:
    """Refuse an increase that customers were not told of in time.

    Raises:
        InvalidInput: names the paragraph and the earliest day (§ 41(5) EnWG; § 5(2) StromGVV/GasGVV).
    """
    before = price_on(product=product, day=new.since)
    after = PricePoint(new.energy_ct_per_kwh, new.base_eur_per_year)
    if before is None or not is_increase(
        PricePoint(before.energy_ct_per_kwh, before.base_eur_per_year), after
    ):
        return
    refused = objection(
        start=new.since,
        announced_on=new.announced_on,
        supply=Supply.of(
            commodity=product.commodity, default_supply=product.is_default_supply, household=household
        ),
    )
    if refused:
        raise InvalidInput("announced_on" if new.announced_on is None else "since", refused)


def proposed(details: Mapping[str, Any]) -> NewPrice:
    """The price that an approval of kind `price` carries."""
    data = details.get("data", details)  # proposals made before 0.2 carry it flat
    announced = data["announced_on"]
    return NewPrice(
        since=date.fromisoformat(data["since"]),
        energy_ct_per_kwh=Decimal(data["energy_ct_per_kwh"]),
        base_eur_per_year=Decimal(data["base_eur_per_year"]),
        announced_on=date.fromisoformat(announced) if announced else None,
    )


@transaction.atomic
def change_price(*, product: Product, new: NewPrice, reason: str, user: User | None, at: datetime) -> Price:
    """Put an approved price into force from its day on: the running price ends the day before.

    Later prices that were planned before stay; the new one ends where the next begins.
    """
    Product.objects.select_for_update().get(pk=product.pk)
    running = Price.objects.filter(product=product, valid__contains=new.since).first()
    until = new.until
    if running is not None:
        until = running.valid.upper
        if running.valid.lower == new.since:
            values = {f: getattr(new, f) for f in ("energy_ct_per_kwh", "base_eur_per_year", "announced_on")}
            changes.change(row=running, values=values, user=user, at=at, reason=reason)
            return running
        shortened = {"valid": DateRange(running.valid.lower, new.since)}
        changes.change(row=running, values=shortened, user=user, at=at, reason=reason)
    else:
        later = (
            Price.objects.filter(product=product, valid__startswith__gt=new.since).order_by("valid").first()
        )
        until = later.valid.lower if later else until
    row = _row(product, new)
    row.valid = DateRange(new.since, until)
    return changes.add(row=row, user=user, at=at, reason=reason)


def price_on(*, product: Product, day: date) -> Price | None:
    """The price of a product on a day."""
    return Price.objects.filter(product=product, valid__contains=day).first()
