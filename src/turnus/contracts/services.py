"""The life of a supply contract: draft, activation, change of product, end."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from turnus.clients.models import Role
from turnus.clients.services import role_of
from turnus.contracts.calc.activation import gaps
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.contracts.queries import condition_on, facts_at_start, has_household_customers, with_product
from turnus.masterdata.models import ContractAccount, Customer, MarketLocation
from turnus.products.models import Product
from turnus.products.services import change_price, check_notice, price_on, proposed
from turnus.system import changes, numbers
from turnus.system.changes import InvalidInput
from turnus.system.models import User
from turnus.ui.formats import plain_de
from turnus.worklist.models import Approval
from turnus.worklist.retroactive import (
    Difference,
    NeedsApproval,
    RetroactiveChange,
    billed_periods,
    propose_change,
    propose_corrections,
    require_decider,
)


class ContractIncomplete(InvalidInput):
    """The contract cannot be activated; `gaps` lists everything that is missing, in German."""

    def __init__(self, number: str, missing: list[str]) -> None:
        super().__init__(
            "state", f"Vertrag {number} kann nicht aktiv werden. Es fehlt: {', '.join(missing)}."
        )
        self.gaps = missing


@dataclass(frozen=True, slots=True)
class NewContract:
    """A supply contract to be drafted. `end` is the first day without supply."""

    customer: Customer
    contract_account: ContractAccount
    market_location: MarketLocation
    start: date
    product: Product | None = None
    end: date | None = None
    signed_on: date | None = None
    number: str = ""


@transaction.atomic
def draft_contract(*, client_id: int, new: NewContract, user: User | None, at: datetime) -> SupplyContract:
    """Create a contract as draft with its first condition.

    Raises:
        InvalidInput: number taken, empty supply period, or parts that do not belong together.
    """
    if new.end is not None and new.end <= new.start:
        raise InvalidInput("end", "Das Lieferende liegt nicht nach dem Lieferbeginn.")
    if new.contract_account.customer_id != new.customer.pk:
        raise InvalidInput(
            "contract_account", f"Vertragskonto {new.contract_account.number} gehört einem anderen Kunden."
        )
    number = new.number or _free_number(client_id)
    if SupplyContract.objects.filter(client_id=client_id, number=number).exists():
        raise InvalidInput("number", f"Vertragsnummer {number} ist schon vergeben.")
    contract = SupplyContract(
        client_id=client_id, number=number, customer=new.customer, contract_account=new.contract_account,
        market_location=new.market_location, supply=DateRange(new.start, new.end), signed_on=new.signed_on,
    )  # fmt: skip
    changes.add(row=contract, user=user, at=at)
    if new.product is not None:
        _check_commodity(contract, new.product)
        _add_condition(contract, new.product, new.start, new.end, "Vertragsabschluss", user, at)
    return contract


def _free_number(client_id: int) -> str:
    while True:
        (number,) = numbers.draw(client_id=client_id, name="contract")
        if not SupplyContract.objects.filter(client_id=client_id, number=number).exists():
            return number


def _check_commodity(contract: SupplyContract, product: Product) -> None:
    location = contract.market_location
    if product.commodity != location.commodity:
        raise InvalidInput(
            "product",
            f"Produkt {product.code} ist {product.get_commodity_display()}, "
            f"Marktlokation {location} ist {location.get_commodity_display()}.",
        )


def _add_condition(
    contract: SupplyContract, product: Product, start: date, end: date | None, reason: str,
    user: User | None, at: datetime,
) -> ContractCondition:  # fmt: skip
    row = ContractCondition(
        client_id=contract.client_id,
        contract=contract,
        product=product,
        valid=DateRange(start, end),
        reason=reason[:120],
    )
    return changes.add(row=row, user=user, at=at)


@transaction.atomic
def activate_contract(*, contract: SupplyContract, user: User | None, at: datetime) -> SupplyContract:
    """Make a draft active. Refused with the whole list of gaps while anything is missing.

    Raises:
        ContractIncomplete: MaLo, MeLo, meter, profile, forecast, product, price, KA class or grid
            operator is missing.
        InvalidInput: no draft, or the location is supplied under another contract at that time.
    """
    locked = SupplyContract.objects.select_for_update().get(pk=contract.pk)
    if locked.state != SupplyContract.State.DRAFT:
        raise InvalidInput("state", f"Vertrag {locked.number} ist kein Entwurf.")
    missing = gaps(facts_at_start(locked))
    if missing:
        raise ContractIncomplete(locked.number, missing)
    clash = (
        SupplyContract.objects.filter(market_location=locked.market_location, supply__overlap=locked.supply)
        .exclude(state=SupplyContract.State.DRAFT)
        .first()
    )
    if clash is not None:
        raise InvalidInput(
            "supply",
            f"Marktlokation {locked.market_location} wird schon unter Vertrag {clash.number} beliefert.",
        )
    changes.change(
        row=locked, values={"state": SupplyContract.State.ACTIVE}, user=user, at=at, reason="aktiviert"
    )
    contract.state = locked.state
    return locked


@transaction.atomic
def change_product(
    *, contract: SupplyContract, product: Product, since: date, reason: str, user: User | None, at: datetime
) -> ContractCondition:
    """Give a contract another product from a day to come.

    Raises:
        NeedsApproval: the day is not to come any more (`propose_product_change`).
        InvalidInput: outside the supply, other commodity, or no price on that day.
    """
    locked = _for_product(contract.pk, product, since)
    if since <= at.date():
        raise NeedsApproval(
            "since", "Eine rückwirkende Tarifänderung braucht die Freigabe durch eine zweite Person."
        )
    return _set_product(locked, product, since, reason, user, at)


@transaction.atomic
def propose_product_change(
    *, contract: SupplyContract, product: Product, since: date, reason: str, user: User, at: datetime
) -> Approval:
    """Propose another product from a day in the past; `approve_product_change` makes the change.

    Raises:
        InvalidInput: see `change_product`; no reason; or another change of this contract waits already.
    """
    locked = _for_product(contract.pk, product, since)
    running = condition_on(contract=locked, day=since)
    return propose_change(
        change=RetroactiveChange(
            client_id=locked.client_id, kind="product_change", object_kind="contracts.supplycontract",
            object_id=locked.pk, title=f"Vertrag {locked.number}: {product} rückwirkend ab {since:%d.%m.%Y}",
            differences=[
                Difference(
                    f"Produkt ab {since:%d.%m.%Y}",
                    _priced(running.product, since) if running else "",
                    _priced(product, since),
                )
            ],
            billed=billed_periods(client_id=locked.client_id, contract_ids=[locked.pk], since=since),
            reason=reason,
            data={
                "since": since.isoformat(),
                "product": product.pk,
                "before": running.product_id if running else None,
            },
        ),
        user=user, at=at,
    )  # fmt: skip


@transaction.atomic
def approve_product_change(*, approval: Approval, user: User, at: datetime) -> None:
    """Make an approved retroactive change and propose the correction of the bills it reaches.

    Registered in `project.handlers.APPROVAL_HANDLERS` for `product_change`.

    Raises:
        PermissionError: neither lead nor principal.
        InvalidInput: the contract has changed since the proposal.
    """
    require_decider(approval=approval, user=user)
    data, reason = approval.details["data"], approval.details["Grund"]
    product, since = Product.objects.get(pk=data["product"]), date.fromisoformat(data["since"])
    locked = _for_product(approval.object_id, product, since)
    running = condition_on(contract=locked, day=since)
    if (running.product_id if running else None) != data["before"]:
        raise InvalidInput(
            "since",
            f"Das Produkt von Vertrag {locked.number} am {since:%d.%m.%Y} hat sich seit dem Vorschlag "
            "geändert. Bitte ablehnen und neu vorschlagen.",
        )
    _set_product(locked, product, since, reason, user, at)
    _flag_rebilling(
        contracts=[locked], since=since, reason=f"Tarif {product.code}: {reason}", at=at, service="M04"
    )


def _for_product(contract_id: int, product: Product, since: date) -> SupplyContract:
    """The contract, locked, if it may have the product on that day."""
    locked = SupplyContract.objects.select_for_update().get(pk=contract_id)
    if since not in locked.supply:
        raise InvalidInput("since", f"Vertrag {locked.number} wird am {since:%d.%m.%Y} nicht beliefert.")
    _check_commodity(locked, product)
    if not product.prices.filter(valid__contains=since).exists():
        raise InvalidInput("product", f"Produkt {product.code} hat am {since:%d.%m.%Y} keinen Preis.")
    return locked


def _priced(product: Product, day: date) -> str:
    """A product with its net prices of a day, as the second person wants to see it."""
    price = price_on(product=product, day=day)
    if price is None:
        return str(product)
    energy = plain_de(price.energy_ct_per_kwh)
    return f"{product} ({energy} ct/kWh, {plain_de(price.base_eur_per_year)} €/Jahr netto)"


def _set_product(
    locked: SupplyContract, product: Product, since: date, reason: str, user: User | None, at: datetime
) -> ContractCondition:
    running = condition_on(contract=locked, day=since)
    end = locked.supply.upper
    if running is None:
        return _add_condition(locked, product, since, end, reason, user, at)
    end = running.valid.upper
    if running.valid.lower == since:
        changes.change(row=running, values={"product": product}, user=user, at=at, reason=reason)
        return running
    shortened = {"valid": DateRange(running.valid.lower, since)}
    changes.change(row=running, values=shortened, user=user, at=at, reason=reason)
    return _add_condition(locked, product, since, end, reason, user, at)


@transaction.atomic
def end_contract(
    *, contract: SupplyContract, end: date, reason: str, user: User | None, at: datetime
) -> SupplyContract:
    """End the supply; `end` is the first day without it. Conditions end with it.

    Bills of days after the end are proposed for correction.

    Raises:
        InvalidInput: not active, or the end is not after the start.
    """
    locked = SupplyContract.objects.select_for_update().get(pk=contract.pk)
    if locked.state != SupplyContract.State.ACTIVE:
        raise InvalidInput("state", f"Vertrag {locked.number} ist nicht aktiv.")
    if end <= locked.supply.lower:
        raise InvalidInput("end", "Das Lieferende liegt nicht nach dem Lieferbeginn.")
    ContractCondition.objects.filter(contract=locked, valid__startswith__gte=end).delete()
    for condition in ContractCondition.objects.filter(contract=locked, valid__contains=end):
        values = {"valid": DateRange(condition.valid.lower, end)}
        changes.change(row=condition, values=values, user=user, at=at, reason=reason)
    values = {"supply": DateRange(locked.supply.lower, end), "state": SupplyContract.State.ENDED}
    changes.change(row=locked, values=values, user=user, at=at, reason=reason)
    _flag_rebilling(contracts=[locked], since=end, reason=f"Lieferende: {reason}", at=at, service="M03")
    return locked


@transaction.atomic
def approve_price(*, approval: Approval, user: User, at: datetime) -> None:
    """Put an approved price into force; contracts whose past it reaches are flagged for rebilling.

    Registered in `project.handlers.APPROVAL_HANDLERS` for `price`; it stands here because only this
    room knows which contracts have the product.

    Raises:
        PermissionError: neither lead nor principal.
        InvalidInput: an increase that was announced too late.
    """
    if role_of(client_id=approval.client_id, user=user) not in {Role.LEAD, Role.PRINCIPAL}:
        raise PermissionError("Preise gibt die Teamleitung oder der Auftraggeber frei.")
    product = Product.objects.get(pk=approval.object_id)
    new, reason = proposed(approval.details), approval.details.get("Grund", "")
    # Prices and customers may have changed since the proposal: what the law forbids is refused here again.
    check_notice(product=product, new=new, household=has_household_customers(product=product, day=new.since))
    change_price(product=product, new=new, reason=reason, user=user, at=at)
    if new.since <= at.date():
        affected = list(with_product(product=product, since=new.since))
        _flag_rebilling(contracts=affected, since=new.since, reason=f"Preis: {reason}", at=at)


def _flag_rebilling(
    *, contracts: list[SupplyContract], since: date, reason: str, at: datetime, service: str = "M04"
) -> None:
    """Propose the correction of every bill of these contracts whose period ends after `since`."""
    for client_id in {c.client_id for c in contracts}:
        periods = billed_periods(
            client_id=client_id,
            contract_ids=[c.pk for c in contracts if c.client_id == client_id],
            since=since,
        )
        text = f"{reason}. Wirksam ab {since:%d.%m.%Y}"
        propose_corrections(client_id=client_id, periods=periods, service=service, reason=text, at=at)
