"""What a berth plan does about the ship: a new estimated arrival, and what is reported of her."""

from __future__ import annotations

from kouan.base.portcall.api import PortCall
from kouan.kernel.clock import local
from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.operations.berth import service
from kouan.operations.berth.records import ShipMovement
from kouan.operations.berth.rules import PLAN

CALL = PortCall.facts.name
MOVEMENT = ShipMovement.facts.name
STEPS = {"arrived": "arrive", "anchored": "arrive", "alongside": "berth", "departed": "depart"}
"""The action that a reported activity takes on the plan."""
LATE = Text("预抵时间改为 {eta}，计划已顺延", "The estimated arrival is now {eta}; the plan was moved on")
STUCK = Text("预抵时间改为 {eta}，原泊位无法顺延", "The estimated arrival is now {eta}; the plan cannot be moved on by itself")
ANOMALY = Text("报告异常：{remark}", "Anomaly reported: {remark}")
SHIFTING = Text("报告移泊", "Shifting was reported")


class FollowArrival(Handler):
    """A later estimated arrival moves the plan on, or flags it."""

    code = "operations.berth.follow_arrival"
    title = Text("按预抵时间变化调整泊位计划", "Keep berth plans with the estimated arrival")
    on = (f"{CALL}:amend",)

    async def handle(self, event: Event, port: Port) -> None:
        """The soonest slot from the new arrival on, at the same berth if that is as soon."""
        call = await port.get(PLATFORM, CALL, event.record_id)
        assert isinstance(call.data, PortCall)
        eta = call.data.eta
        for kept in (await service.plans_of(port, call.ref))[:1]:
            if eta <= service.plan(kept).planned_from:
                continue
            at = local(eta, port.site.zone)
            options = await service.slots(port, service.plan(kept), begin=eta)
            moved = await service.remake(port, kept, options, service.Why(LATE.fill(eta=at), call.ref))
            if moved is None:
                await service.flag(port, kept, service.Why(STUCK.fill(eta=at), call.ref))


class FollowMovements(Handler):
    """A reported movement moves the plan of its call on; an anomaly flags it."""

    code = "operations.berth.follow_movements"
    title = Text("按船舶动态推进泊位计划", "Move berth plans on by reported movements")
    on = (f"{MOVEMENT}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Reports may come in any order; one that the plan is past already changes nothing."""
        kept = await port.get(PLATFORM, MOVEMENT, event.record_id)
        told = kept.data
        assert isinstance(told, ShipMovement)
        plans = await service.plans_of(port, told.call)
        if told.activity == "alongside" and told.place:
            plans = [one for one in plans if service.plan(one).berth == told.place] or plans
        for one in plans[:1]:
            if told.activity in ("anomaly", "shifting"):
                said = ANOMALY.fill(remark=told.remark or "–") if told.activity == "anomaly" else SHIFTING
                await service.flag(port, one, service.Why(said, kept.ref))
                continue
            try:
                await port.act(PLATFORM, PLAN, one.id, STEPS[told.activity], note=kept.ref)
            except Conflict as past:
                if past.code != "not_in_state":
                    raise
