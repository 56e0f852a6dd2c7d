"""Arithmetic and rules of receivables over frozen records. Pure: no database, no clock, no framework."""
