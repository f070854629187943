"""What every list shares: its columns, heads that sort, saved views, and the same list as a file."""
