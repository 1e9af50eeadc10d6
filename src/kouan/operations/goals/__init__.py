"""Dated goals of the ports of entry (建设目标), measured by the indicators that they name."""
