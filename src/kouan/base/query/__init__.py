"""Queries over several record types, built or in SQL, within what their caller may see."""
