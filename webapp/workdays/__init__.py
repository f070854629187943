"""Working days and legal dates: which days are worked in China, and what that does to a deadline."""
