"""Radiation portals and the cases that their alarms open."""
