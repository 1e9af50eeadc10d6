"""The life of a berth plan, and beside it whether somebody has to look at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.text import Text
from kouan.operations.berth.records import BerthPlan

PLANNERS = ("terminal", "portoffice")
PLATFORM = ("platform",)
AHEAD = ("planned", "confirmed", "arrived")
OPEN = (*AHEAD, "alongside", "halted")
SLOT = ("berth", "planned_from", "planned_to")
MOVED = Text("计划由{by}改动", "The plan was changed by {by}")

PLAN_TRACK = Track(
    name="plan", title=Text("靠泊", "Berthing"), owner="terminal", start="planned", final=("departed", "cancelled"),
    states={
        "planned": Text("已计划", "Planned"),
        "confirmed": Text("已确认", "Confirmed"),
        "arrived": Text("已抵港", "Arrived"),
        "alongside": Text("已靠泊", "Alongside"),
        "halted": Text("已叫停", "Halted"),
        "departed": Text("已离泊", "Departed"),
        "cancelled": Text("已取消", "Cancelled"),
    },
    actions=(
        Action(name="confirm", title=Text("确认计划", "Confirm"), frm=("planned",), to="confirmed", by=PLANNERS, rules_at="filing"),
        Action(name="move", title=Text("改泊位或时间", "Change berth or time"), frm=AHEAD, to="planned", by=PLANNERS,
               sets=SLOT, rules_at="filing"),
        Action(name="cancel", title=Text("取消计划", "Cancel"), frm=(*AHEAD, "halted"), to="cancelled", by=PLANNERS),
        Action(name="arrive", title=Text("船舶抵港", "Ship has arrived"), frm=("planned", "confirmed"), to="arrived", by=PLATFORM),
        Action(name="berth", title=Text("船舶靠泊", "Ship is alongside"), frm=AHEAD, to="alongside", by=PLATFORM),
        Action(name="depart", title=Text("船舶离泊", "Ship has left"), frm=(*AHEAD, "alongside"), to="departed", by=PLATFORM),
        Action(name="remake", title=Text("重排计划", "Plan made anew"), frm=AHEAD, to="planned", by=PLATFORM,
               sets=(*SLOT, "notes"), rules_at="filing"),
        Action(name="halt", title=Text("叫停", "Halt"), frm=AHEAD, to="halted", by=PLATFORM, sets=("notes",)),
        Action(name="resume", title=Text("恢复", "Resume"), frm=("halted",), to="planned", by=PLATFORM, sets=("notes",)),
    ),
)  # fmt: skip
ATTENTION = Track(
    name="attention", title=Text("提示", "Attention"), owner="terminal", start="clear", final=("clear",),
    within={"flagged": timedelta(hours=1)},
    states={"clear": Text("无待处理提示", "Nothing to look at"), "flagged": Text("需要处理", "Needs looking at")},
    actions=(
        Action(name="flag", title=Text("提示", "Flag"), to="flagged", by=PLATFORM, sets=("notes",)),
        Action(name="settle", title=Text("已处理", "Dealt with"), frm=("flagged",), to="clear", by=PLANNERS),
    ),
)  # fmt: skip


class BerthPlanLife(Lifecycle):
    """The plan's own track leads."""

    code = BerthPlan.facts.name
    tracks = (PLAN_TRACK, ATTENTION)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """A change of berth or time leaves a note of how it stood; notes are added, never taken away."""
        given = dict(super().change(track, action, step))
        notes = list(given.pop("notes", ()))
        if action.name == "move":
            notes = [{"zh": MOVED.zh.format(by=step.who.slug), "en": MOVED.en.format(by=step.who.slug)}]
        if not notes:
            return given
        before = {f"{name.removeprefix('planned_')}_before": step.before.get(name) for name in SLOT} if set(given) & set(SLOT) else {}
        made = [{"at": stamp(step.at), "by": step.who.slug, **before, **note} for note in notes]
        return {**given, "notes": [*step.before.get("notes", ()), *made][-500:]}
