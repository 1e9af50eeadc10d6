"""Bookings of trucks at the gate."""
