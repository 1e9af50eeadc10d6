"""Parcels: cross-border e-commerce and post."""
