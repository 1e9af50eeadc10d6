"""The terminal's operating system: what its gate let through, as CODECO."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kouan.base.exchange.api import HttpParty
from kouan.base.movement.api import Move
from kouan.kernel.text import Text


class TerminalGate(HttpParty):
    """Nothing is told without a route of the terminal's: not every terminal's system wants back what its gate did."""

    code = "terminal-gate"
    title = Text("码头卡口接口", "Terminal's gate interface")
    org = "terminal"
    tells: ClassVar[Mapping[str, tuple[str, ...]]] = {Move.facts.name: ("*",)}
    setting = "connector.terminal-gate"
    forms: ClassVar[Mapping[str, str]] = {Move.facts.name: "edifact"}
    opt_in: ClassVar[bool] = True
