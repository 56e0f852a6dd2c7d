"""Use cases of the ledger: post, reverse, set up accounts, lock and reopen months."""

from turnus.ledger.drafts import Posted
from turnus.ledger.services.periods import approve_unlock, lock_period, propose_unlock
from turnus.ledger.services.posting import (
    AccountTable,
    IdempotencyConflict,
    NoAccount,
    account_table,
    new_id,
    open_periods,
    post_many,
    reverse,
    seed_accounts,
)

__all__ = [
    "AccountTable",
    "IdempotencyConflict",
    "NoAccount",
    "Posted",
    "account_table",
    "approve_unlock",
    "lock_period",
    "new_id",
    "open_periods",
    "post_many",
    "propose_unlock",
    "reverse",
    "seed_accounts",
]
