"""Import of bank accounts with mandates. A whole file waits for one approval by a second person."""

from collections.abc import Sequence
from datetime import date, datetime

from turnus.clients.services import machine_user
from turnus.lib.csv_table import Column, Row, choice, day, text
from turnus.masterdata.models import BankAccount, Customer, Mandate
from turnus.masterdata.services import InvalidInput, check_iban
from turnus.masterdata.services.bank_accounts import APPROVAL_KIND, WAITING
from turnus.system import audit
from turnus.system.imports import RowRefused, Written
from turnus.system.models import User
from turnus.worklist.models import Approval
from turnus.worklist.services import propose

_SCHEMES = {"Basis": "CORE", "Firmen": "B2B"}


class _BankAccounts:
    title = "Bankverbindungen und Mandate"
    key = ("kundennummer", "iban", "mandatsreferenz")
    chunk_size = 20_000
    columns = (
        Column("kundennummer", text(20), "Kundennummer", "K1000001"),
        Column("iban", text(42), "IBAN", "DE02120300000000202051"),
        Column("kontoinhaber", text(70), "Kontoinhaber", "Erika Muster"),
        Column("mandatsreferenz", text(35), "Mandatsreferenz", "M00000001", required=False),
        Column("unterschrieben_am", day, "Datum des Mandats", "01.12.2024", required=False),
        Column(
            "verfahren",
            choice(_SCHEMES),
            "Basis oder Firmen",
            "Basis",
            required=False,
        ),
        Column("zuletzt_genutzt", day, "letzter Einzug", "15.09.2026", required=False),
    )

    def write(self, *, client_id: int, rows: Sequence[Row], user: User | None, at: datetime) -> Written:
        """Write accounts and mandates set-wise; what is new, or was left unproposed, waits for approval.

        Without a user the machine user of imports is the first pair of eyes.
        """
        user = user or machine_user(client_id=client_id, name="import", title="CSV-Import")
        found = Customer.objects.filter(client_id=client_id, number__in={r["kundennummer"] for r in rows})
        customers = {c.number: c for c in found}
        references = {r["mandatsreferenz"] for r in rows}
        mandates = {
            m.reference: m
            for m in Mandate.objects.filter(client_id=client_id, reference__in=references).select_related(
                "bank_account"
            )
        }
        known = {
            (b.customer_id, b.iban): b
            for b in BankAccount.objects.filter(client_id=client_id, customer__in=customers.values())
        }
        done, batch = Written(), _Batch(client_id, user, known, mandates)
        for row in rows:
            try:
                if batch.take(row, customers, at.date()):
                    done.new += 1
                else:
                    done.unchanged += 1
            except RowRefused as refused:
                done.errors.append(refused.error)
        batch.save(at)
        return done


class _Batch:
    """The accounts and mandates of one chunk on their way into the database."""

    def __init__(
        self,
        client_id: int,
        user: User,
        known: dict[tuple[int, str], BankAccount],
        mandates: dict[str, Mandate],
    ) -> None:
        self.client_id, self.user, self.known, self.by_reference = client_id, user, known, mandates
        self.accounts: list[BankAccount] = []
        self.mandates: list[Mandate] = []
        self.waiting: set[int] = set()

    def take(self, row: Row, customers: dict[str, Customer], today: date) -> bool:
        """Prepare a row; False if everything of it is known.

        Raises:
            RowRefused: unknown customer, wrong IBAN, mandate taken or without date.
        """
        customer = customers.get(row["kundennummer"])
        if customer is None:
            remedy = "Zuerst die Kunden importieren."
            raise RowRefused(row, "kundennummer", "Diesen Kunden gibt es nicht.", remedy)
        try:
            iban, bic = check_iban(row["iban"])
        except InvalidInput as error:
            raise RowRefused(row, "iban", str(error), "IBAN beim Kunden erfragen.") from error
        reference = row["mandatsreferenz"]
        self._check_mandate(row, reference, customer, iban, today)
        account = self.known.get((customer.pk, iban))
        new_account = account is None
        if account is None:
            account = BankAccount(
                client_id=self.client_id, customer=customer, iban=iban, bic=bic,
                holder=row["kontoinhaber"], entered_by=self.user,
            )  # fmt: skip
            self.known[customer.pk, iban] = account
            self.accounts.append(account)
        elif account.approved_at is None and account.pk is not None:
            self.waiting.add(account.pk)
        if not reference or reference in self.by_reference:
            return new_account
        mandate = Mandate(
            client_id=self.client_id, bank_account=account, reference=reference,
            signed_on=row["unterschrieben_am"], scheme=row["verfahren"] or "CORE",
            last_used_on=row["zuletzt_genutzt"], status=Mandate.Status.BLOCKED, blocked_reason=WAITING,
        )  # fmt: skip
        self.by_reference[reference] = mandate
        self.mandates.append(mandate)
        return True

    def _check_mandate(
        self, row: Row, reference: str | None, customer: Customer, iban: str, today: date
    ) -> None:
        if not reference:
            return
        if row["unterschrieben_am"] is None:
            raise RowRefused(row, "unterschrieben_am", "Ein Mandat braucht sein Datum.", "Datum nachtragen.")
        if row["unterschrieben_am"] > today:
            raise RowRefused(row, "unterschrieben_am", "Das Datum liegt in der Zukunft.", "Datum prüfen.")
        taken = self.by_reference.get(reference)
        if taken and (taken.bank_account.customer_id, taken.bank_account.iban) != (customer.pk, iban):
            cause = "Diese Mandatsreferenz gehört zu einer anderen Bankverbindung."
            raise RowRefused(row, "mandatsreferenz", cause, "Eigene Referenz je Mandat vergeben.")

    def save(self, at: datetime) -> None:
        """Write what is new and ask for one approval of all of it."""
        BankAccount.objects.bulk_create(self.accounts, batch_size=1000)
        for mandate in self.mandates:
            mandate.bank_account_id = mandate.bank_account.pk
        Mandate.objects.bulk_create(self.mandates, batch_size=1000)
        audit.record_many(
            client_id=self.client_id, at=at, user=self.user, action="imported",
            object_kind="masterdata.bankaccount", object_ids=[a.pk for a in self.accounts],
        )  # fmt: skip
        new = {account.pk for account in self.accounts} | self._unproposed()
        new |= {m.bank_account_id for m in self.mandates if m.bank_account.approved_at is None}
        touched = sorted(new)
        if not (touched or self.mandates):
            return
        first = touched[0] if touched else self.mandates[0].bank_account_id
        propose(
            client_id=self.client_id, kind=APPROVAL_KIND,
            object_kind="masterdata.bankaccount", object_id=first,
            title=f"CSV-Import: {len(touched)} Bankverbindungen, {len(self.mandates)} Mandate",
            amount=None, user=self.user, at=at,
            details={"bank_accounts": touched, "mandates": [m.pk for m in self.mandates], "collect": []},
        )  # fmt: skip

    def _unproposed(self) -> set[int]:
        """Accounts of the file that are known, not approved and in nobody's inbox."""
        proposed: set[int] = set()
        if self.waiting:
            rows = Approval.objects.filter(
                client_id=self.client_id, kind=APPROVAL_KIND, state=Approval.State.OPEN
            )
            for details in rows.values_list("details", flat=True):
                proposed.update(details["bank_accounts"])
        return self.waiting - proposed


BANK_ACCOUNTS = _BankAccounts()
