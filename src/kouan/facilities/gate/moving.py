"""From passages to moves: what a vehicle that was let through carried came in or left."""

from __future__ import annotations

from typing import Any

from kouan.base.manifest.api import Consignment
from kouan.base.movement.api import Move
from kouan.base.transport.api import DeliveryOrder, collect, release_for
from kouan.facilities.gate.records import Passage
from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept

MOVE, CONSIGNMENT, ORDER = Move.facts.name, Consignment.facts.name, DeliveryOrder.facts.name


async def tell(port: Port, ref: str, passage: Passage) -> int:
    """File the moves of a passage's boxes; answers how many were new.

    The platform itself tells them: so the carrier and the terminal's own system both hear of them.
    """
    told = 0
    for box in passage.containers:
        data = await drafted(port, ref, passage, box)
        try:
            await port.file(PLATFORM, [Draft(MOVE, data)], format="gate")
            told += 1
        except Conflict:
            continue  # told by an earlier try
    return told


async def drafted(port: Port, ref: str, passage: Passage, box: str) -> dict[str, Any]:
    """The move of one box of a passage."""
    line = _line(await port.find(PLATFORM, CONSIGNMENT, ref=box), box)
    alone = len(passage.containers) == 1
    mass = passage.gross_kg - passage.tare_kg if alone and passage.gross_kg and passage.tare_kg else None
    data = line.data if line else None
    return {
        "number": passage.number, "equipment": box, "activity": f"gate-{passage.direction}", "at": passage.at, "place": passage.place,
        "vehicle": passage.vehicle, "booking": passage.booking, "bill": data.bill if isinstance(data, Consignment) else None,
        "gross_kg": mass if mass and mass > 0 else None, "seals": list(passage.seals) if alone else [],
        "status": "empty" if passage.business == "empty" else "full", "trucker": passage.trucker,
        "carrier": line.filer if line else None, "source": ref,
    }  # fmt: skip


def _line(kept: list[Kept], box: str) -> Kept | None:
    """The box's line on its newest manifest, whose filer is its carrier."""
    return next((k for k in kept if isinstance(k.data, Consignment) and k.data.stands and box in k.data.containers), None)


async def collected(port: Port, passage: Passage) -> None:
    """Cross the boxes of a passage off the delivery orders under which they were fetched."""
    for box in passage.containers:
        found = release_for(await port.find(PLATFORM, ORDER, ref=box), box)
        if found is not None:
            try:
                await collect(port, port.service("terminal"), found.id, box, passage.vehicle)
            except Conflict:
                continue  # another lane was first: the order itself says so
