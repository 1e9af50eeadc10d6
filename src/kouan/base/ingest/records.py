"""Records of extraction: sources as their owners set them up, and runs as they ended (HS/T 82 7.2.3 a))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import OrgRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("ingestsource", Text("数据源", "Data source"), normal=lambda text: text.strip().lower())
reference_kind("ingestrun", Text("抽取批次", "Extraction run"))
FILERS = ("customs", "border", "maritime", "transport", "portoffice", "terminal", "carrier", "agent", "trader", "trucker")
KINDS: dict[str, Text] = {
    "upload": Text("上传", "Upload"),
    "folder": Text("文件夹", "Folder"),
    "http": Text("HTTP 下载", "HTTP download"),
    "sftp": Text("SFTP", "SFTP"),
    "postgresql": Text("PostgreSQL 数据库", "PostgreSQL database"),
    "mysql": Text("MySQL/MariaDB 数据库", "MySQL or MariaDB database"),
    "sqlite": Text("SQLite 数据库", "SQLite database"),
    "mqtt": Text("MQTT 主题", "MQTT topic"),
    "nats": Text("NATS 主题", "NATS subject"),
    "signals": Text("信号历史", "History of a signal"),
}
Kind = Literal["upload", "folder", "http", "sftp", "postgresql", "mysql", "sqlite", "mqtt", "nats", "signals"]
FORMATS: dict[str, Text] = {
    "auto": Text("自动识别", "Found out by itself"), "csv": Text("CSV 表格", "CSV"), "xlsx": Text("XLSX 表格", "XLSX"),
    "json": Text("JSON 数据", "JSON"), "xml": Text("XML 数据", "XML"), "parquet": Text("Parquet 数据", "Parquet"),
    "edifact": Text("UN/EDIFACT 报文", "UN/EDIFACT"),
    "media": Text("图像、音频、视频", "Image, audio, video"),
}  # fmt: skip
Format = Literal["auto", "csv", "xlsx", "json", "xml", "parquet", "edifact", "media"]
STEPS: dict[str, Text] = {
    "trim": Text("去空格", "Trim"), "upper": Text("转大写", "Upper case"), "lower": Text("转小写", "Lower case"),
    "blank": Text("空值标记转空", "Marks of nothing become nothing"), "date": Text("日期转 ISO 8601", "Date to ISO 8601"),
    "code": Text("名称转代码", "Name to code"), "map": Text("按对照表替换", "Replace by a table"), "unit": Text("单位换算", "Unit"),
    "split": Text("拆分取一段", "Split, take a part"),
}  # fmt: skip
TYPES: dict[str, Text] = {
    "text": Text("文本", "Text"), "integer": Text("整数", "Whole number"), "number": Text("数值", "Number"),
    "moment": Text("时间", "Moment"), "day": Text("日期", "Day"),
}  # fmt: skip
STATES: dict[str, Text] = {
    "done": Text("完成", "Done"), "stopped": Text("已停止", "Stopped"), "failed": Text("失败", "Failed"),
}  # fmt: skip


class Step(Part):
    """One conversion. `a`, `b`: date formats; code list; unit in and out; separator and part's number. `table`: from and to."""

    do: Literal["trim", "upper", "lower", "blank", "date", "code", "map", "unit", "split"] = field(
        "转换", "Conversion", example="trim", values=STEPS
    )
    a: str | None = field("参数一", "First value", default=None, max_length=200)
    b: str | None = field("参数二", "Second value", default=None, max_length=200)
    table: dict[str, str] = field("对照表", "Table", default={}, max_length=1000)


class Column(Part):
    """How a field of the target is made: out of a column of the source by some conversions, or as a constant."""

    into: str = field("目标字段", "Field", min_length=1, max_length=64, pattern=r"^[A-Za-z_]\w*$", example="at")
    column: str | None = field("来源列", "Column", default=None, max_length=200, example="时间")
    constant: str | None = field("固定值", "Constant", default=None, max_length=400)
    steps: tuple[Step, ...] = field("转换", "Conversions", default=(), max_length=8)
    type: Literal["text", "integer", "number", "moment", "day"] = field("类型", "Type", default="text", values=TYPES)


class Source(Record):
    """Where data come from, what they become, and how each column is converted on the way."""

    facts: ClassVar[Facts] = Facts(
        name="base.ingest.source",
        title=Text("数据源", "Data source"),
        summary=Text("抽取来源、字段映射、转换、调度与去向", "Where data are taken from, their mapping, conversion, schedule and target"),
        clause="7.2.3 a)",
        kind="state",
        ref="ingestsource",
        key=("@filer", "code"),
        parties=(Party.filer("owner"),),
        filers=FILERS,
        retention=10,
        label="code",
    )
    code: str = field("代码", "Code", filter=True, min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$", example="tos-moves")
    name: str = field("名称", "Name", min_length=1, max_length=120, example="TOS moves")
    kind: Kind = field("来源类型", "Kind", filter=True, example="upload", values=KINDS)
    address: str | None = field("地址", "Address", level=2, default=None, max_length=400)
    query: str | None = field("查询、主题或文件名样式", "Query, topic or file name pattern", level=2, default=None, max_length=4000)
    key_column: str | None = field("增量键", "Key of increments", default=None, max_length=120)
    host_key: str | None = field("服务器公钥（SFTP）", "Server's public key (SFTP)", default=None, max_length=2000)
    format: Format = field("文件格式", "File format", default="auto", values=FORMATS)
    element: str | None = field(
        "行元素（XML）、工作表（XLSX，* 为全部）或报文、记录类型（EDIFACT）",
        "Element of a row (XML); sheet (XLSX, * for all); type of message or record (EDIFACT)", default=None, max_length=120,
    )
    target: str = field("去向", "Target", filter=True, min_length=1, max_length=120, example="base.movement.status")
    sender: OrgRef | None = field("数据提供方", "Sender", filter=True, default=None, example="org:terminal")
    columns: tuple[Column, ...] = field("字段映射", "Mapping", default=(), max_length=200)
    unique: tuple[str, ...] = field("去重字段", "Fields of which duplicates are dropped", default=(), max_length=20)
    every_minutes: int | None = field("调度间隔", "Schedule", unit="min", default=None, ge=1, le=525_600)
    renew: bool = field("更新已有记录", "Renew records kept already", default=False)
    active: bool = field("启用", "In force", filter=True, default=True)


class Cause(Part):
    """What refused rows, in words, and how many of them."""

    zh: str = field("原因", "Cause, in Chinese", max_length=300)
    en: str = field("原因（英文）", "Cause", max_length=300)
    rows: int = field("行数", "Rows", ge=0)
    rule: str = field("规则代码", "Code of the rule", max_length=200)


class Run(Record):
    """One run as it ended: how many rows came in, were changed, kept, known already, dropped as doubles, or refused, and why."""

    facts: ClassVar[Facts] = Facts(
        name="base.ingest.run",
        title=Text("抽取批次", "Extraction run"),
        summary=Text("一次抽取的结果：接收、更正、入库、退回及原因", "What one extraction came to: in, changed, kept, refused and why"),
        clause="7.2.3 a)",
        kind="report",
        ref="ingestrun",
        key=("number",),
        parties=(Party.filer("keeper"), Party.field("owner", "owner"), Party.field("sender", "sender")),
        filers=("platform",),
        retention=10,
        label="name",
        columns=("name", "started", "outcome", "taken", "kept", "refused", "target"),
        renews=True,
    )
    number: str = field("批次编号", "Number", filter=True, max_length=64)
    name: str | None = field("名称", "Name", default=None, max_length=120)
    source: str = field("数据源", "Source", filter=True, max_length=120)
    kind: Kind = field("来源类型", "Kind", filter=True, values=KINDS)
    target: str = field("去向", "Target", filter=True, max_length=120)
    owner: OrgRef = field("数据源单位", "Owner", filter=True)
    sender: OrgRef | None = field("数据提供方", "Sender", filter=True, default=None)
    outcome: Literal["done", "stopped", "failed"] = field("结果", "Outcome", filter=True, values=STATES)
    started: datetime = field("开始时间", "Started", filter=True)
    ended: datetime = field("结束时间", "Ended", filter=True)
    taken: int = field("接收行数", "Rows in", ge=0)
    changed: int = field("更正行数", "Rows changed", ge=0)
    kept: int = field("入库行数", "Rows kept", ge=0)
    known: int = field("已有行数", "Rows known already", ge=0)
    doubles: int = field("重复行数", "Doubles dropped", ge=0)
    refused: int = field("退回行数", "Rows refused", ge=0)
    causes: tuple[Cause, ...] = field("退回原因", "Why refused", default=(), max_length=50)
    error_zh: str | None = field("失败原因（中文）", "Failure, in Chinese", default=None, max_length=400)
    error_en: str | None = field("失败原因（英文）", "Failure, in English", default=None, max_length=400)
