"""Berth plan and ship movements."""
