"""Facilities (设施设备, HS/T 82 clause 6)."""
