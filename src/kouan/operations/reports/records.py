"""Report definitions and the reports made of them (HS/T 82 7.2.2 g) 1): 定时和即时分析)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from kouan.base.reference.api import OrgRef
from kouan.kernel.indicators import DIMENSIONS
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import Reference, reference_kind
from kouan.kernel.text import Text

reference_kind("reportdef", Text("报表定义", "Report definition"))
reference_kind("report", Text("统计报表", "Report"))
PERIODS: Mapping[str, Text] = {"day": Text("日报", "Daily"), "week": Text("周报", "Weekly"), "month": Text("月报", "Monthly")}
FORMATS: Mapping[str, Text] = {"page": Text("网页", "Page"), "xlsx": Text("XLSX 表格", "XLSX sheet"), "pdf": Text("PDF 文件", "PDF file")}
CAUSES: Mapping[str, Text] = {"schedule": Text("定时", "On schedule"), "demand": Text("即时", "On demand")}
BY: Mapping[str, Text] = {
    "whole": Text("合计", "Whole"), "day": Text("按日", "By day"), "hour": Text("按小时", "By hour"),
    **{name: Text(f"按{title.zh}", f"By {title.en.lower()}") for name, title in DIMENSIONS.items()},
}  # fmt: skip
By = Literal["whole", "day", "hour", "direction", "mode", "place", "country", "chapter", "kind"]
DefinitionRef = Annotated[str, Reference("reportdef")]


class Line(Part):
    """One line of a report: an indicator, or how many records of a type were filed; whole or divided."""

    indicator: str | None = field(
        "指标代码", "Indicator's code", default=None, example="boxes.quay_teu", max_length=80, pattern=r"^[a-z0-9_.]+$"
    )
    record: str | None = field("记录类型", "Record type", default=None, max_length=80, pattern=r"^[a-z_]+\.[a-z_]+\.[a-z_]+$")
    by: By = field("划分", "Divided", default="whole", example="day", values=BY)


class Definition(Record):
    """What a report shows, of which period, when it is made, and who gets it. Each recipient gets what it may read itself."""

    facts: ClassVar[Facts] = Facts(
        name="operations.reports.definition",
        title=Text("报表定义", "Report definition"),
        summary=Text("报表的指标、周期、计划与接收单位", "A report's figures, period, schedule and recipients"),
        clause="7.2.2 g) 1)",
        kind="filing",
        ref="reportdef",
        key=("@filer", "code"),
        parties=(Party.filer("owner"), Party.field("recipient", "recipients")),
        filers=("portoffice", "customs", "border", "maritime", "transport", "terminal", "carrier"),
        retention=10,
        label="title_zh",
    )
    code: str = field("代码", "Code", filter=True, example="daily-throughput", pattern=r"^[a-z0-9-]+$", min_length=2, max_length=40)
    title_zh: str = field("标题（中文）", "Title in Chinese", example="每日吞吐量报表", min_length=1, max_length=80)
    title_en: str = field("标题（英文）", "Title in English", example="Daily throughput", min_length=1, max_length=120)
    lines: tuple[Line, ...] = field(
        "内容", "Lines", min_length=1, max_length=40, example=[{"indicator": "boxes.quay_teu", "by": "whole"}]
    )
    period: Literal["day", "week", "month"] = field("周期", "Period", filter=True, default="day", example="day", values=PERIODS)
    scheduled: bool = field("定时生成", "Made on schedule", filter=True, default=True, example=True)
    hour: int = field("生成时刻（时）", "Hour at which it is made", default=6, ge=0, le=23, example=6)
    recipients: tuple[OrgRef, ...] = field("接收单位", "Recipients", default=(), max_length=100, example=["org:terminal"])
    formats: tuple[Literal["page", "xlsx", "pdf"], ...] = field(
        "格式", "Formats", default=("page", "xlsx", "pdf"), min_length=1, max_length=3, example=["page", "xlsx", "pdf"], values=FORMATS
    )


class Row(Part):
    """One figure of a report. `value` is None where there is none; `open`: whether the recipient may read the indicator."""

    line: int = field("行", "Line", ge=0, le=100)
    source: str = field("来源代码", "Source", default="", max_length=120)
    whose_zh: str = field("来源（中文）", "Source in Chinese", max_length=200)
    whose_en: str = field("来源（英文）", "Source in English", max_length=200)
    part: str = field("分项", "Part", default="", max_length=120)
    part_zh: str = field("分项（中文）", "Part in Chinese", default="", max_length=120)
    part_en: str = field("分项（英文）", "Part in English", default="", max_length=120)
    value: float | None = field("数值", "Value", default=None)
    cases: int = field("样本数", "Cases", default=0)
    simulated: bool = field("含模拟数据", "Holds simulated data", default=False)


class Head(Part):
    """What a line of a report is about, with the version of its formula and where its figure leads."""

    title_zh: str = field("名称（中文）", "Name in Chinese", max_length=200)
    title_en: str = field("名称（英文）", "Name in English", max_length=200)
    unit_zh: str = field("单位（中文）", "Unit in Chinese", default="", max_length=40)
    unit_en: str = field("单位（英文）", "Unit in English", default="", max_length=40)
    digits: int = field("小数位", "Digits", default=0, ge=0, le=9)
    version: int | None = field("公式版本", "Version of the formula", default=None)
    open: bool = field("对接收单位开放", "Open to the recipient", default=True)
    href: str = field("明细", "Where it leads", default="", max_length=400)


class Report(Record):
    """A report as it was made and delivered to one recipient; it is never changed, and its files are made out of it."""

    facts: ClassVar[Facts] = Facts(
        name="operations.reports.report",
        title=Text("统计报表", "Report"),
        summary=Text("已生成并送达的报表", "A report that was made and delivered"),
        clause="7.2.2 g) 1)",
        kind="report",
        ref="report",
        key=("number",),
        parties=(Party.field("recipient", "recipient"),),
        filers=("platform",),
        retention=10,
        label="title_zh",
        amendable=False,
    )
    number: str = field("编号", "Number", filter=True, max_length=160)
    definition: DefinitionRef = field("报表定义", "Definition", filter=True)
    title_zh: str = field("标题（中文）", "Title in Chinese", max_length=80)
    title_en: str = field("标题（英文）", "Title in English", max_length=120)
    recipient: OrgRef = field("接收单位", "Recipient", filter=True)
    since: date = field("起", "First day")
    until: date = field("止", "Last day", filter=True)
    made_at: datetime = field("生成时间", "Made at", filter=True)
    cause: Literal["schedule", "demand"] = field("方式", "Cause", filter=True, values=CAUSES)
    formats: tuple[str, ...] = field("格式", "Formats", default=(), max_length=3)
    heads: tuple[Head, ...] = field("内容", "Lines", default=(), max_length=40)
    rows: tuple[Row, ...] = field("数据", "Figures", default=(), max_length=20_000)
    simulated: bool = field("含模拟数据", "Holds simulated data", filter=True, default=False)
