"""What others may import of places."""

from kouan.base.place.records import Place, PlaceKind

__all__ = ["Place", "PlaceKind"]
