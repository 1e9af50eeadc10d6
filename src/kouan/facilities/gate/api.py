"""What others may import of the gate."""

from kouan.facilities.gate.agent import Agent, Shown
from kouan.facilities.gate.conductor import Conductor
from kouan.facilities.gate.records import Judgement, Lane, Passage
from kouan.facilities.gate.rules import GateRule
from kouan.facilities.gate.service import lanes, present

__all__ = ["Agent", "Conductor", "GateRule", "Judgement", "Lane", "Passage", "Shown", "lanes", "present"]
