"""Site: queues of vehicles at gates and areas with their waits, and reefers whose cargo is in danger."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.operations.site import alerts, routes, watching

PARTS = (watching, alerts)
MODULE = declare(
    Module(
        name="operations.site",
        title=Text("现场运行", "Site"),
        summary=Text("排队长度与等待时间、冷藏箱温度", "Queues and waits, and temperatures of reefers"),
        clauses=("9.1.7 a)", "9.1.7 b)"),
        routes=(routes.router,),
    )
)
