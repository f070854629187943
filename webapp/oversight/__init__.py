"""The operators' pages over jobs, mail and audit."""
