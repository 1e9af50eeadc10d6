"""The simulated terminal (模拟): discharges ships, stacks boxes, and moves those that it is asked to move.

All by the public doors with the terminal's own token: moves are told as JSON records, instructions are acknowledged.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim.doors import Answer, Door
from kouan_sim.traders import PORT, Box, Voyage

log = logging.getLogger(__name__)

MOVE = "/api/records/base/movement/move"
INSTRUCTION = "/api/records/facilities/yard/instruction"
BLOCKS = ("A1", "A2", "B1", "B2")
BERTH = "B2"


class Yardmaster:
    """Tells what the terminal does. `drive`: seconds between acknowledging an instruction and doing it."""

    def __init__(self, door: Door, drive: float = 20.0) -> None:
        self._door, self._drive = door, timedelta(seconds=drive)
        self._turn = itertools.count()
        self._acknowledged: dict[str, datetime] = {}
        self.landed: set[str] = set()

    async def discharge(self, voyage: Voyage, boxes: Iterable[Box], at: datetime | None = None) -> list[Answer]:
        """Tell that boxes came off the ship a moment ago and are stacked now. Raises Unreachable."""
        answers = []
        for box in boxes:
            moment = at or datetime.now(UTC)
            ship = {"vessel": f"vessel:imo:{voyage.imo}", "voyage": voyage.number, "status": "full", "size_type": box.size}
            berth = {"place": f"{PORT}/berth/{BERTH}", "gross_kg": box.gross, "seals": [box.seal], **ship}
            answers.append(await self.tell(box.number, "discharge", moment - timedelta(seconds=1), **berth))
            answers.append(await self.tell(box.number, "stack", moment, **self._slot()))
            self.landed.add(box.number)
        return answers

    async def tell(self, box: str, activity: str, at: datetime | None = None, **more: Any) -> Answer:
        """Tell one move of a box. Raises Unreachable."""
        moment = (at or datetime.now(UTC)).isoformat(timespec="milliseconds")
        body = {"equipment": box, "activity": activity, "at": moment, "operator": "模拟码头 SIM Terminal", **more}
        answer = await self._door.persistently("POST", MOVE, body, key=f"{box}/{activity}/{moment}", seconds=60)
        if not answer.ok:
            log.warning("simulated %s of %s refused: %s", activity, box, answer.reason)
        return answer

    async def round(self) -> int:
        """Acknowledge what was asked anew, do what was acknowledged long enough ago; answers how many steps. Raises Unreachable."""
        steps = 0
        for state in ("issued", "acknowledged"):
            answer = await self._door.get(f"{INSTRUCTION}?state={state}&limit=100")
            items = answer.body.get("items", []) if answer.ok and isinstance(answer.body, dict) else []
            for item in (one for one in items if one.get("id") and one.get("data", {}).get("container")):
                steps += await (self._acknowledge(item) if state == "issued" else self._do(item))
        return steps

    async def _acknowledge(self, item: dict[str, Any]) -> bool:
        answer = await self._door.call("POST", f"{INSTRUCTION}/{item['id']}/actions/acknowledge", {"note": "模拟 simulated"})
        self._acknowledged[item["id"]] = datetime.now(UTC)
        return answer.ok

    async def _do(self, item: dict[str, Any]) -> bool:
        """A box can be moved when it is ashore; one that is still aboard waits."""
        since = self._acknowledged.setdefault(item["id"], datetime.now(UTC))
        box = str(item["data"]["container"]).partition(":")[2]
        if datetime.now(UTC) - since < self._drive or not await self._here(box):
            return False
        activity = item["data"]["activity"]
        where = {"place": item["data"]["place"]} if activity == "to-bay" and item["data"].get("place") else self._slot()
        return (await self.tell(box, activity, **where)).ok

    async def _here(self, box: str) -> bool:
        answer = await self._door.get(f"/api/yard/{box}")
        stays = answer.body.get("stays", []) if answer.ok and isinstance(answer.body, dict) else []
        return bool(stays) and stays[0]["ended"] is None

    def _slot(self) -> dict[str, str]:
        turn = next(self._turn)
        block = BLOCKS[turn % len(BLOCKS)]
        return {"place": f"{PORT}/yard/{block}", "position": f"{block}-{turn // 4 % 40 + 1:02}-{turn // 160 % 4 + 1}"}
