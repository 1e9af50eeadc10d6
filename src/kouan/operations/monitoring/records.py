"""Figure: a daily figure that somebody else counted, as it was loaded (口岸运行监测数据; HS/T 82 8.4.1 b))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("figure", Text("运行监测数据", "Loaded figure"))
SOURCES: Mapping[str, Text] = {
    "singlewindow": Text("国际贸易“单一窗口”", "Single window"),
    "customs": Text("海关统计", "Customs statistics"),
    "statistics": Text("统计部门", "Statistics office"),
    "operator": Text("港口经营人", "Port operator"),
    "other": Text("其他来源", "Another source"),
}
Source = Literal["singlewindow", "customs", "statistics", "operator", "other"]
STATED = ("direction", "mode", "place", "country", "chapter", "kind")
"""The fields of a figure that are dimensions."""


class Figure(Record):
    """One indicator's figure of one day from outside, for the whole port or the part that its dimensions name.

    Loaded again by the same organisation it becomes the next version of the same figure: a correction.
    """

    facts: ClassVar[Facts] = Facts(
        name="operations.monitoring.figure",
        title=Text("运行监测数据", "Loaded figure"),
        summary=Text("由“单一窗口”或统计人员按日报送的指标数据", "Daily figures loaded by the single window or a statistician"),
        clause="8.4.1 b)",
        kind="report",
        ref="figure",
        key=("@filer", "source", "indicator", "day", *STATED),
        parties=(
            Party.filer("reporter"),
            Party.kind("portoffice"),
            Party.kind("customs"),
            Party.kind("transport"),
        ),
        filers=("portoffice", "customs", "border", "maritime", "transport", "terminal"),
        retention=10,
        label="indicator",
        renews=True,
    )
    indicator: str = field("指标", "Indicator", filter=True, max_length=80, example="trade.value_usd", pattern=r"^[a-z0-9_.]+$")
    day: date = field("日期", "Day", filter=True, example="2026-11-20")
    value: Decimal = field("数值", "Value", ge=0, max_digits=24, decimal_places=6, example="1250000")
    basis: int | None = field("样本数", "Cases that it rests on", default=None, ge=1, le=10**12)
    source: Source = field("来源", "Source", filter=True, default="singlewindow", example="singlewindow", values=SOURCES)
    direction: str | None = field("方向", "Direction", default=None, max_length=20, example="import")
    mode: str | None = field("运输方式", "Mode of transport", default=None, max_length=20)
    place: str | None = field("地点", "Place", default=None, max_length=80)
    country: str | None = field("国别（地区）", "Country or region", default=None, max_length=20)
    chapter: str | None = field("税则章", "HS chapter", default=None, max_length=20)
    kind: str | None = field("类别", "Kind", default=None, max_length=40)
    remark: str | None = field("说明", "Remark", default=None, max_length=400)
