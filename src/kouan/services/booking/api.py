"""What others may import of bookings."""

from kouan.services.booking.records import Booking, Business

__all__ = ["Booking", "Business"]
