"""A report's draft as a workbook: taken away, filled in offline, brought back, looked at, and only then kept."""
