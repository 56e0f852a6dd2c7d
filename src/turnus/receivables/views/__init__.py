"""Pages of open items, payments, collections and reminders."""
