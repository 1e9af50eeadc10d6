"""What the exchange does: take in, set aside, hand over, answer, count."""
