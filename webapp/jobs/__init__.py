"""What the scheduler is to run and what it ran, as rows: pages read them without importing `tasks`."""
