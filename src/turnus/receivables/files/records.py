"""What a bank statement says, whatever format it came in.

One shape for camt.052/053/054 of every version and for MT940/MT942. Amounts are `Decimal` in the
currency of the account, signed from the point of view of the account: a credit is positive, a debit
negative. Dates are calendar days of the bank. Empty text is `""`, never `None`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

BOOKED = "BOOK"
PENDING = "PDNG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a file: what, where, why, and what to do about it.

    `code` is stable English for programs, `text` and `remedy` are German for clerks.
    `severity` is `"error"` (the file must not be posted) or `"warning"`.
    """

    code: str
    place: str
    text: str
    remedy: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.text} {self.remedy}".strip()


class FileRefused(ValueError):
    """The file cannot be taken in; `finding` names place, cause and remedy."""

    def __init__(self, name: str, finding: Finding) -> None:
        super().__init__(f"{name}: {finding}")
        self.name = name
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance of the account. `code` is the ISO balance type (`OPBD`, `CLBD`, …)."""

    code: str
    amount: Decimal
    currency: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Transaction:
    """One payment inside an entry; a batch booking holds several, each with its own sign.

    `amount` is what moved on the account. For a returned direct debit it is the original amount plus the
    bank's charges, negative; `original_amount` and `charges` (both unsigned) split it.
    `bank_code` is the ISO code as `domain/family/sub-family`; `gvc` the three-digit German
    Geschäftsvorfallcode, `text_key` its extension (Textschlüsselergänzung, e.g. `914`).
    """

    position: int
    amount: Decimal
    currency: str
    end_to_end_id: str = ""
    mandate_id: str = ""
    creditor_id: str = ""
    servicer_reference: str = ""
    instruction_id: str = ""
    batch_id: str = ""
    return_reason: str = ""
    return_text: str = ""
    original_amount: Decimal | None = None
    charges: Decimal | None = None
    original_bank_code: str = ""
    bank_code: str = ""
    gvc: str = ""
    text_key: str = ""
    name: str = ""
    iban: str = ""
    bic: str = ""
    remittance: str = ""
    reference: str = ""
    additional: str = ""

    @property
    def is_return(self) -> bool:
        """True for a direct debit or transfer that came back, whatever way the bank says so."""
        return (
            bool(self.return_reason or self.original_bank_code)
            or self.gvc in RETURN_GVC
            or self.bank_code.rsplit("/", 1)[-1] in RETURN_FAMILIES
        )


# Returned debits B2B/CORE, returned transfers; Sammel-Rücklastschrift. Source: DK, GVC list of Anlage 3.
RETURN_GVC = frozenset({"108", "109", "159", "184", "185"})
# ISO 20022 sub-families: reversals and returns of debits and credits.
RETURN_FAMILIES = frozenset({"UPDD", "PRDD", "RRTN", "ARET"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the statement.

    `key` is the same whenever the bank delivers the same booking again in the same kind of file;
    `cross_key` is the weaker mark by which a booking is recognised that came before in another kind of file
    (camt.054, then camt.053). `place` locates the line in its file for messages.
    """

    position: int
    amount: Decimal
    currency: str
    status: str
    reversal: bool
    booking_date: date | None
    value_date: date | None
    reference: str
    servicer_reference: str
    bank_code: str
    gvc: str
    additional: str
    transactions: tuple[Transaction, ...]
    key: str
    cross_key: str
    place: str

    @property
    def booked(self) -> bool:
        return self.status == BOOKED


@dataclass(frozen=True, slots=True)
class StatementHeader:
    """What a statement says before its lines. `account` is the IBAN or, failing that, what stands there."""

    position: int
    statement_id: str
    sequence: str
    account: str
    currency: str
    owner: str
    balances: tuple[Balance, ...]
    page: int = 1
    last_page: bool = True
    summary: "Summary | None" = None

    def balance(self, *codes: str) -> Balance | None:
        """The first balance of the first code present."""
        for code in codes:
            for balance in self.balances:
                if balance.code == code:
                    return balance
        return None

    @property
    def opening(self) -> Balance | None:
        return self.balance("OPBD", "PRCD")

    @property
    def closing(self) -> Balance | None:
        return self.balance("CLBD")


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals the bank claims for its lines; sums unsigned, `None` where the bank is silent."""

    entries: int | None = None
    credit_entries: int | None = None
    credit_sum: Decimal | None = None
    debit_entries: int | None = None
    debit_sum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FileHeader:
    """`kind` is `camt.053`, `camt.054`, `camt.052`, `mt940` or `mt942`; `version` the full message name."""

    kind: str
    version: str
    message_id: str
    findings: tuple[Finding, ...] = ()

    @property
    def posts(self) -> bool:
        """Only end-of-day statements and booking notifications are posted; intraday reports inform."""
        return self.kind in ("camt.053", "camt.054", "mt940")


@dataclass(frozen=True, slots=True)
class StatementEnd:
    """Closes a statement: how many lines came, their sums, and what does not add up."""

    position: int
    entries: int
    credit_sum: Decimal
    debit_sum: Decimal
    findings: tuple[Finding, ...]


Event = FileHeader | StatementHeader | Entry | StatementEnd


@dataclass(frozen=True, slots=True)
class Statement:
    header: StatementHeader
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A whole statement file in memory; for large files consume the events instead."""

    header: FileHeader
    statements: tuple[Statement, ...] = field(default=())

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.header.findings + tuple(f for s in self.statements for f in s.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity == "error")

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(e for s in self.statements for e in s.entries)


def collect(events: Iterator[Event]) -> StatementFile:
    """Gather the events of one file. Raises `ValueError` if the stream holds no file header."""
    header: FileHeader | None = None
    statements: list[Statement] = []
    current: StatementHeader | None = None
    entries: list[Entry] = []
    for event in events:
        match event:
            case FileHeader():
                header = event
            case StatementHeader():
                current, entries = event, []
            case Entry():
                entries.append(event)
            case StatementEnd():
                if current is not None:
                    statements.append(Statement(current, tuple(entries), event.findings))
    if header is None:
        raise ValueError("Der Datenstrom enthält keine Datei.")
    return StatementFile(header, tuple(statements))
