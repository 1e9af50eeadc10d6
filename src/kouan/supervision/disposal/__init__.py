"""Joint disposal between authorities."""
