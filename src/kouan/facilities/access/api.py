"""What others may import of access."""

from kouan.facilities.access.records import AreaPassage, AreaPermit

__all__ = ["AreaPassage", "AreaPermit"]
