"""Search over the plan's texts, organisations, notes and ledger rows, inside the reader's area."""
