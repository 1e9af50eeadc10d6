"""What connectors of authorities answer, and what they tell beside filings: every step of an instruction, so that the reply
comes back; what becomes of a warning; every change of a berth plan; what becomes of a maritime order; whose turn it is in a case.
The terminal's system is told, while it is switched on, whatever changes whether a box may leave."""

from __future__ import annotations

from collections.abc import Mapping

MOMENTS: Mapping[str, tuple[str, ...]] = {
    "base.exchange.instruction": ("acknowledge", "reply", "decline", "close", "withdraw"),
    "operations.alerts.warning": ("raise", "press", "act", "close", "dismiss", "clear"),
    "operations.berth.plan": ("confirm", "move", "remake", "flag", "halt", "resume", "cancel"),
    "supervision.maritime.order": ("apply", "acknowledge", "lift"),
    "supervision.process.case": ("begin", "decide", "book", "grant", "refuse", "withdraw"),
}
DECLARATION = "base.declaration.declaration"
WITHDRAWN: Mapping[str, tuple[str, ...]] = {**MOMENTS, DECLARATION: ("cancel",)}
"""What customs is told: also that a declarant takes its declaration back."""
LEAVING: Mapping[str, tuple[str, ...]] = {DECLARATION: ("release", "target", "hold", "reject", "cancel")}
"""What changes whether the boxes of a declaration may leave the terminal."""
ASKS = frozenset({"base.portcall.port_call", "base.manifest.manifest", "base.declaration.declaration"})
"""What authorities and terminal owe an answer about: whole documents. Their lines, moves and orders they only take note of."""
