"""What others may import of movements."""

from kouan.base.movement.records import ACTIVITIES, Activity, Move

__all__ = ["ACTIVITIES", "Activity", "Move"]
