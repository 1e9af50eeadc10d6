"""The life of a subscription: its subscriber pauses, resumes and ends it; the platform stops what cannot be delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.push.records import Subscription
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Step, Track
from kouan.kernel.text import Text

ACTIVE, STOP = "active", "stop"


class SubscriptionLife(Lifecycle):
    """One track. What is matched while it is paused or stopped is numbered and kept, and goes out when it is resumed."""

    code = Subscription.facts.name
    tracks = (
        Track(
            name="subscriber", title=Text("订阅", "Subscription"), owner="@filer", start=ACTIVE, final=("ended",),
            states={
                ACTIVE: Text("生效", "Active"),
                "paused": Text("已暂停", "Paused"),
                "stopped": Text("已被平台停止", "Stopped by the platform"),
                "ended": Text("已结束", "Ended"),
            },
            actions=(
                Action(name="pause", title=Text("暂停推送", "Pause"), frm=(ACTIVE,), to="paused", by=(FILER,)),
                Action(name="resume", title=Text("恢复推送", "Resume"), frm=("paused", "stopped"), to=ACTIVE, by=(FILER,)),
                Action(name=STOP, title=Text("停止推送", "Stop"), frm=(ACTIVE,), to="stopped", by=("platform",), sets=("stopped",)),
                Action(name="end", title=Text("结束订阅", "End"), frm=(ACTIVE, "paused", "stopped"), to="ended", by=(FILER,)),
            ),
        ),
    )  # fmt: skip

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Resuming takes away why it was stopped."""
        given = super().change(track, action, step)
        return {**given, "stopped": None} if action.name == "resume" and step.before.get("stopped") else given
