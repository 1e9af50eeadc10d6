"""The terminal's yard: which box stands where, out of the moves that were told."""
