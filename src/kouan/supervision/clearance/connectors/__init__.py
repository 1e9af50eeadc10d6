"""The authorities' systems, one folder each."""
