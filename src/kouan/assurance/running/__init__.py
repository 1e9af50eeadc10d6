"""Running the platform: meters, anomalies, causes, tickets (HS/T 82 7.2.2 d))."""
