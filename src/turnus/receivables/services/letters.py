"""Letters of receivables: letterhead, recipient and frame from master data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from turnus.clients.models import HouseBank
from turnus.clients.models import Letterhead as LetterheadRow
from turnus.documents.calc.letters import LetterFrame
from turnus.documents.calc.parties import Letterhead, PostalAddress, Recipient
from turnus.masterdata.models import ContractAccount, Customer
from turnus.system.models import Principal


class NoLetterhead(LookupError):
    """The principal has no letterhead or no house bank; a letter cannot be written."""


@dataclass(frozen=True, slots=True)
class Stationery:
    """What the letters of one principal share."""

    letterhead: Letterhead
    accounts: dict[int, ContractAccount]

    def customer(self, account_id: int) -> Customer:
        customer: Customer = self.accounts[account_id].customer
        return customer

    def frame(self, *, account_id: int, on: date, subject: str, number: str) -> LetterFrame:
        """The frame of a letter to the customer of an account."""
        account = self.accounts[account_id]
        customer = account.customer
        references = (("Vertragskonto", account.number), ("Unser Zeichen", number))
        return LetterFrame(self.letterhead, recipient_of(customer), on, subject, customer.number, references)


def stationery(*, client_id: int, account_ids: Iterable[int]) -> Stationery:
    """Load letterhead and customers set-wise. Raises: `NoLetterhead`."""
    head = LetterheadRow.objects.filter(client_id=client_id).first()
    bank = HouseBank.objects.filter(client_id=client_id).order_by("id").first()
    if head is None or bank is None:
        missing = "Briefkopf" if head is None else "Hausbank"
        raise NoLetterhead(f"Es fehlt: {missing}. In den Stammdaten des Auftraggebers ergänzen.")
    short_name = Principal.objects.get(pk=client_id).name
    accounts = ContractAccount.objects.filter(pk__in=list(account_ids)).select_related("customer__address")
    return Stationery(_letterhead(head, bank, short_name), {account.pk: account for account in accounts})


def _letterhead(head: LetterheadRow, bank: HouseBank, short_name: str) -> Letterhead:
    return Letterhead(
        name=head.company,
        short_name=short_name,
        address=PostalAddress(head.street, head.postal_code, head.city),
        register_court=head.register_court,
        register_number=head.register_number,
        managing_directors=tuple(name.strip() for name in head.managing_directors.split(",") if name.strip()),
        tax_number=head.tax_number,
        vat_id=head.vat_id,
        hotline=head.hotline,
        email=head.email,
        web=head.web,
        bank_name=bank.bank_name,
        iban=bank.iban,
        bic=bank.bic,
        creditor_id=bank.creditor_id,
        primary=head.colour,
        logo_svg=head.logo_svg,
    )


def recipient_of(customer: Customer) -> Recipient:
    """Addressee with the salutation the customer has chosen."""
    address = customer.address
    street = f"{address.street} {address.house_number}".strip()
    country = "" if address.country == "DE" else address.country
    salutation = {"ms": f"Guten Tag, Frau {customer.name},", "mr": f"Guten Tag, Herr {customer.name},"}
    return Recipient(
        (customer.full_name,),
        PostalAddress(street, address.postal_code, address.city, country),
        salutation.get(customer.salutation, "Guten Tag,"),
    )
