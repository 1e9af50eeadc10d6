"""Simulated deciding agencies (模拟): each decides its steps of approval cases a known time after they became its turn."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim.doors import Door

CASES = "/api/records/supervision/process/case"
LOOK = 0.1
"""Seconds between two looks at what is waiting."""
NOTE = "模拟 simulated"


@dataclass
class Decider:
    """One agency: its token, and how long it takes over a step, in seconds."""

    url: str
    token: str
    agency: str
    seconds: float
    process: str
    done: set[tuple[str, str]] = field(default_factory=set)

    async def run(self) -> None:
        """Decide what is this agency's turn in open cases of the process, until cancelled."""
        async with Door(self.url, self.token) as door:
            while True:
                answer = await door.get(f"{CASES}?process={self.process}&state=open&limit=100")
                found = answer.body["items"] if answer.ok else []
                await asyncio.gather(*(self._decide(door, case, step) for case in found for step in self._mine(case)))
                await asyncio.sleep(LOOK)

    def _mine(self, case: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        steps = case["data"].get("steps") or ()
        now = datetime.now(UTC)
        return [
            step for step in steps
            if step["agency"] == self.agency and step["state"] == "ready" and (case["id"], step["key"]) not in self.done
            and now >= datetime.fromisoformat(step["ready_at"]) + timedelta(seconds=self.seconds)
        ]  # fmt: skip

    async def _decide(self, door: Door, case: Mapping[str, Any], step: Mapping[str, Any]) -> None:
        said = {"step": step["key"], "outcome": "granted", "note": NOTE}
        answer = await door.call("POST", f"/api/processes/cases/{case['id']}/decide", said)
        if answer.ok:
            self.done.add((case["id"], step["key"]))


@contextlib.asynccontextmanager
async def at_work(deciders: list[Decider]) -> AsyncIterator[None]:
    """Let some agencies work for a while."""
    tasks = [asyncio.create_task(one.run()) for one in deciders]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
