"""Connectors to parties of a visit that are told of nothing else."""
