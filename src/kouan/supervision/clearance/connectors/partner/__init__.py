"""Any other organisation's system."""
