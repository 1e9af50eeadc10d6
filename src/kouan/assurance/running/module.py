"""Running the platform (平台一体化运维): meters of every service, anomalies, ranking of causes, service tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.assurance.running import alerts, jobs, lifecycle, records, routes, rules, store, watching
from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, rules, lifecycle, watching, alerts, jobs)


def told(data: Mapping[str, Any]) -> Text:
    """A ticket in a few words."""
    return Text(f"服务“{data['service']}”缓慢", f"Service “{data['service']}” is slow")


tells(records.Ticket.facts.name, told)
MODULE = declare(
    Module(
        name="assurance.running",
        title=Text("平台运维", "Operations of the platform"),
        summary=Text("指标、异常智能识别、故障定位、容量预测与运维工单", "Meters, anomalies, ranking of causes, capacity forecast, tickets"),
        lasting=True,
        clauses=("H7.2.2d",),
        pages=(Page("/assurance/running", Text("平台运行", "How the platform runs")),),
        routes=(routes.router,),
        ddl=store.DDL,
    )
)
