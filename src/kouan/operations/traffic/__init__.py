"""Traffic: what the movement of ships and vehicles means."""
