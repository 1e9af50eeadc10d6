"""Customs: port calls, manifests and declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import ASKS, WITHDRAWN


class Customs(HttpParty):
    """All that customs is a party of."""

    code = "customs"
    title = Text("海关系统", "Customs' system")
    org = "customs"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.manifest.manifest": ("*",),
        "base.manifest.consignment": ("*",),
        "base.declaration.declaration": ("*",),
        "base.exchange.instruction": ("*",),
        "operations.alerts.warning": ("*",),
        "supervision.inspection.order": ("*",),
        "base.movement.move": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.customs"
    asks = ASKS
    moments = WITHDRAWN
    forms: ClassVar[Mapping[str, str]] = {
        "base.declaration.declaration": "wco", "base.manifest.manifest": "edifact", "base.manifest.consignment": "edifact",
    }  # fmt: skip
