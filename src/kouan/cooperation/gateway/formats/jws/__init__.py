"""Signed messages of foreign partners (RFC 7515)."""
