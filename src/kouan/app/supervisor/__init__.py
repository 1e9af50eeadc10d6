"""One process group: PostgreSQL, NATS and our own processes, started, watched and stopped together."""
