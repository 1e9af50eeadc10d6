"""The history of signals: a journal that is synced before anything counts as kept, and encrypted Parquet behind it."""
