"""The officer's desk: today, the assignments, the update form."""
