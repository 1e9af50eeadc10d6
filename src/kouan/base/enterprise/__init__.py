"""Enterprises: identity, credit, qualifications, violations."""
