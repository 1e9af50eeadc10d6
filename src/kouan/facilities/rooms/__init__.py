"""Machine rooms: assets, what depends on them, and their environment."""
