"""Licences, permits and certificates."""
