"""Release of goods, and why they are not released."""
