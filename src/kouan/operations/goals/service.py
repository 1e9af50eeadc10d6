"""How the goals of a port's profile stand: the figure now against the target and the day by which it is due."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from kouan.base.profile.api import HORIZONS, TIERS, WAYS, Goal, Plan, plans
from kouan.kernel.clock import now
from kouan.kernel.modules import MODES, modules
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text
from kouan.operations.monitoring.api import Measured, Row, indicator, measured

Status = Literal["reached", "underway", "late", "unmeasured", "closed"]
STATUSES: Mapping[Status, Text] = {
    "reached": Text("已达到", "Reached"),
    "underway": Text("推进中", "On the way"),
    "late": Text("已逾期", "Late"),
    "unmeasured": Text("尚无数据", "Not yet measured"),
    "closed": Text("贵单位无权查看", "Not yours to read"),
}


def status(goal: Goal, value: float | None, today: date) -> Status:
    """How a goal stands with a figure; a figure that is none is never taken for nought."""
    if value is None or not math.isfinite(value):
        return "unmeasured"
    target = float(goal.target)
    if value >= target if goal.way == "least" else value <= target:
        return "reached"
    return "late" if today > goal.due else "underway"


Held = dict[tuple[str, int, str], Measured | None]


def part_of(plan: Plan, site: str, dimensions: Sequence[str]) -> Mapping[str, str] | None:
    """The part of an indicator's figures that is a port's own: of the site's port the whole, of another one what is stated for
    it, by place or by mode; None where the indicator does not tell them apart."""
    if plan.port == site:
        return {}
    own = {"place": plan.port, "mode": plan.profile.mode}
    return next(({name: own[name]} for name in own if name in dimensions), None)


async def boards(port: Port, who: Principal, code: str = "") -> list[dict[str, Any]]:
    """The ports of entry with how their goals stand, as far as the caller may read the figures; of one port by its code."""
    known = plans(port)
    today = now().astimezone(ZoneInfo(port.site.zone)).date()
    held: Held = {}
    mine = {one.port for one in await known.of(who)}
    return [
        await _board(port, who, plan, today, held, mine=plan.port in mine) for plan in await known.all() if code in ("", plan.port)
    ]


async def _board(
    port: Port, who: Principal, plan: Plan, today: date, held: Held, *, mine: bool
) -> dict[str, Any]:
    profile = plan.profile
    goals = [await _goal(port, who, plan, goal, today, held) for goal in profile.goals]
    count = {name: sum(goal["status"] == name for goal in goals) for name in STATUSES}
    left_out = [(module, why) for module in modules() if (why := plan.without(module))]
    return {
        "id": plan.id, "port": plan.port, "name": plan.name.out(), "mine": mine,
        "mode": {"value": profile.mode, "title": MODES[profile.mode].out()},
        "also": [{"value": mode, "title": MODES[mode].out()} for mode in profile.also],
        "tier": {"value": profile.tier, "title": TIERS[profile.tier].out()},
        "organisations": list(profile.organisations), "goals": goals, "count": count,
        "left_out": [{"module": module.name, "title": module.title.out(), "why": why.out()} for module, why in left_out],
    }  # fmt: skip


async def _goal(port: Port, who: Principal, plan: Plan, goal: Goal, today: date, held: Held) -> dict[str, Any]:
    of = indicator(goal.indicator)
    part = part_of(plan, port.site.code, of.dimensions() if of else ())
    mark = (goal.indicator, goal.days, str(part))
    if part is not None and mark not in held:
        held[mark] = await measured(port, who, goal.indicator, (today - timedelta(days=goal.days - 1), today), asked=part)
    found = held.get(mark)
    row = _told(found)
    value = row.value if row else None
    shut = part is not None and (found is None or found.own)
    stands: Status = "closed" if shut else status(goal, value, today)
    return {
        "title": Text(goal.title_zh, goal.title_en).out(), "horizon": goal.horizon, "stage": HORIZONS[goal.horizon].out(),
        "indicator": goal.indicator, "named": of.title.out() if of else None, "unit": of.unit.out() if of else None,
        "digits": of.digits if of else 0, "version": of.revision if of else None, "days": goal.days,
        "way": {"value": goal.way, "title": WAYS[goal.way].out()}, "target": float(goal.target), "due": goal.due.isoformat(),
        "owner": goal.owner, "value": value if stands != "closed" else None, "status": stands,
        "status_title": STATUSES[stands].out(), "simulated": bool(row and row.simulated),
        "whose": row.whose.out() if row and stands != "closed" else None,
    }  # fmt: skip


def _told(found: Measured | None) -> Row | None:
    """The platform's own figure where it has one, else the first loaded one."""
    rows = found.rows if found else ()
    return next((row for row in rows if row.value is not None), None)
