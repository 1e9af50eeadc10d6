"""Maritime administration: port calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import ASKS, MOMENTS


class Maritime(HttpParty):
    """The ship and its voyage, with the master's name (level 3)."""

    code = "maritime"
    title = Text("海事系统", "Maritime administration's system")
    org = "maritime"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.exchange.instruction": ("*",),
        "operations.alerts.warning": ("*",),
        "supervision.inspection.order": ("*",),
        "operations.berth.plan": ("*",),
        "operations.berth.movement": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.maritime"
    clearance = 3
    asks = ASKS
    moments = MOMENTS
    forms: ClassVar[Mapping[str, str]] = {"base.portcall.port_call": "fal"}
