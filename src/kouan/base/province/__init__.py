"""One base of data for a province, read by its regions."""
