"""Message formats, one folder each."""
