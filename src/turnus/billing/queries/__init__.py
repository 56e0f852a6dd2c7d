"""Reads of billing: for the run, for the screens."""

from turnus.billing.queries.lists import (
    bill_detail,
    bills,
    bills_of_contract,
    deadline_breaches,
    exceptions,
    open_plans,
)
from turnus.billing.queries.population import due_contracts, left_out

__all__ = [
    "bill_detail",
    "bills",
    "bills_of_contract",
    "deadline_breaches",
    "due_contracts",
    "exceptions",
    "left_out",
    "open_plans",
]
