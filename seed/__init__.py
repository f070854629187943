"""Plan packs as data, the loader that checks and loads them, and the story of the demo."""
