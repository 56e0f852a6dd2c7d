"""Pages of the ledger: months, what was posted in them, one journal."""
