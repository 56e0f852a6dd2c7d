"""Pages of bills and of those put aside."""
