"""Simulated officers (模拟) at joint inspections: the terminal moves the box, customs enters what was found together.

They touch only visits to goods that a demo declared, and leave each to people for some minutes first.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim.doors import Answer, Door

log = logging.getLogger(__name__)

MOVED_AFTER = timedelta(minutes=3)
FOUND_AFTER = timedelta(minutes=8)
_ORDERS = "/api/records/supervision/inspection/order"


class Officers:
    """The officers of the demo: visits to goods whose declaration's reference begins with `mark` are theirs."""

    def __init__(self, customs: Door, terminal: Door, mark: str, chance: random.Random, *, moves: bool = True) -> None:
        """`moves`: whether they say by hand that the box is at the bay; else they wait for the terminal's report of it."""
        self._customs, self._terminal, self._moves = customs, terminal, moves
        self._mark, self._chance = f"/{mark}", chance

    async def round(self, now: datetime | None = None) -> int:
        """Look at the open visits once; answers how many steps were taken. Raises Unreachable."""
        now, steps = now or datetime.now(UTC), 0
        answer = await self._customs.get("/api/inspections")
        items = answer.body.get("items", []) if answer.ok and isinstance(answer.body, dict) else []
        for order in items:
            if self._mark in order["data"]["declaration"]:
                steps += await self._attend(order, now - datetime.fromisoformat(order["filed_at"]))
        return steps

    async def _attend(self, order: Mapping[str, Any], age: timedelta) -> bool:
        if not self._moves and order["tracks"]["terminal"]["state"] != "moved":
            return False
        if age >= FOUND_AFTER:
            return self._took("findings", await self._enter(order))
        if age >= MOVED_AFTER and order["tracks"]["terminal"]["state"] != "moved":
            path = f"{_ORDERS}/{order['id']}/actions/terminal.move"
            return self._took("move", await self._terminal.call("POST", path, {"note": "模拟调箱 simulated move"}))
        return False

    async def _enter(self, order: Mapping[str, Any]) -> Answer:
        outcome = self._chance.choices(("release", "treat", "detain"), (88, 8, 4))[0]
        note = "模拟查验 simulated visit"
        findings = [{"agency": name, "outcome": outcome, "note": note} for name in order["data"]["agencies"]]
        return await self._customs.call("POST", f"/api/inspections/{order['id']}/findings", {"findings": findings})

    def _took(self, what: str, answer: Answer) -> bool:
        if not answer.ok:
            log.warning("simulated inspection, %s refused: %s", what, answer.reason)
        return answer.ok
