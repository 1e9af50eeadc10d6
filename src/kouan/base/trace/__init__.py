"""Trace: one key, and everything about it that the caller may know."""
