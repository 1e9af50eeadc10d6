"""What connectors of authorities tell beside filings: every step of an instruction, so that the reply comes back."""

from __future__ import annotations

from collections.abc import Mapping

MOMENTS: Mapping[str, tuple[str, ...]] = {
    "base.exchange.instruction": ("acknowledge", "reply", "decline", "close", "withdraw"),
}
