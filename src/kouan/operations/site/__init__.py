"""Site: queues at gates and areas, and boxes whose cargo is in danger."""
