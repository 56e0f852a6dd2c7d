"""What a room hands over to be posted. Amounts in cents: debit positive, credit negative."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LegDraft:
    """One line. `account_id` from `AccountTable.of`; `subaccount_id` exactly on control accounts."""

    account_id: int
    cents: int
    subaccount_id: int | None = None
    vat_percent: Decimal | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class JournalDraft:
    """A posting. `key` is the business key: posted once, whatever happens.

    `body` is anything else that must not differ when the same key comes again (an open item's due date).
    """

    key: str
    kind: str
    posting_date: date
    document_date: date
    legs: tuple[LegDraft, ...]
    reference: str = ""
    text: str = ""
    reverses: UUID | None = None
    body: str = ""

    @property
    def month(self) -> str:
        return f"{self.posting_date:%Y-%m}"

    def fingerprint(self) -> str:
        """SHA-256 over everything that matters; the posting date is not part of it (a retry comes later)."""
        parts: list[Any] = [self.kind, self.document_date, self.reference, self.reverses or "", self.body]
        parts += [
            (leg.account_id, leg.cents, leg.subaccount_id or "", _rate(leg.vat_percent)) for leg in self.legs
        ]
        return hashlib.sha256(repr([str(part) for part in parts]).encode()).hexdigest()


def _rate(percent: Decimal | None) -> str:
    return "" if percent is None else f"{percent:.2f}"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a draft. `leg_ids` in the order of its legs; `created` is False for a repetition."""

    key: str
    journal_id: UUID
    leg_ids: tuple[int, ...]
    created: bool
