"""Monthly counts per organisation and measure, kept as versions."""
