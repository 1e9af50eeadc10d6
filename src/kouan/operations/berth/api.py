"""What others may import of the berth plan."""

from kouan.operations.berth.lifecycle import AHEAD, OPEN
from kouan.operations.berth.records import BerthPlan, ShipMovement
from kouan.operations.berth.rules import PLAN, berth_need, call_need, call_of
from kouan.operations.berth.service import Slot, Why, flag, halt, plan, plans_of, remake, resume, slots

__all__ = [
    "AHEAD", "OPEN", "PLAN", "BerthPlan", "ShipMovement", "Slot", "Why", "berth_need", "call_need", "call_of", "flag", "halt",
    "plan", "plans_of", "remake", "resume", "slots",
]  # fmt: skip
