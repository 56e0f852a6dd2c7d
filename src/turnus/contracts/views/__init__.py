"""Pages of supply contracts."""
