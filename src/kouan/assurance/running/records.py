"""Service ticket (运维工单): that an inner service is slow, why, and what was done about it; and the numbers of running (运行参数)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("serviceticket", Text("运维工单", "Service ticket"))
reference_kind("runningparameter", Text("运行参数", "Running parameter"))
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


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be stated: what it is, the usual one, and its bounds."""

    title: Text
    usual: float
    lowest: float
    highest: float


ParameterName = Literal["forecast_days", "facts_a_day", "data_use_days"]
PARAMETERS: Mapping[str, Number] = {
    "forecast_days": Number(Text("容量预警提前天数", "Warn of a limit so many days before"), 30, 1, 365),
    "facts_a_day": Number(Text("每日受理上限（0 为不设）", "Facts a day at most (0: none is stated)"), 0, 0, 1_000_000_000),
    "data_use_days": Number(Text("数据使用记录明细保存天数", "Days for which details of data use are kept"), 365, 180, 3650),
}


class Parameter(Record):
    """One number of running, from a day on. The one that began last stands; without any the usual one does."""

    facts: ClassVar[Facts] = Facts(
        name="assurance.running.parameter",
        title=Text("运行参数", "Running parameter"),
        summary=Text("容量预警、受理上限和数据使用记录保存的参数，按生效日期", "Numbers of capacity and of keeping data use, by effective date"),
        clause="7.2.2 d)",
        kind="filing",
        ref="runningparameter",
        key=("name", "since"),
        parties=(Party.filer("author"), Party.kind("portoffice")),
        filers=("portoffice",),
        retention=10,
        label="name",
    )
    name: ParameterName = field(
        "参数", "Parameter", filter=True, values={name: one.title for name, one in PARAMETERS.items()}, example="forecast_days"
    )
    value: float = field("数值", "Value", ge=0, example=45)
    since: date = field("生效日期", "In force from", filter=True, example="2026-01-01")
    until: date | None = field("失效日期", "In force until", filter=True, default=None)
    reason: str = field("理由", "Reason", min_length=1, max_length=400, example="扩容需提前六周采购")
