"""The gateway to foreign single windows, customs and partners."""
