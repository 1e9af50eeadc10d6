"""The engine of Records: storage, group commit, entitlement, history, work."""
