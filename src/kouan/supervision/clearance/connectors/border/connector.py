"""Border inspection: port calls and the persons aboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import MOMENTS


class Border(HttpParty):
    """Names, birth dates and documents of the persons aboard are what border inspection is there for (level 4)."""

    code = "border"
    title = Text("边检系统", "Border inspection's system")
    org = "border"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.portcall.person_aboard": ("*",),
        "base.exchange.instruction": ("*",),
        "supervision.inspection.order": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.border"
    clearance = 4
    moments = MOMENTS
