"""IMO FAL forms as sheets."""
