"""A simulated ship's call as its carrier and the terminal tell it (模拟): stowage, discharge list, berth plan, movements.

The ship's own voyages run faster than life; those of the roadstead are planned by the clock on the wall, once a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim import edi
from kouan_sim.ais import Identity
from kouan_sim.calls import fal_port_call
from kouan_sim.doors import Door
from kouan_sim.edi import Handled, Ship
from kouan_sim.identifiers import References, imo_number
from kouan_sim.scene import said
from kouan_sim.traders import CLASSES, PORT, Bill, Box, Voyage

PLAN = "/api/records/operations/berth/plan"
MOVEMENT = "/api/records/operations/berth/movement"
SLOTS = "/api/berths/alternatives"
ROWS, TIERS = 6, 4
BERTHS = ("B1", "B3", "B4")
STAYS = ((2, 14), (5, 22), (9, 18))
"""Hours from now until a ship of the roadstead lies alongside, and how many hours she stays."""


def ship_of(voyage: Voyage) -> Ship:
    """A voyage as container messages name it."""
    return Ship(voyage.imo, voyage.vessel.name, voyage.number, voyage.flag, voyage.last_port, voyage.next_port)


def call_of(voyage: Voyage) -> str:
    """The reference of a voyage's port call."""
    return f"portcall:{PORT}/VESSEL:IMO:{voyage.imo}/{voyage.number}"


def cell(turn: int) -> str:
    """The stowage cell (bay, row, tier; ISO 9711) of the so manieth box: tiers, then rows, then bays."""
    bay, within = divmod(turn, ROWS * TIERS)
    return f"{2 * bay + 1:03}{within // TIERS + 1:02}{82 + 2 * (within % TIERS):02}"


def handled(bill: Bill, box: Box, at: datetime, turn: int = 0) -> Handled:
    """A box of a bill as container messages tell of it."""
    un = next((goods.un for goods in bill.goods if goods.un), "")
    cold = -18 if box.size.endswith("R1") else None
    return Handled(
        box.number, at, size=box.size, gross=box.gross, seal=box.seal, bill=bill.number, cell=cell(turn), un=un,
        imdg=CLASSES.get(un, ""), celsius=cold,
    )  # fmt: skip


class Harbour:
    """Tells of calls by the doors of carrier and terminal."""

    def __init__(self, agent: Door, carrier: Door, terminal: Door, refs: References) -> None:
        self._agent, self._carrier, self._terminal, self._refs = agent, carrier, terminal, refs

    async def stow(self, voyage: Voyage) -> None:
        """The carrier sends bay plan and discharge list. Raises Unreachable."""
        now, ship = datetime.now(UTC), ship_of(voyage)
        pairs = [(bill, box) for bill in voyage.bills for box in bill.boxes]
        boxes = [handled(bill, box, voyage.eta, turn) for turn, (bill, box) in enumerate(pairs)]
        plan, orders = self._refs.next("SBP"), self._refs.next("SDL")
        for what, body, key in (
            ("bay plan", edi.baplie(ship, boxes, plan, now), plan),
            ("discharge list", edi.orders("COPRAR", "118", boxes, orders, now, ship=ship), orders),
        ):
            said(what, await self._send(self._carrier, body, key))

    async def berth(self, voyage: Voyage, berth: str, *, kept: bool = False) -> None:
        """The terminal plans her stay at a berth, or at the soonest other one when that is held. Raises Unreachable."""
        plan = {
            "call": call_of(voyage), "ship_name": voyage.vessel.name, "berth": f"place:{PORT}/berth/{berth}",
            "planned_from": voyage.eta.isoformat(), "planned_to": voyage.etd.isoformat(), "gap_minutes": 15,
        }  # fmt: skip
        answer = await self._terminal.persistently("POST", PLAN, plan, key=f"{voyage.call}/plan", seconds=300)
        if answer.status == 422:
            hours = {"call": plan["call"], "begin": plan["planned_from"], "end": plan["planned_to"]}
            query = "&".join(f"{name}={str(value).replace('+', '%2B')}" for name, value in hours.items())
            slots = await self._terminal.get(f"{SLOTS}?{query}")
            first = next(iter(slots.body.get("slots", ())), None) if slots.ok and isinstance(slots.body, dict) else None
            if first:
                plan |= {"berth": first["berth"], "planned_from": first["begin"], "planned_to": first["end"]}
                answer = await self._terminal.persistently("POST", PLAN, plan, key=f"{voyage.call}/plan/2", seconds=300)
        said("berth plan", answer, kept=kept)

    async def tell(self, voyage: Voyage, activity: str, berth: str = "") -> None:
        """The terminal reports what the ship does. Raises Unreachable."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        body: dict[str, Any] = {"call": call_of(voyage), "activity": activity, "at": at, "remark": "模拟 simulated"}
        body |= {"place": f"place:{PORT}/berth/{berth}"} if berth else {}
        answer = await self._terminal.persistently("POST", MOVEMENT, body, key=f"{voyage.call}/{activity}/{at}", seconds=300)
        said(f"movement {activity}", answer)

    async def settle(self, name: str) -> None:
        """Tell of stays that were left open when a demo ended as departed, so that their berths are free. Raises Unreachable."""
        known = await self._terminal.get(f"{PLAN}?sort=-filed_at&limit=100")
        plans = known.body.get("items", []) if known.ok and isinstance(known.body, dict) else []
        at = datetime.now(UTC).isoformat(timespec="seconds")
        for plan in plans:
            if plan.get("data", {}).get("ship_name") == name and plan["state"] not in ("departed", "cancelled"):
                body = {"call": plan["data"]["call"], "activity": "departed", "at": at, "remark": "模拟 simulated"}
                said("movement departed", await self._terminal.persistently("POST", MOVEMENT, body, key=f"{plan['id']}/left"))

    async def _send(self, door: Door, body: bytes, key: str) -> Any:
        return await door.persistently("POST", "/api/intake/edifact", body, key=key, media="application/edifact", seconds=300)

    async def roadstead(self, anchored: Sequence[Identity], now: datetime | None = None) -> list[Voyage]:
        """Today's calls and berth plans of ships at anchor: told once a day, however often the demo starts. Raises Unreachable."""
        now = (now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0)
        told = []
        for turn, (identity, berth, (after, hours)) in enumerate(zip(anchored, BERTHS, STAYS, strict=False)):
            eta = now + timedelta(hours=after)
            number = f"R{now:%y%m%d}{turn}"
            vessel = replace(identity, imo=int(imo_number(999_010 + turn)))
            voyage = Voyage(number, f"SIMR-{number}", f"SIMR-{number}M", eta, eta + timedelta(hours=hours), (), vessel)
            call = fal_port_call(voyage, berth=f"{PORT}/berth/{berth}")
            answer = await self._agent.persistently("POST", "/api/intake/imo-fal", call, key=voyage.call, seconds=300)
            if answer.ok and answer.status == 201:
                await self.berth(voyage, berth, kept=True)
            said("port call of the roadstead", answer, kept=True)
            told.append(voyage)
        return told
