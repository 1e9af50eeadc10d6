"""Border inspection: port calls and the persons aboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import ASKS, MOMENTS


class Border(HttpParty):
    """Names, birth dates and documents of the persons aboard are what border inspection is there for (level 4)."""

    code = "border"
    title = Text("边检系统", "Border inspection's system")
    org = "border"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.portcall.person_aboard": ("*",),
        "base.exchange.instruction": ("*",),
        "operations.alerts.warning": ("*",),
        "supervision.inspection.order": ("*",),
        "supervision.process.case": ("*",),
    }
    forms: ClassVar[Mapping[str, str]] = {"base.portcall.port_call": "fal"}
    """A call comes with the crew and passenger lists that stand at that time; persons named later come one by one."""
    setting = "connector.border"
    clearance = 4
    asks = ASKS
    moments = MOMENTS
