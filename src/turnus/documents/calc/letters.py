"""Letters other than bills: what each kind of letter says, and the blocks it is printed from.

A letter is a frame (who to whom, when, about what) and a list of blocks. The specific records exist so that
a caller cannot forget what the law wants in that letter; `render/letters.py` turns them into words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.documents.calc.consumer import ConsumerInformation
from turnus.documents.calc.parties import Letterhead, Recipient

__all__ = [
    "Block",
    "Bullets",
    "Change",
    "Collection",
    "ExplanationLetter",
    "Facts",
    "GeneralLetter",
    "Heading",
    "Highlight",
    "LetterFrame",
    "OverdueItem",
    "Paragraph",
    "PreNotification",
    "ReminderLetter",
    "Table",
]


@dataclass(frozen=True, slots=True)
class LetterFrame:
    """What every letter carries around its text. `references`: label and value in the information block."""

    letterhead: Letterhead
    recipient: Recipient
    letter_date: date
    subject: str
    customer_number: str
    references: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a section within a letter."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Highlight:
    """The one thing to know: a label, a figure in large type, a sentence beside it.

    `transfer`: content of a code for banking apps (`render.qrcode.epc_payload`), empty for none.
    """

    label: str
    value: str
    note: str = ""
    transfer: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as printed. `numeric` names the right-aligned columns, `total` is set off as the last row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    total: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        width = len(self.header)
        for row in (*self.rows, *([self.total] if self.total else [])):
            if len(row) != width:
                raise ValueError(f"Tabelle mit {width} Spalten hat eine Zeile mit {len(row)}: {row}")


Block = Paragraph | Heading | Bullets | Highlight | Facts | Table


@dataclass(frozen=True, slots=True)
class GeneralLetter:
    """Any letter written from blocks: deferral, plan, clarification, threat of termination."""

    frame: LetterFrame
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class OverdueItem:
    """One overdue claim: `original` as once requested, `open_amount` what is left, euro gross."""

    label: str
    due_date: date
    original: Decimal
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class ReminderLetter:
    """Dunning level 1 (or a later written level): every overdue item of one account in one letter.

    `fee` and `interest` in euro, zero where none is charged; `total` must be their sum with the open amounts
    (ValueError). `iban` and `bank_name` of the principal come from the letterhead.
    """

    frame: LetterFrame
    level: int
    items: tuple[OverdueItem, ...]
    pay_until: date
    payment_reference: str
    total: Decimal
    fee: Decimal = Decimal("0.00")
    interest: Decimal = Decimal("0.00")
    by_direct_debit_again: bool = False

    def __post_init__(self) -> None:
        expected = sum((item.open_amount for item in self.items), Decimal(0)) + self.fee + self.interest
        if expected != self.total:
            raise ValueError(
                f"Mahnung: Posten, Kosten und Zinsen ergeben {expected}, angegeben ist {self.total}"
            )
        if self.pay_until <= self.frame.letter_date:
            raise ValueError(f"Mahnung: Zahlungsziel {self.pay_until} liegt nicht nach dem Briefdatum")


@dataclass(frozen=True, slots=True)
class Collection:
    """One announced direct debit."""

    collect_on: date
    amount: Decimal
    purpose: str


@dataclass(frozen=True, slots=True)
class PreNotification:
    """SEPA pre-notification: amount, date, mandate and creditor id of each coming debit."""

    frame: LetterFrame
    collections: tuple[Collection, ...]
    iban: str
    mandate_reference: str
    account_holder: str = ""

    def __post_init__(self) -> None:
        if not self.mandate_reference or not self.frame.letterhead.creditor_id:
            raise ValueError("Vorabankündigung braucht Mandatsreferenz und Gläubiger-Identifikationsnummer")
        late = [c for c in self.collections if c.collect_on <= self.frame.letter_date]
        if late or not self.collections:
            raise ValueError("Vorabankündigung braucht Einzüge, die nach dem Briefdatum liegen")


@dataclass(frozen=True, slots=True)
class Change:
    """One corrected figure, as printed: what it is, before, after, difference."""

    label: str
    old: str
    new: str
    difference: str


@dataclass(frozen=True, slots=True)
class ExplanationLetter:
    """Why a bill was corrected, in plain German, with old and new values (acceptance M09)."""

    frame: LetterFrame
    cause: str
    changes: tuple[Change, ...]
    old_bill: str
    cancellation: str
    new_bill: str
    old_gross: Decimal
    new_gross: Decimal
    outcome: str
    consumer: ConsumerInformation | None = None
    details: tuple[str, ...] = ()

    @property
    def difference(self) -> Decimal:
        """New minus old, euro gross: negative is in favour of the customer."""
        return self.new_gross - self.old_gross
