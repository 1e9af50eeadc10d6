"""Terminal: port calls, manifests, and what of a declaration concerns boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import ASKS, LEAVING, MOMENTS


class Terminal(HttpParty):
    """What is needed to berth the ship, discharge the boxes and let them go."""

    code = "terminal"
    title = Text("码头系统", "Terminal's system")
    org = "terminal"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.manifest.manifest": ("*",),
        "base.manifest.consignment": ("*",),
        "base.declaration.declaration": ("*",),
        "base.exchange.instruction": ("*",),
        "operations.alerts.warning": ("*",),
        "supervision.inspection.order": ("*",),
        "facilities.yard.instruction": ("*",),
        "base.movement.handling_order": ("*",),
        "operations.berth.movement": ("*",),
        "supervision.maritime.order": ("*",),
        "operations.berth.plan": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.terminal"
    asks = ASKS
    moments = MOMENTS
    live = LEAVING
    forms: ClassVar[Mapping[str, str]] = {"base.manifest.manifest": "edifact", "base.movement.handling_order": "edifact"}
