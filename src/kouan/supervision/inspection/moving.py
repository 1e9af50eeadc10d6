"""The terminal's part in a visit: it is asked to move the boxes, and its own reports say when they are at the bay and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kouan.base.movement.api import Move
from kouan.facilities.yard.api import INSTRUCTION, MOVE, Instruction, Stay, complete, instructions, stays, told
from kouan.facilities.yard.api import OPEN as UNDONE
from kouan.kernel.clock import stamp
from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.supervision.inspection.lifecycle import LEAD
from kouan.supervision.inspection.records import InspectionOrder

ORDER = InspectionOrder.facts.name
WAITS = ("planned", "notified")
AFFECT = ("to-bay", "from-bay", "stack", "shift", "gate-out")
"""What a terminal tells that may bring a box to a bay or take it away."""


async def issue(port: Port, order: Kept) -> None:
    """Ask the terminal to move the boxes of an order to its bay; what it was asked before, it is not asked again."""
    data = data_of(order)
    if order.state == "finished" or order.tracks["terminal"]["state"] not in WAITS:
        return
    known = await stays(port, data.containers)
    for box in data.containers:
        if not await _asked(port, box, "to-bay"):
            await _file(port, order, box, "to-bay", last(known, box))


async def _asked(port: Port, box: str, activity: str) -> bool:
    return any(kept.state in UNDONE and _is(kept, box, activity) for kept in await instructions(port, box))


def _is(kept: Kept, box: str, activity: str) -> bool:
    assert isinstance(kept.data, Instruction)
    return (kept.data.container, kept.data.activity) == (box, activity)


async def _file(port: Port, order: Kept, box: str, activity: str, stay: Stay | None) -> None:
    data = data_of(order)
    number = f"MI-{data.number}-{box.partition(':')[2]}-{'IN' if activity == 'to-bay' else 'OUT'}"
    stated = {
        "number": number[:140], "activity": activity, "container": box, "order": order.ref, "due": data.planned_at,
        "place": data.bay if activity == "to-bay" else None, "position": where(stay),
    }  # fmt: skip
    try:
        await port.file(port.service(LEAD), [Draft(INSTRUCTION, stated)])
    except Conflict as asked:
        if asked.code != "natural_key_kept":
            raise


def where(stay: Stay | None) -> str | None:
    """Where a box stands, in a word; nothing when it is not at the terminal."""
    if stay is None or stay.ended is not None:
        return None
    return stay.position or (stay.place or "").rpartition("/")[2] or None


async def follow_move(port: Port, record_id: str) -> None:
    """The terminal told a move to or from a bay: what it was asked for is done, and the visits of the box follow. Repeatable."""
    move = await port.get(PLATFORM, MOVE, record_id)
    assert isinstance(move.data, Move)
    box = move.data.equipment
    if box is None or move.data.activity not in AFFECT:
        return
    await told(port, record_id)
    for order in await port.find(PLATFORM, ORDER, ref=box):
        if box in data_of(order).containers:
            await _follow(port, order, move.ref)


async def _follow(port: Port, order: Kept, note: str) -> None:
    boxes = data_of(order).containers
    known = await stays(port, boxes)
    now = [last(known, box) for box in boxes]
    track = str(order.tracks["terminal"]["state"])
    at_bay = [stay.at_bay for stay in now if stay and stay.presence == "bay" and stay.at_bay]
    gone = [left for stay in now if stay and stay.presence != "bay" and (left := stay.left_bay or stay.ended)]
    if order.state != "finished" and track in WAITS and len(at_bay) == len(boxes):
        await _act(port, order, "arrive", note, {"moved_at": stamp(max(at_bay))})
    elif track == "moved" and order.state != "finished" and gone:
        await _act(port, order, "leave", note)
    elif track == "moved" and order.state == "finished" and len(gone) == len(boxes):
        await _act(port, order, "clear", note, {"returned_at": stamp(max(gone))})


async def acknowledged(port: Port, record_id: str) -> None:
    """The terminal acknowledged an instruction: its notice of the visit has come."""
    kept = await port.get(PLATFORM, INSTRUCTION, record_id)
    assert isinstance(kept.data, Instruction)
    for order in await port.find(PLATFORM, ORDER, ref=kept.data.container):
        if order.ref == kept.data.order and order.tracks["terminal"]["state"] == "planned":
            await _act(port, order, "notify", kept.ref)


async def over(port: Port, order: Kept) -> None:
    """The visit is over: what the terminal had still to do for it is called off, and boxes at the bay are moved back."""
    known = await stays(port, data_of(order).containers)
    for box in data_of(order).containers:
        if await _needed(port, box, order.ref):
            continue
        for kept in await instructions(port, box):
            if kept.state in UNDONE and _is(kept, box, "to-bay"):
                await _cancel(port, kept)
        stay = last(known, box)
        if stay is not None and stay.presence == "bay":
            await _file(port, order, box, "from-bay", stay)


async def _needed(port: Port, box: str, but: str) -> bool:
    """Whether another visit still waits for the box at the bay."""
    others = [one for one in await port.find(PLATFORM, ORDER, ref=box) if one.ref != but and box in data_of(one).containers]
    return any(one.state != "finished" for one in others)


async def moved_by_hand(port: Port, order: Kept) -> None:
    """The terminal said on the order itself that the box is at the bay: its instructions are done."""
    for box in data_of(order).containers:
        await complete(port, box, "to-bay", order.ref)


async def _cancel(port: Port, kept: Kept) -> None:
    try:
        await port.act(port.service(LEAD), INSTRUCTION, kept.id, "cancel")
    except Conflict as already:
        if already.code != "not_in_state":
            raise


async def _act(port: Port, order: Kept, action: str, note: str, changes: Mapping[str, Any] | None = None) -> None:
    try:
        await port.act(PLATFORM, ORDER, order.id, f"terminal.{action}", changes=changes, note=note)
    except Conflict as already:
        # Another report of the same box was followed first.
        if already.code != "not_in_state":
            raise


def last(known: Mapping[str, Sequence[Stay]], box: str) -> Stay | None:
    """The stay that a box is in, or was in last."""
    found = known.get(box)
    return found[-1] if found else None


def data_of(order: Kept) -> InspectionOrder:
    """An order's content."""
    assert isinstance(order.data, InspectionOrder)
    return order.data

