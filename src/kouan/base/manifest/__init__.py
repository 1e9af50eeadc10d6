"""Manifests of ships and trains and their lines."""
