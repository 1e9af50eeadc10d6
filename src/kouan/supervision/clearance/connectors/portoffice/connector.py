"""Port office: port calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import MOMENTS


class PortOffice(HttpParty):
    """The ship, its voyage and its berth."""

    code = "portoffice"
    title = Text("口岸管理部门系统", "Port office's system")
    org = "portoffice"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.exchange.instruction": ("*",),
        "supervision.inspection.order": ("*",),
        "operations.berth.plan": ("*",),
        "operations.berth.movement": ("*",),
        "supervision.maritime.order": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.portoffice"
    moments = MOMENTS
