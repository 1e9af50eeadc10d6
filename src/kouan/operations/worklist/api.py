"""What others may import of the work list: how to put lines on it."""

from kouan.operations.worklist.item import Act, WorkItem, WorkSource, address, works

__all__ = ["Act", "WorkItem", "WorkSource", "address", "works"]
