"""People: who they are, which roles they hold where and when, and how they sign in."""
