"""Import of supply contracts; each comes with its contract account and becomes active only complete."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from turnus.contracts.calc.activation import ContractFacts, gaps
from turnus.contracts.models import ContractCondition, SupplyContract
from turnus.ledger.models import Subaccount
from turnus.lib.csv_table import Column, Row, day, text, yes_no
from turnus.masterdata.models import ContractAccount, Customer, Mandate, MarketLocation, Meter
from turnus.products.models import Price, Product
from turnus.system import audit, numbers
from turnus.system.imports import RowRefused, Written
from turnus.system.models import User


class _Contracts:
    title = "Lieferverträge"
    key = ("vertragsnummer",)
    chunk_size = 1000
    columns = (
        Column("vertragsnummer", text(20), "Vertragsnummer", "V1000001"),
        Column("kundennummer", text(20), "Kundennummer", "K1000001"),
        Column("marktlokation", text(11), "MaLo-ID", "51000000011"),
        Column("produkt", text(20), "Kürzel des Produkts", "STROM-TREUE"),
        Column("lieferbeginn", day, "erster Liefertag", "01.01.2025"),
        Column("lieferende", day, "erster Tag ohne Lieferung", "", required=False),
        Column("abgeschlossen_am", day, "Vertragsabschluss", "01.12.2024", required=False),
        Column("vertragskonto", text(12), "Vertragskonto (leer: neues)", "10000001", required=False),
        Column("mandatsreferenz", text(35), "Mandat für den Einzug", "M00000001", required=False),
        Column("aktiv", yes_no, "ja oder nein = Entwurf (leer = ja)", "ja", required=False),
    )

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """Contracts, accounts and first conditions set-wise; a row with gaps is refused with the list."""
        done = Written()
        batch = _Batch(client_id, rows)
        for row in rows:
            try:
                if batch.take(row):
                    done.new += 1
                else:
                    done.unchanged += 1
            except RowRefused as refused:
                done.errors.append(refused.error)
        batch.save(user, at)
        return done


@dataclass
class _Batch:
    """One chunk on its way into the database; everything it refers to is loaded once."""

    client_id: int
    rows: Sequence[Row]
    fresh: list[tuple[SupplyContract, Product, Mandate | None]] = field(default_factory=list)
    accounts: dict[str, ContractAccount] = field(init=False)

    def __post_init__(self) -> None:
        rows, mine = self.rows, {"client_id": self.client_id}

        def cells(column: str) -> set[Any]:
            return {row[column] for row in rows if row[column]}

        known = SupplyContract.objects.filter(**mine, number__in=cells("vertragsnummer"))
        self.known = {c.number: c for c in known.select_related("customer", "market_location")}
        self.customers = {
            c.number: c for c in Customer.objects.filter(**mine, number__in=cells("kundennummer"))
        }
        places = MarketLocation.objects.filter(**mine, market_location_id__in=cells("marktlokation"))
        self.places = {
            m.market_location_id: m
            for m in places.select_related("grid_operator").prefetch_related("metering_locations")
        }
        products = Product.objects.filter(**mine, code__in=cells("produkt"))
        self.products = {p.code: p for p in products}
        mandates = Mandate.objects.filter(**mine, reference__in=cells("mandatsreferenz"))
        self.mandates = {m.reference: m for m in mandates.select_related("bank_account")}
        found = ContractAccount.objects.filter(**mine, number__in=cells("vertragskonto"))
        self.accounts = {a.number: a for a in found}
        self.prices: dict[int, list[Price]] = {}
        for price in Price.objects.filter(product__in=products):
            self.prices.setdefault(price.product_id, []).append(price)
        self.meters: dict[int, list[Meter]] = {}
        hanging = Meter.objects.filter(metering_location__market_location__in=places, registers__isnull=False)
        for meter in hanging.select_related("metering_location").distinct():
            self.meters.setdefault(meter.metering_location.market_location_id, []).append(meter)
        self.supplied: dict[int, list[tuple[str, DateRange]]] = {}
        active = SupplyContract.objects.filter(market_location__in=places).exclude(state="draft")
        for contract in active:
            self.supplied.setdefault(contract.market_location_id, []).append(
                (contract.number, contract.supply)
            )

    def take(self, row: Row) -> bool:
        """Prepare a row; False if the contract is known and agrees.

        Raises:
            RowRefused: something it refers to is missing or contradicts it.
        """
        customer = self._get(row, self.customers, "kundennummer", "Diesen Kunden gibt es nicht.")
        place = self._get(row, self.places, "marktlokation", "Diese Marktlokation gibt es nicht.")
        product = self._get(row, self.products, "produkt", "Dieses Produkt gibt es nicht.")
        known = self.known.get(row["vertragsnummer"])
        if known is not None:
            self._compare(row, known)
            return False
        start, end = row["lieferbeginn"], row["lieferende"]
        if end is not None and end <= start:
            raise RowRefused(
                row, "lieferende", "Das Lieferende liegt nicht nach dem Beginn.", "Datum prüfen."
            )
        if product.commodity != place.commodity:
            raise RowRefused(
                row, "produkt", "Produkt und Marktlokation haben verschiedene Sparten.", "Produkt prüfen."
            )
        mandate = None
        if row["mandatsreferenz"]:
            mandate = self._get(row, self.mandates, "mandatsreferenz", "Dieses Mandat gibt es nicht.")
            if mandate.bank_account.customer_id != customer.pk:
                raise RowRefused(
                    row, "mandatsreferenz", "Das Mandat gehört einem anderen Kunden.", "Referenz prüfen."
                )
        account = self.accounts.get(row["vertragskonto"] or "")
        if account is not None and account.customer_id != customer.pk:
            raise RowRefused(
                row, "vertragskonto", "Das Vertragskonto gehört einem anderen Kunden.", "Nummer prüfen."
            )
        state = self._state(row, place, product, start, end)
        contract = SupplyContract(
            client_id=self.client_id, number=row["vertragsnummer"], customer=customer, market_location=place,
            supply=DateRange(start, end), state=state, signed_on=row["abgeschlossen_am"],
        )  # fmt: skip
        self._account(contract, row["vertragskonto"], account, mandate)
        self.fresh.append((contract, product, mandate))
        return True

    def _get(self, row: Row, table: dict[str, Any], column: str, cause: str) -> Any:
        if row[column] not in table:
            raise RowRefused(row, column, cause, "Zuerst anlegen oder importieren.")
        return table[row[column]]

    def _compare(self, row: Row, known: SupplyContract) -> None:
        same = (
            known.customer.number == row["kundennummer"]
            and known.market_location.market_location_id == row["marktlokation"]
            and known.supply.lower == row["lieferbeginn"]
        )
        if not same:
            cause = "Unter dieser Nummer gibt es schon einen anderen Vertrag."
            raise RowRefused(row, "vertragsnummer", cause, "Vertrag im Arbeitsplatz ändern.")

    def _state(self, row: Row, place: MarketLocation, product: Product, start: date, end: date | None) -> str:
        if row["aktiv"] is False:
            return SupplyContract.State.DRAFT
        missing = gaps(self._facts(place, product, start))
        if missing:
            cause = f"Der Vertrag kann nicht aktiv werden. Es fehlt: {', '.join(missing)}."
            raise RowRefused(
                row, "aktiv", cause, "Stammdaten ergänzen oder mit aktiv = nein als Entwurf laden."
            )
        for number, supply in self.supplied.get(place.pk, ()):
            if (supply.upper is None or start < supply.upper) and (end is None or supply.lower < end):
                cause = f"Die Marktlokation wird in dieser Zeit schon unter Vertrag {number} beliefert."
                raise RowRefused(row, "lieferbeginn", cause, "Lieferzeiten prüfen.")
        self.supplied.setdefault(place.pk, []).append((row["vertragsnummer"], DateRange(start, end)))
        return SupplyContract.State.ENDED if end is not None else SupplyContract.State.ACTIVE

    def _facts(self, place: MarketLocation, product: Product, start: date) -> ContractFacts:
        metering = next(iter(place.metering_locations.all()), None)
        meter = next((m for m in self.meters.get(place.pk, ()) if m.hangs_on(start)), None)
        price = next((p for p in self.prices.get(product.pk, ()) if start in p.valid), None)
        return ContractFacts(
            market_location_id=place.market_location_id,
            metering_location_id=metering.metering_location_id if metering else "",
            meter_number=meter.number if meter else "",
            profile=place.profile,
            annual_forecast_kwh=place.annual_forecast_kwh,
            product=product.code,
            price=str(price.energy_ct_per_kwh) if price else "",
            concession_fee_class=place.concession_fee_class,
            grid_operator=place.grid_operator.name if place.grid_operator else "",
        )

    def _account(
        self,
        contract: SupplyContract,
        number: str | None,
        known: ContractAccount | None,
        mandate: Mandate | None,
    ) -> None:
        """The account of the contract: known, new under the given number, or (number None) drawn later."""
        account = known or ContractAccount(
            client_id=self.client_id, number=number or "", customer=contract.customer
        )
        if mandate is not None:
            account.mandate = mandate
            account.payment_method = ContractAccount.PaymentMethod.DIRECT_DEBIT
        if number:
            self.accounts[number] = account
        contract.contract_account = account

    def save(self, user: User | None, at: datetime) -> None:
        """Sub-ledger accounts, contract accounts, contracts, conditions: each level in one statement."""
        accounts = list({id(c.contract_account): c.contract_account for c, _, _ in self.fresh}.values())
        new, old = [a for a in accounts if a.pk is None], [a for a in accounts if a.pk is not None]
        self._number([a for a in new if not a.number])
        ledger_side = [Subaccount(client_id=self.client_id, number=a.number) for a in new]
        Subaccount.objects.bulk_create(ledger_side, batch_size=1000)
        for account, subaccount in zip(new, ledger_side, strict=True):
            account.subaccount = subaccount
        ContractAccount.objects.bulk_create(new, batch_size=1000)
        ContractAccount.objects.bulk_update(old, ["mandate", "payment_method"], batch_size=1000)
        for contract, _, _ in self.fresh:
            contract.contract_account_id = contract.contract_account.pk
        made = SupplyContract.objects.bulk_create([c for c, _, _ in self.fresh], batch_size=1000)
        conditions = [
            ContractCondition(
                client_id=self.client_id, contract=c, product=p, valid=c.supply, reason="Vertragsabschluss"
            )
            for c, p, _ in self.fresh
        ]
        ContractCondition.objects.bulk_create(conditions, batch_size=1000)
        audit.record_many(
            client_id=self.client_id, at=at, user=user, action="imported",
            object_kind="contracts.supplycontract", object_ids=[c.pk for c in made],
        )  # fmt: skip

    def _number(self, accounts: list[ContractAccount]) -> None:
        """Give accounts the next numbers of the range that nobody carries."""
        while accounts:
            drawn = numbers.draw(client_id=self.client_id, name="contract_account", count=len(accounts))
            taken = set(
                Subaccount.objects.filter(client_id=self.client_id, number__in=drawn).values_list(
                    "number", flat=True
                )
            )
            for number in drawn:
                if number not in taken and number not in self.accounts:
                    accounts.pop().number = number


CONTRACTS = _Contracts()
