"""The kinds of reference of a port, with their one spelling and their check (ISO 6346, IMO, MMSI, plates …)."""
