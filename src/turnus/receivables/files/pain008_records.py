"""What a direct debit file consists of. Amounts in euro as `Decimal` with two places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from turnus.receivables.files.records import Finding

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"


@dataclass(frozen=True, slots=True)
class Address:
    """A structured postal address; town and two-letter country are what the German subset demands."""

    town: str
    country: str
    street: str = ""
    building: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What changed in a mandate since its last collection; empty fields are not reported.

    `account_changed` reports SMNDA (same mandate, new debtor account), whatever the bank.
    """

    original_mandate_id: str = ""
    original_creditor_id: str = ""
    original_creditor_name: str = ""
    account_changed: bool = False


@dataclass(frozen=True, slots=True)
class DirectDebit:
    """One collection. `amount` in euro, greater than zero, whole cents. `bic` may be empty (IBAN only)."""

    end_to_end_id: str
    amount: Decimal
    mandate_id: str
    mandate_signed: date
    debtor_name: str
    debtor_iban: str
    remittance: str
    debtor_bic: str = ""
    address: Address | None = None
    amendment: Amendment | None = None
    ultimate_debtor: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Creditor:
    name: str
    iban: str
    creditor_id: str
    bic: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One `PmtInf`: debits of one scheme (`CORE`/`B2B`), sequence type and collection date.

    `count` and `total` precede the debits in the file and are therefore given; the writer proves them.
    """

    batch_id: str
    scheme: str
    sequence: str
    collection_date: date
    creditor: Creditor
    count: int
    total: Decimal
    debits: Iterable[DirectDebit]


@dataclass(frozen=True, slots=True)
class Collection:
    """A whole file. `created` must carry a time zone; it is written in UTC with `Z`."""

    message_id: str
    created: datetime
    initiator: str
    batches: Sequence[Batch]


class Pain008Refused(ValueError):
    """The file was not written to its end; `findings` say why. What was written must be thrown away."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = tuple(findings)
