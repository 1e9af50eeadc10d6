"""Machine rooms: assets, capacity, environment, and alarms that name what depends on the asset (机房)."""

from __future__ import annotations

from kouan.facilities.rooms import alerts, records, rules, watching
from kouan.facilities.rooms.routes import router
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, rules, alerts, watching.Rooms)
MODULE = declare(
    Module(
        name="facilities.rooms",
        title=Text("机房", "Machine rooms"),
        summary=Text("机房资产、容量、环境与依赖关系", "Assets of machine rooms, capacity, environment and dependencies"),
        clauses=("H6.1",),
        pages=(Page("/facilities/rooms", Text("机房", "Machine rooms")),),
        routes=(router,),
    )
)
