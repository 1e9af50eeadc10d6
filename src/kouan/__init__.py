"""Kouan (口岸): the open platform for smart ports of entry, after HS/T 82-2024."""
