"""Port office."""
