"""Connectors that tell gate moves as CODECO."""
