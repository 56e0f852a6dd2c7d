"""Reads of billing: for the run, for the screens."""

from turnus.billing.queries.lists import bill_detail, bills, bills_of_contract, exceptions, open_plans
from turnus.billing.queries.population import due_contracts

__all__ = ["bill_detail", "bills", "bills_of_contract", "due_contracts", "exceptions", "open_plans"]
