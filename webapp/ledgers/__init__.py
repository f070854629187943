"""Ledgers: the rows that tasks are counted from, their history, imports and samples."""
