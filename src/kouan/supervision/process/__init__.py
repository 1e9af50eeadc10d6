"""Approval processes: serial approvals turned parallel."""
