"""What a credit transfer file consists of. Amounts in euro as `Decimal` with two places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from turnus.receivables.files.records import Finding

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# Purpose of a transfer that sends received money back (the banks' usage rule to `Purp`).
TRANSFER_BACK = "RRCT"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment to `creditor_iban`. `amount` in euro, greater than zero, whole cents; no BIC needed."""

    end_to_end_id: str
    amount: Decimal
    creditor_name: str
    creditor_iban: str
    remittance: str
    creditor_bic: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who pays, from which account."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class TransferFile:
    """A whole file with one batch (`PmtInf`) of the same number.

    `count` and `total` precede the transfers in the file and are therefore given; the writer proves them.
    `created` must carry a time zone; it is written in UTC with `Z`.
    """

    message_id: str
    created: datetime
    execution_date: date
    debtor: Debtor
    count: int
    total: Decimal
    transfers: Iterable[Transfer]


class Pain001Refused(ValueError):
    """The file was not written to its end; `findings` say why. What was written must be thrown away."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = tuple(findings)
