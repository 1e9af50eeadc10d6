"""What others may import of places."""

from kouan.base.place.records import Direction, Place, PlaceKind
from kouan.base.place.store import any_place

__all__ = ["Direction", "Place", "PlaceKind", "any_place"]
