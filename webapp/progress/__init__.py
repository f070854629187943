"""What organisations state of their assignments, what the level above decides, and the lights that follow."""
