"""Service ticket (运维工单): that an inner service is slow, why, and what was done about it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("serviceticket", Text("运维工单", "Service ticket"))
MOST_CAUSES = 10


class Blamed(Part):
    """One service of the ranking: its own time for a call before and now, and how much of the added waiting it explains."""

    service: str = field("服务", "Service", max_length=200)
    own_before_ms: float = field("原自身耗时", "Own time before", unit="ms", ge=0)
    own_now_ms: float = field("现自身耗时", "Own time now", unit="ms", ge=0)
    calls: int = field("调用次数", "Calls", ge=0)
    explains_s: float = field("解释的等待时间", "Waiting that it explains", unit="s")
    share: float = field("占比", "Share", unit="1", ge=0, le=1)
    way: tuple[str, ...] = field("调用路径", "Way to it", default=(), max_length=20)


class Ticket(Record):
    """One service that became slow. The platform opens it with the ranking of causes; staff close it with a reason."""

    facts: ClassVar[Facts] = Facts(
        name="assurance.running.ticket",
        title=Text("运维工单", "Service ticket"),
        summary=Text("平台服务异常、根因排序与处置结果", "A service of the platform that is slow, the ranking of causes, and what was done"),
        clause="7.2.2 d)",
        kind="state",
        ref="serviceticket",
        key=("number",),
        parties=(Party.filer("platform"), Party.kind("portoffice")),
        filers=("platform",),
        retention=3,
        label="number",
        amendable=False,
    )
    number: str = field("工单编号", "Ticket number", filter=True, max_length=40, example="ST-20261123-3F9C01")
    service: str = field("服务", "Service", filter=True, max_length=200, example="database")
    began: datetime = field("开始时间", "Began", filter=True)
    before_ms: float = field("平时耗时（中位数）", "Usual time (median)", unit="ms", ge=0)
    now_ms: float = field("异常耗时（中位数）", "Time when it was noticed (median)", unit="ms", ge=0)
    affected: tuple[str, ...] = field("受影响的服务", "Services that it made slow", default=(), max_length=100)
    causes: tuple[Blamed, ...] = field("根因排序", "Ranking of causes", default=(), max_length=MOST_CAUSES)
    cleared: datetime | None = field("恢复时间", "Cleared", filter=True, default=None)
    reason: str = field("处置结论", "Reason stated at the end", default="", max_length=2000)
