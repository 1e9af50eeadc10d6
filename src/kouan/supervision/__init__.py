"""Coordinated supervision (协同监管, HS/T 82 clause 9)."""
