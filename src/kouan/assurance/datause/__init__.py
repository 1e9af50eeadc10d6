"""Data security (HS/T 82 7.2.2 e))."""
