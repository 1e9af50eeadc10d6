"""Messages that carry transport documents."""
