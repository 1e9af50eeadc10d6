"""What a link does: sign, give, take in."""
