"""Use cases of receivables: what other rooms, screens, jobs and commands call.

Euros as `Decimal` at this border, cents inside. Everything is keyword-only and atomic.
"""

from turnus.ledger.services import IdempotencyConflict
from turnus.receivables.services.announcement import announce_debits
from turnus.receivables.services.assignment import assign, suggestions, undo_assignment
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
from turnus.receivables.services.debits import cancel_debit_run, plan_debit_run, release_debit_run
from turnus.receivables.services.disconnection import DisconnectionResult, assess_disconnections
from turnus.receivables.services.dunning import (
    block_dunning,
    cancel_dunning,
    propose_dunning,
    release_dunning,
    remove_notice,
)
from turnus.receivables.services.imports import ImportResult, import_statement
from turnus.receivables.services.offset import offset_credits
from turnus.receivables.services.payouts import (
    approve_return,
    cancel_payout,
    create_payout_file,
    propose_return,
)
from turnus.receivables.services.posting import post_new_entries
from turnus.receivables.services.standing_orders import find_outdated_standing_orders
from turnus.receivables.services.suspense import escalate_suspense, take_over

__all__ = [
    "BillPosting",
    "DisconnectionResult",
    "IdempotencyConflict",
    "ImportResult",
    "InstalmentRequest",
    "VatPart",
    "announce_debits",
    "approve_return",
    "assess_disconnections",
    "assign",
    "block_dunning",
    "cancel_debit_run",
    "cancel_dunning",
    "cancel_payout",
    "create_payout_file",
    "escalate_suspense",
    "find_outdated_standing_orders",
    "import_statement",
    "offset_credits",
    "plan_debit_run",
    "post_bills",
    "post_new_entries",
    "propose_dunning",
    "propose_return",
    "received_instalment_parts",
    "received_instalments",
    "release_debit_run",
    "release_dunning",
    "remove_notice",
    "request_instalments",
    "reverse_bills",
    "suggestions",
    "take_over",
    "undo_assignment",
]
