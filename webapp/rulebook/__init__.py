"""A plan's reminder rules on pages: read in words, changed by an administrator, tried on a past month first."""
