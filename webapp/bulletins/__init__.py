"""What the level above publishes from frozen reports: the month's bulletin, the report upward, a leader's briefing."""
