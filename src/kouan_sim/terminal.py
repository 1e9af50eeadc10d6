"""The simulated terminal (模拟): discharges ships, stacks boxes, and moves those that it is asked to move.

All by the public doors with the terminal's own token: moves are told as JSON records, instructions are acknowledged.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim import edi
from kouan_sim.doors import Answer, Door
from kouan_sim.harbour import handled, ship_of
from kouan_sim.identifiers import References
from kouan_sim.traders import PORT, Bill, Box, Voyage

log = logging.getLogger(__name__)

MOVE = "/api/records/base/movement/move"
INSTRUCTION = "/api/records/facilities/yard/instruction"
ORDER = "/api/records/base/movement/handling_order"
BLOCKS = ("A01", "A02", "B01", "B02")
BERTH = "B2"


class Yardmaster:
    """Tells what the terminal does. `drive`: seconds between acknowledging an instruction and doing it; `blocks`: where it stacks."""

    def __init__(self, door: Door, drive: float = 20.0, blocks: tuple[str, ...] = BLOCKS) -> None:
        self._door, self._drive, self._blocks = door, timedelta(seconds=drive), blocks
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

    async def unload(self, voyage: Voyage, bill: Bill, refs: References) -> Answer:
        """Report the boxes of a bill as discharged by COARRI, and as stacked. Raises Unreachable."""
        now, number = datetime.now(UTC), refs.next("SDR")
        body = edi.coarri(ship_of(voyage), [handled(bill, box, now) for box in bill.boxes], number, now, berth=BERTH)
        answer = await self._door.persistently(
            "POST", "/api/intake/edifact", body, key=number, media="application/edifact", seconds=60
        )
        if not answer.ok:
            log.warning("simulated COARRI refused: %s", answer.reason)
        for box in bill.boxes:
            dangerous = {"dangerous": numbers} if (numbers := [goods.un for goods in bill.goods if goods.un]) else {}
            await self.tell(box.number, "stack", datetime.now(UTC), **self._slot(), **dangerous)
            self.landed.add(box.number)
        return answer

    async def tell(self, box: str, activity: str, at: datetime | None = None, **more: Any) -> Answer:
        """Tell one move of a box. Raises Unreachable."""
        moment = (at or datetime.now(UTC)).isoformat(timespec="milliseconds")
        body = {"equipment": box, "activity": activity, "at": moment, "operator": "模拟码头 SIM Terminal", **more}
        answer = await self._door.persistently("POST", MOVE, body, key=f"{box}/{activity}/{moment}", seconds=60)
        if not answer.ok:
            log.warning("simulated %s of %s refused: %s", activity, box, answer.reason)
        return answer

    async def put(self, box: str) -> Answer:
        """Tell that a box which came by road is stacked. Raises Unreachable."""
        return await self.tell(box, "stack", None, **self._slot())

    async def round(self) -> int:
        """Acknowledge what was asked anew, do what was acknowledged long enough ago; answers how many steps. Raises Unreachable."""
        steps = await self._orders()
        for state in ("issued", "acknowledged"):
            answer = await self._door.get(f"{INSTRUCTION}?state={state}&limit=100")
            items = answer.body.get("items", []) if answer.ok and isinstance(answer.body, dict) else []
            for item in (one for one in items if one.get("id") and one.get("data", {}).get("container")):
                steps += await (self._acknowledge(item) if state == "issued" else self._do(item))
        return steps

    async def _orders(self) -> int:
        """Take the discharge lists that came; those whose boxes are all ashore are done."""
        steps = 0
        for state, action in (("ordered", "accept"), ("accepted", "finish")):
            answer = await self._door.get(f"{ORDER}?state={state}&task=discharge&limit=20")
            for item in answer.body.get("items", []) if answer.ok and isinstance(answer.body, dict) else []:
                boxes = {str(unit.get("equipment", "")).partition(":")[2] for unit in item.get("data", {}).get("units", ())}
                if item.get("id") and (action == "accept" or (boxes and boxes <= self.landed)):
                    steps += (await self._door.call("POST", f"{ORDER}/{item['id']}/actions/{action}", {"note": "模拟 simulated"})).ok
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
        round_, block = turn // len(self._blocks), self._blocks[turn % len(self._blocks)]
        return {"place": f"{PORT}/yard/{block}", "position": f"{block}-{round_ % 40 + 1:02}-{round_ // 40 % 4 + 1}"}
