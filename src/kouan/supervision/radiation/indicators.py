"""Radiation portals in figures: alarms (HS/T 82 6.3)."""

from __future__ import annotations

from kouan.kernel.indicators import By, Indicator, Tally, at
from kouan.kernel.text import Text
from kouan.supervision.radiation.records import RADIATIONS, RadiationCase


class RadiationAlarms(Indicator):
    """How often a portal shut a lane."""

    code = "gate.radiation"
    title = Text("核辐射报警", "Radiation alarms")
    unit = Text("起", "alarms")
    clause = "HS/T 82 6.3"
    formula = Text("按报警时刻计数，每次立案一次", "Each case once, when its portal gave alarm")
    good, how, group, owner, readers = "down", "count", "gate", "customs", ("customs", "border", "portoffice", "terminal")
    tally = Tally(record=RadiationCase.facts.name, at=at("at"), by={"kind": By("radiation", words=RADIATIONS)})
