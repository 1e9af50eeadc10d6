"""Joint inspection: several agencies, one visit."""
