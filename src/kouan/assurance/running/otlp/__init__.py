"""Traces, metrics and logs of this process to a collector by OTLP/HTTP (OpenTelemetry protocol 1.x, JSON encoding)."""
