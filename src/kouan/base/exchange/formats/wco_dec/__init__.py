"""WCO Data Model declarations."""
