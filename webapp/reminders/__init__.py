"""Who is to be told what, by a pure rule and a ledger of what was told."""
