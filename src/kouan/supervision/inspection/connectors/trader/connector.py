"""Traders: the notice of a visit to their own goods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text


class Trader(HttpParty):
    """The notice stands in the declarant's inbox at once; a trader with a system of its own has it handed over, too."""

    code = "trader"
    title = Text("收发货人系统", "Trader's system")
    org = "trader"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {"supervision.inspection.order": ("*",)}
    setting = "connector.trader"
