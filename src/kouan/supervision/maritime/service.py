"""Carrying orders out in the berth plan: made anew where a free slot complies, else halted or flagged."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.kernel.text import Text
from kouan.operations.berth.api import Slot, Why, flag, halt, plan, plans_of, remake, resume, slots
from kouan.supervision.maritime.binding import IN_FORCE, broken, complies, in_force, soonest
from kouan.supervision.maritime.records import KINDS, MaritimeOrder
from kouan.supervision.maritime.rules import ORDER

SAID = Text("海事指令 {number}({kind})：{reason}", "Maritime order {number} ({kind}): {reason}")
LIFTED = Text("海事指令 {number} 已解除", "Maritime order {number} was lifted")
RANK = ("none", "kept", "replanned", "flagged", "halted")


async def carry_out(port: Port, order_id: str) -> None:
    """Bring the plans of the order's call to what it says, and note the effect on the order. Repeated, it changes nothing."""
    kept = await port.get(PLATFORM, ORDER, order_id)
    order = order_of(kept)
    if kept.state != IN_FORCE or kept.tracks["plan"]["state"] != "waiting":
        return
    binding = in_force(await port.find(PLATFORM, ORDER, ref=order.call), order.call)
    effects = [await _bring(port, one, kept, binding) for one in await plans_of(port, order.call)]
    effect = max(effects, key=RANK.index, default="none")
    await port.act(PLATFORM, ORDER, kept.id, "apply", changes={"effect": effect})


def order_of(kept: Kept) -> MaritimeOrder:
    """The order that a kept record is."""
    assert isinstance(kept.data, MaritimeOrder)
    return kept.data


def why(kept: Kept) -> Why:
    """The order as the reason of a change."""
    order, kind = order_of(kept), KINDS[order_of(kept).kind]
    said = Text(
        SAID.zh.format(number=order.number, kind=kind.zh, reason=order.reason_zh),
        SAID.en.format(number=order.number, kind=kind.en, reason=order.reason_en),
    )
    return Why(said, kept.ref)


async def _bring(port: Port, planned: Kept, ordered: Kept, binding: Sequence[MaritimeOrder]) -> str:
    order, because = order_of(ordered), why(ordered)
    if any(note.because == ordered.ref for note in plan(planned).notes):
        # It was carried out before this handler was interrupted.
        return "halted" if planned.state == "halted" else "flagged" if planned.tracks["attention"]["state"] == "flagged" else "replanned"
    stay = Slot(plan(planned).berth, plan(planned).planned_from, plan(planned).planned_to)
    if order.kind == "stop":
        return "halted" if (await halt(port, planned, because)).state == "halted" else "flagged"
    if not broken(stay, order):
        if order.kind in ("escort", "conditions"):
            await flag(port, planned, because)
            return "flagged"
        return "kept"
    options = await slots(port, plan(planned), begin=soonest(binding), admits=lambda slot: complies(slot, binding))
    if await remake(port, planned, options, because):
        return "replanned"
    await flag(port, planned, because)
    return "flagged"


async def lift(port: Port, order_id: str) -> None:
    """An order was lifted: a plan that it halted goes on unless another stops it; any other is flagged to be looked at."""
    kept = await port.get(PLATFORM, ORDER, order_id)
    order = order_of(kept)
    binding = in_force(await port.find(PLATFORM, ORDER, ref=order.call), order.call)
    because = Why(LIFTED.fill(number=order.number), kept.ref)
    for planned in await plans_of(port, order.call):
        if planned.state == "halted" and not any(one.kind == "stop" for one in binding):
            await resume(port, planned, because)
        elif planned.state != "halted" and any(note.because == kept.ref for note in plan(planned).notes):
            await flag(port, planned, because)
