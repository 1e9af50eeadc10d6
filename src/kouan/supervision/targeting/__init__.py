"""Targeting: who and what is looked at, and why."""
