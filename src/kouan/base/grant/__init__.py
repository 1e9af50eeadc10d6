"""Grants: who lets whom read what of its data, for what, until when; and the one door by which that is read."""
