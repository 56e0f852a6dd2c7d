"""Tables of master data that can be imported; the objects are registered in `project.handlers`."""

from turnus.masterdata.imports.bank_accounts import BANK_ACCOUNTS
from turnus.masterdata.imports.customers import CUSTOMERS
from turnus.masterdata.imports.locations import MARKET_LOCATIONS

__all__ = ["BANK_ACCOUNTS", "CUSTOMERS", "MARKET_LOCATIONS"]
