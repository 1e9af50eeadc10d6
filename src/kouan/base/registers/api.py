"""What others may import of the registers."""

from kouan.base.registers.records import FAMILIES, Change, Library

__all__ = ["FAMILIES", "Change", "Library"]
