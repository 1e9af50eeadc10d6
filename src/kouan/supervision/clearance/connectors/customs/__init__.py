"""Customs' system."""
