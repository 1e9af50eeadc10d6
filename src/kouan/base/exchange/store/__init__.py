"""Tables of the exchange beyond the kernel's: quarantine, deliveries, addresses."""
