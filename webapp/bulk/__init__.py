"""Acts on many rows of a list at once: verify, return, remind now."""
