"""Telemetry: what devices and ships report, at once and often."""
