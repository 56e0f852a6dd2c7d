"""The customer file and the notes of contacts."""
