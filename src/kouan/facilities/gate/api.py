"""What others may import of the gate."""

from kouan.facilities.gate.records import Judgement, Lane, Passage
from kouan.facilities.gate.rules import GateRule
from kouan.facilities.gate.service import lanes, present

__all__ = ["GateRule", "Judgement", "Lane", "Passage", "lanes", "present"]
