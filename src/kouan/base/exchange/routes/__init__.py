"""The exchange's doors."""
