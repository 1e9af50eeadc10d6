"""Movements of containers and cargo."""
