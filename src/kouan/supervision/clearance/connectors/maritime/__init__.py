"""Maritime administration."""
