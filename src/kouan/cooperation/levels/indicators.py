"""Incidents in figures (HS/T 82 7.2.5 a) 3); 8.1.5)."""

from __future__ import annotations

from kouan.cooperation.levels.records import KINDS, Incident
from kouan.cooperation.link.api import AUTHORITIES
from kouan.kernel.indicators import By, Indicator, Tally, at
from kouan.kernel.text import Text


class Incidents(Indicator):
    """What happened on site."""

    code = "alerts.incidents"
    title = Text("现场事件", "Incidents on site")
    unit = Text("起", "incidents")
    clause = "HS/T 82 7.2.5 a) 3); 8.1.5"
    formula = Text("按发生时刻计数，下级平台上报的计入", "Each incident once, when it happened; those reported by platforms below count too")
    good, how, group, owner, readers = "down", "count", "alerts", "portoffice", AUTHORITIES
    tally = Tally(record=Incident.facts.name, at=at("at"), by={"kind": By("kind", words=KINDS)})
