"""HTTP: batches of readings, posted as JSON or CSV."""
