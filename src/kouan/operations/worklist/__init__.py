"""The work list: what needs whom, why, and the one thing to do about it."""
