"""Pages of master data: finding, entering, importing."""
