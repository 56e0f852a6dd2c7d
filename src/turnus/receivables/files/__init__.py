"""Files exchanged with the bank: statements in (camt, MT940), collections out (pain.008). Pure."""
