"""Tables and constraints of receivables; no rules, no save()."""

from turnus.receivables.models.bank import (
    Debit,
    DebitExclusion,
    DebitItem,
    DebitRun,
    Payout,
    PayoutFile,
    Statement,
    StatementEntry,
)
from turnus.receivables.models.dunning import (
    DisconnectionCheck,
    DunningBlock,
    DunningExclusion,
    DunningNotice,
    DunningNoticeItem,
    DunningRun,
)
from turnus.receivables.models.items import Clearing, ClearingLine, OpenItem

__all__ = [
    "Clearing",
    "ClearingLine",
    "Debit",
    "DebitExclusion",
    "DebitItem",
    "DebitRun",
    "DisconnectionCheck",
    "DunningBlock",
    "DunningExclusion",
    "DunningNotice",
    "DunningNoticeItem",
    "DunningRun",
    "OpenItem",
    "Payout",
    "PayoutFile",
    "Statement",
    "StatementEntry",
]
