"""Transport authority: instructions, and what it is a party of otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.moments import MOMENTS


class Transport(HttpParty):
    """Road and water transport: what is asked of it and what it asked."""

    code = "transport"
    title = Text("交通运输主管部门系统", "Transport authority's system")
    org = "transport"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "base.exchange.instruction": ("*",),
        "supervision.process.case": ("*",),
    }
    setting = "connector.transport"
    moments = MOMENTS
