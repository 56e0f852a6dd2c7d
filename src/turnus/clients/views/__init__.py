"""Pages around people, principals and runs."""
