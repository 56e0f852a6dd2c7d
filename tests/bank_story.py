"""A principal with a house bank, and the words in which stories about its money are told."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import factories as make
from turnus.clients.models import HouseBank, Letterhead
from turnus.ledger.services import seed_accounts
from turnus.masterdata.models import ContractAccount
from turnus.receivables import checks, services
from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.models import Debit, OpenItem
from turnus.receivables.services import BillPosting, ImportResult, InstalmentRequest, VatPart
from turnus.system.models import Principal

NOW = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 9)
HOUSE = "DE02120300000000202051"
PAYER = "DE02500105170137075030"
NINETEEN = Decimal(19)


class Story:
    """One principal with a house bank, and the words the stories are told in. Amounts in euros."""

    def __init__(self) -> None:
        self.client: Principal = make.principal("stadtwerk-a")
        seed_accounts(client_id=self.client.pk)
        HouseBank.objects.create(
            client=self.client, iban=HOUSE, holder="Stadtwerke", creditor_id="DE98ZZZ09999999999"
        )
        self.clerk, self.lead = make.user("karla", self.client), make.user("lena", self.client, "lead")
        self.files = 0

    def letterhead(self) -> None:
        fields = (
            "company",
            "street",
            "city",
            "register_court",
            "register_number",
            "tax_number",
            "hotline",
            "web",
        )
        values = dict.fromkeys(fields, "x")
        Letterhead.objects.create(
            client=self.client, postal_code="45127", managing_directors="A. B.", email="a@b.de", **values
        )

    def payer(self, *, debit: bool = False, **fields: object) -> ContractAccount:
        customer = make.customer(self.client, **fields)
        if not debit:
            return make.contract_account(customer)
        mandate = make.mandate(customer, PAYER)
        return make.contract_account(customer, mandate=mandate, payment_method="direct_debit")

    def bill(self, account: ContractAccount, number: str, gross: str, **changes: object) -> OpenItem:
        net = (Decimal(gross) / Decimal("1.19")).quantize(Decimal("0.01"))
        values = {
            "key": number,
            "subaccount_id": account.pk,
            "bill_number": number,
            "bill_date": date(2026, 10, 1),
            "due_date": date(2026, 10, 20),
            "division": "electricity",
            "parts": (VatPart(NINETEEN, net, Decimal(gross) - net),),
            **changes,
        }
        made = services.post_bills(
            client_id=self.client.pk,
            bills=[BillPosting(**values)],  # type: ignore[arg-type]
            posting_date=date(2026, 10, 1),
            user=None,
            at=NOW,
        )
        return OpenItem.objects.get(pk=made[number])

    def instalments(self, account: ContractAccount, *months: int, gross: str = "98.00") -> list[str]:
        keys = [f"{account.pk}:{month:02d}" for month in months]
        requests = [
            InstalmentRequest(
                key, account.pk, date(2026, month, 2), Decimal(gross), NINETEEN, "electricity", f"A{month}",
                date(2026, 1, 5),
            )
            for key, month in zip(keys, months, strict=True)
        ]  # fmt: skip
        services.request_instalments(
            client_id=self.client.pk, requests=requests, posting_date=date(2026, 10, 1), user=None, at=NOW
        )
        return keys

    def statement(self, *payments: Payment, batch_id: str = "", together: bool = False) -> bytes:
        self.files += 1
        groups = [payments] if together else [(payment,) for payment in payments]
        bookings = [
            Booking(f"REF{self.files}-{n}", DAY, tuple(group), batch_id=batch_id)
            for n, group in enumerate(groups)
        ]
        total = sum((booking.amount for booking in bookings), Decimal(0))
        target = io.BytesIO()
        write_camt053(Page(f"S{self.files}", HOUSE, "Stadtwerke", Decimal(0), total, DAY), bookings, target)
        return target.getvalue()

    def take(self, content: bytes, name: str = "auszug.xml") -> ImportResult:
        return services.import_statement(
            client_id=self.client.pk, content=content, name=name, at=NOW, user=self.clerk
        )

    def collected(self, account: ContractAccount) -> Debit:
        """The account's open claims, collected by a released run and credited by the bank."""
        run = services.plan_debit_run(
            client_id=self.client.pk, collect_on=date(2026, 11, 16), today=DAY, user=self.clerk, at=NOW
        )
        services.release_debit_run(run_id=run.pk, user=self.lead, at=NOW)
        debit = Debit.objects.get(run=run, subaccount_id=account.pk)
        amount = sum((Decimal(one.amount_cents) / 100 for one in run.debits.all()), Decimal(0))
        self.take(self.statement(Payment(amount, "collection"), batch_id=debit.batch_id))
        debit.refresh_from_db()
        return debit

    def verify(self) -> None:
        for check in (checks.check_open_items, checks.check_clearings, checks.check_bank):
            assert check(client_id=self.client.pk)[1] == []
