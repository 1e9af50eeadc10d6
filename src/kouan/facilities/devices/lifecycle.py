"""The lives of a device, of work on it, and of a command to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.facilities.devices.records import Command, Device, Maintenance
from kouan.kernel.clock import stamp
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Step, Track
from kouan.kernel.text import Text

KEEPERS = (FILER, "portoffice")
IN_USE = ("commissioned", "maintenance")
"""States in which a device is listened to."""


class DeviceLife(Lifecycle):
    """Planned, in use, under maintenance, and in the end retired."""

    code = Device.facts.name
    tracks = (
        Track(
            name="use", title=Text("使用状态", "Use"), owner="portoffice", start="planned", final=("retired",),
            states={
                "planned": Text("计划中", "Planned"), "commissioned": Text("在用", "In use"),
                "maintenance": Text("维护中", "In maintenance"),
                "retired": Text("已停用", "Retired"),
            },
            actions=(
                Action(name="commission", title=Text("投入使用", "Commission"), frm=("planned",), to="commissioned", by=KEEPERS),
                Action(name="maintain", title=Text("转入维护", "Take into maintenance"), frm=("commissioned",), to="maintenance", by=KEEPERS),
                Action(name="resume", title=Text("恢复使用", "Put back into use"), frm=("maintenance",), to="commissioned", by=KEEPERS),
                Action(name="retire", title=Text("停用", "Retire"), frm=("planned", *IN_USE), to="retired", by=KEEPERS),
            ),
        ),
    )  # fmt: skip


class MaintenanceLife(Lifecycle):
    """Planned, begun, done or given up."""

    code = Maintenance.facts.name
    tracks = (
        Track(
            name="work", title=Text("工单状态", "Work"), owner="portoffice", start="planned", final=("done", "cancelled"),
            states={
                "planned": Text("已计划", "Planned"), "begun": Text("进行中", "Begun"), "done": Text("已完成", "Done"),
                "cancelled": Text("已取消", "Cancelled"),
            },
            actions=(
                Action(name="begin", title=Text("开始", "Begin"), frm=("planned",), to="begun", by=KEEPERS),
                Action(name="finish", title=Text("完成", "Finish"), frm=("planned", "begun"), to="done", by=KEEPERS,
                       sets=("result", "parts")),
                Action(name="cancel", title=Text("取消", "Cancel"), frm=("planned", "begun"), to="cancelled", by=KEEPERS),
            ),
        ),
    )  # fmt: skip

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """The end of the work is when it was said."""
        given = super().change(track, action, step)
        return {**given, "done_at": stamp(step.at)} if action.name == "finish" else given


PLATFORM = ("platform",)


class CommandLife(Lifecycle):
    """Asked, then acknowledged or refused by the device, or unanswered in its time."""

    code = Command.facts.name
    tracks = (
        Track(
            name="command", title=Text("指令状态", "Command"), owner="portoffice", start="asked",
            final=("acknowledged", "failed", "unanswered"),
            states={
                "asked": Text("已下发", "Sent"), "acknowledged": Text("已确认", "Acknowledged"),
                "failed": Text("设备拒绝", "Refused by the device"),
                "unanswered": Text("超时未确认", "Not answered in time"),
            },
            actions=tuple(
                Action(name=name, title=title, frm=("asked",), to=to, by=PLATFORM, sets=("answered_at", "answer"))
                for name, title, to in (
                    ("acknowledge", Text("确认", "Acknowledge"), "acknowledged"), ("fail", Text("拒绝", "Refuse"), "failed"),
                    ("expire", Text("超时", "Time out"), "unanswered"),
                )
            ),
        ),
    )  # fmt: skip
