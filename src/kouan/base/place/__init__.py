"""Places of the port."""
