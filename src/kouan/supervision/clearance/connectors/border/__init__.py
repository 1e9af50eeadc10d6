"""Border inspection."""
