"""What others may import of movements."""

from kouan.base.movement.orders import TASKS, HandlingOrder, OrderedUnit
from kouan.base.movement.plans import Cell, Hazard, Status, Stowage
from kouan.base.movement.records import ACTIVITIES, Activity, Move
from kouan.base.movement.timeline import Step, Told, timeline

__all__ = [
    "ACTIVITIES", "TASKS", "Activity", "Cell", "HandlingOrder", "Hazard", "Move", "OrderedUnit", "Status", "Step",
    "Stowage", "Told", "timeline",
]
