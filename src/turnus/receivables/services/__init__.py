"""Use cases of receivables: what other rooms, screens, jobs and commands call.

Euros as `Decimal` at this border, cents inside. Everything is keyword-only and atomic.
"""

from turnus.ledger.services import IdempotencyConflict
from turnus.receivables.services.billing import (
    BillPosting,
    InstalmentRequest,
    VatPart,
    post_bills,
    received_instalment_parts,
    received_instalments,
    request_instalments,
    reverse_bills,
)

__all__ = [
    "BillPosting",
    "IdempotencyConflict",
    "InstalmentRequest",
    "VatPart",
    "post_bills",
    "received_instalment_parts",
    "received_instalments",
    "request_instalments",
    "reverse_bills",
]
