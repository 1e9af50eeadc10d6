"""IMO FAL."""
