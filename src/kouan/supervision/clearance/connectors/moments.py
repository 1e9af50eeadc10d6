"""What connectors of authorities tell beside filings: every step of an instruction, so that the reply
comes back; every change of a berth plan; what becomes of a maritime order; whose turn it is in a case."""

from __future__ import annotations

from collections.abc import Mapping

MOMENTS: Mapping[str, tuple[str, ...]] = {
    "base.exchange.instruction": ("acknowledge", "reply", "decline", "close", "withdraw"),
    "operations.berth.plan": ("confirm", "move", "remake", "flag", "halt", "resume", "cancel"),
    "supervision.maritime.order": ("apply", "acknowledge", "lift"),
    "supervision.process.case": ("begin", "decide", "book", "grant", "refuse", "withdraw"),
}
