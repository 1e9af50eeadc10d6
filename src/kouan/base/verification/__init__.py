"""Verification environment for application services."""
