"""Assurance system (保障体系, HS/T 82 clause 13)."""
