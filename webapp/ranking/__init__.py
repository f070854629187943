"""The monthly ranking of cities and provinces by progress."""
