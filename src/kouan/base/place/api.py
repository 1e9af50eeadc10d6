"""What others may import of places."""

from kouan.base.place.records import Direction, Place, PlaceKind

__all__ = ["Direction", "Place", "PlaceKind"]
