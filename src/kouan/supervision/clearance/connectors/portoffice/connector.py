"""Port office: port calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import ASKS, MOMENTS


class PortOffice(HttpParty):
    """The ship, its voyage and its berth."""

    code = "portoffice"
    title = Text("口岸管理部门系统", "Port office's system")
    org = "portoffice"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.exchange.instruction": ("*",),
        "operations.alerts.warning": ("*",),
        "supervision.inspection.order": ("*",),
        "operations.berth.plan": ("*",),
        "operations.berth.movement": ("*",),
        "supervision.maritime.order": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.portoffice"
    asks = ASKS
    moments = MOMENTS
    forms: ClassVar[Mapping[str, str]] = {"base.portcall.port_call": "fal"}
