"""What others may import of the gate."""

from kouan.facilities.gate.agent import Agent, Shown
from kouan.facilities.gate.attending import Attendant, Brokers
from kouan.facilities.gate.conductor import Conductor
from kouan.facilities.gate.doors import Away, Doors
from kouan.facilities.gate.records import BUSINESSES, VEHICLE_TYPES, Judgement, Lane, Passage
from kouan.facilities.gate.rules import GateRule
from kouan.facilities.gate.service import lanes, present

__all__ = [
    "BUSINESSES",
    "VEHICLE_TYPES",
    "Agent",
    "Attendant",
    "Away",
    "Brokers",
    "Conductor",
    "Doors",
    "GateRule",
    "Judgement",
    "Lane",
    "Passage",
    "Shown",
    "lanes",
    "present",
]
