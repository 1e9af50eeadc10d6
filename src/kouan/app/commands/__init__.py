"""One file a command of `kouan`, so that each starts with no more than it needs."""
