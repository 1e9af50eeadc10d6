"""Any other organisation's system: traders, carriers, firms, authorities of other regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import MOMENTS


class Partner(HttpParty):
    """Tells an organisation what it is a party of, as far as it set up routes for it; nothing by itself."""

    code = "partner"
    title = Text("其他单位系统", "Another organisation's system")
    org = "*"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.portcall.port_call": ("*",),
        "base.manifest.manifest": ("*",),
        "base.manifest.consignment": ("*",),
        "base.declaration.declaration": ("*",),
        "base.exchange.instruction": ("*",),
    }
    setting = "connector.partner"
    moments = MOMENTS
    opt_in = True
