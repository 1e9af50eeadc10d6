"""What others may import of the map: its live feed."""

from kouan.operations.onemap.feed import Feed

__all__ = ["Feed"]
