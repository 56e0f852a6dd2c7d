"""Arithmetic of the ledger: pure, cents in, cents out."""
