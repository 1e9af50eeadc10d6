"""Protocols of devices, one folder each."""
