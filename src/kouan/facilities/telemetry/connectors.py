"""Who is told what the stream found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.kernel.text import Text


class AnalysisReader(HttpParty):
    """A business system that takes each day's analysis; it subscribes by stating its address."""

    code = "analysis"
    title = Text("分析结果订阅系统", "System that takes analyses")
    org = "terminal"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {"facilities.telemetry.analysis": ("*",)}
    setting = "connector.analysis"
