"""The principal's bank: statements with collections, transfers, returns and payers nobody knows."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from turnus.demo.portfolio import iban_of
from turnus.demo.setup import house_iban, moment
from turnus.demo.world import World, euros
from turnus.masterdata.models import ContractAccount
from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.models import Debit, OpenItem
from turnus.receivables.services import ImportResult, import_statement

FEE = Decimal("3.00")


@dataclass
class Day:
    """What goes over the account on one day, in the order of the statement."""

    day: date
    bookings: list[Booking] = field(default_factory=list)

    def book(self, *payments: Payment, batch_id: str = "") -> None:
        """Add a line; several payments make a batch booking."""
        reference = f"{self.day:%y%m%d}{len(self.bookings) + 1:05d}"
        self.bookings.append(Booking(reference, self.day, payments, batch_id=batch_id))


def collect(day: Day, debits: Sequence[Debit]) -> None:
    """Our own debits are credited: one sum per batch of the file, as most banks book them."""
    batches: dict[str, int] = {}
    for debit in debits:
        batches[debit.batch_id] = batches.get(debit.batch_id, 0) + debit.amount_cents
    for batch_id, cents in batches.items():
        day.book(Payment(euros(cents), "collection", remittance="SEPA-Sammellastschrift"), batch_id=batch_id)


def give_back(day: Day, debit: Debit, reason: str) -> None:
    """A debit comes back with the bank's fee."""
    amount = -(euros(debit.amount_cents) + FEE)
    day.book(
        Payment(
            amount, "return", debit.debtor, debit.iban, debit.remittance, debit.end_to_end_id,
            debit.mandate.reference, reason, FEE,
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a customer owes on an account and wants to pay now."""

    account: ContractAccount
    item: OpenItem
    name: str
    iban: str

    def payment(self, remittance: str, amount: Decimal | None = None) -> Payment:
        return Payment(
            amount if amount is not None else euros(self.item.open_cents),
            "credit",
            self.name,
            self.iban,
            remittance,
        )


def transfers(world: World, *, due_by: date, kinds: Iterable[str] = ("instalment", "bill")) -> list[Transfer]:
    """Open items of customers who pay by transfer, due by a day, with the payer's own account."""
    people = world.by_account()
    accounts = {
        a.pk: a
        for a in ContractAccount.objects.filter(
            client_id=world.client_id, payment_method=ContractAccount.PaymentMethod.TRANSFER
        )
    }
    items = OpenItem.objects.filter(
        client_id=world.client_id, subaccount__in=accounts, side=1, open_cents__gt=0, due_date__lte=due_by,
        kind__in=list(kinds),
    ).order_by("due_date", "id")  # fmt: skip
    found = []
    for item in items:
        account = accounts[item.subaccount_id]
        customer, _ = people[account.number]
        found.append(Transfer(account, item, customer.full_name, customer.iban))
    return found


def stranger(day: Day, *, name: str, amount: str, remittance: str, number: int) -> None:
    """Money from somebody the principal does not know under this name or account."""
    day.book(Payment(Decimal(amount), "credit", name, iban_of("76026000", number), remittance))


def deliver(world: World, days: Sequence[Day]) -> ImportResult:
    """Write one statement with these days' lines, lay it into the folder and import it."""
    last = days[-1].day
    bookings = [booking for day in days for booking in day.bookings]
    noted = world.memory()
    opening, number = Decimal(noted["balance"]), noted["statements"] + 1
    total = sum((b.amount for b in bookings), Decimal(0))
    spec = world.portfolio.principal
    page = Page(f"{last.year}-{number:04d}", house_iban(spec), spec.name, opening, total, last)
    target = io.BytesIO()
    write_camt053(page, bookings, target)
    path = world.write(f"bank/{last:%Y-%m-%d}_camt053_{number:04d}.xml", target.getvalue())
    result = import_statement(
        client_id=world.client_id,
        content=target.getvalue(),
        name=path.name,
        at=moment(last, 18),
        user=world.staff.machine,
    )
    world.remember(balance=str(opening + total), statements=number)
    return result
