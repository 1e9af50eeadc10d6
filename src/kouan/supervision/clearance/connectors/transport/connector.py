"""Transport authority: port calls, and instructions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import ASKS, MOMENTS


class Transport(HttpParty):
    """Road and water transport: ships' calls with their cargo in short, what is asked of it and what it asked."""

    code = "transport"
    title = Text("交通运输主管部门系统", "Transport authority's system")
    org = "transport"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.exchange.instruction": ("*",),
        "operations.alerts.warning": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.transport"
    asks = ASKS
    moments = MOMENTS
    forms: ClassVar[Mapping[str, str]] = {"base.portcall.port_call": "xml"}
