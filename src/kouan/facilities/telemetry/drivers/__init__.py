"""Drivers of telemetry."""
