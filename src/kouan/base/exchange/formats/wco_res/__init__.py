"""WCO Data Model responses."""
