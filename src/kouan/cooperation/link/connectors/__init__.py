"""The transport to partner platforms."""
