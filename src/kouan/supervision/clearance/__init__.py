"""Clearance: the authorities that a ship and its cargo are reported to."""
