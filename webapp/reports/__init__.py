"""The monthly report: opened by a job, pre-filled, submitted as a frozen revision, decided by another person."""
