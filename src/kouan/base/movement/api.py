"""What others may import of movements."""

from kouan.base.movement.orders import TASKS, HandlingOrder, OrderedUnit
from kouan.base.movement.plans import Cell, Hazard, Status, Stowage
from kouan.base.movement.reading import Line, line_of
from kouan.base.movement.records import ACTIVITIES, Activity, Move
from kouan.base.movement.timeline import PLACES, Step, Told, timeline

__all__ = [
    "ACTIVITIES", "PLACES", "TASKS", "Activity", "Cell", "HandlingOrder", "Hazard", "Line", "Move", "OrderedUnit", "Status", "Step",
    "Stowage", "Told", "line_of", "timeline",
]
