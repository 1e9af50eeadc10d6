"""The smart gate: lanes, passages, decisions."""
