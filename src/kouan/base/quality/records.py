"""Records of quality: rules that stewards add, and scores kept over time (HS/T 82 7.2.3 b) 2))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.quality.checks import CLASS_OF, CLASSES, KINDS, SEVERITIES, Check, Class, Severity
from kouan.base.reference.api import OrgRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("qualityrule", Text("质量规则", "Quality rule"), normal=lambda text: text.strip().lower())
reference_kind("qualityscore", Text("质量评分", "Quality score"))
STEWARDS = ("customs", "border", "maritime", "transport", "portoffice")
Stated = Literal[
    "required", "pattern", "codes", "code_list", "range", "length", "not_future", "not_older", "equal", "check_digit", "exists", "unique",
]  # fmt: skip
STATED = {kind: text for kind, text in KINDS.items() if kind != "type"}
ABOUT_ZH = "对照项（代码集、标识、记录类型或字段）"


class QualityRule(Record):
    """One check of one field that a steward adds to a record type or data set; it counts from its filing on."""

    facts: ClassVar[Facts] = Facts(
        name="base.quality.rule",
        title=Text("质量规则", "Quality rule"),
        summary=Text("数据管理员对数据集增加的质量检查", "A check that a data steward adds to a data set"),
        clause="7.2.3 b) 2)",
        kind="state",
        ref="qualityrule",
        key=("code",),
        parties=(Party.filer("steward"), Party.everyone()),
        filers=STEWARDS,
        retention=10,
        label="code",
    )
    code: str = field(
        "规则代码", "Code", filter=True, min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$", example="move-late"
    )
    of: str = field("数据集", "Data set", filter=True, min_length=1, max_length=120, example="base.movement.move")
    field_name: str = field("字段", "Field", filter=True, min_length=1, max_length=64, pattern=r"^[A-Za-z_]\w*$", example="at")
    check: Stated = field("检查", "Check", filter=True, example="not_older", values=STATED)
    dimension: Class | None = field("质量维度", "Class", filter=True, default=None, values=CLASSES)
    severity: Severity = field("严重程度", "Severity", default="error", values=SEVERITIES)
    low: float | None = field("下限（数值或天数）", "Low (number, or days)", default=None, ge=-1e15, le=1e15, example=30)
    high: float | None = field("上限（数值、长度或分钟）", "High (number, length or minutes)", default=None, ge=-1e15, le=1e15)
    values: tuple[str, ...] = field("允许的值", "Values allowed", default=(), max_length=500)
    pattern: str | None = field("格式（正则表达式）", "Pattern (regular expression)", default=None, max_length=300)
    about: str | None = field(ABOUT_ZH, "Compared with (code list, identifier, record type or field)", default=None, max_length=120)
    fix_zh: str = field("整改建议（中文）", "Repair, in Chinese", min_length=1, max_length=300, example="请重新采集")
    fix_en: str = field("整改建议（英文）", "Repair, in English", min_length=1, max_length=300, example="Collect it anew")
    active: bool = field("启用", "In force", filter=True, default=True)

    def as_check(self) -> Check:
        """The check that it states."""
        of = self.dimension or CLASS_OF.get(self.check, "compliance")
        return Check(
            self.code, self.field_name, self.check, of, Text(self.fix_zh, self.fix_en), self.severity, self.low, self.high, self.values,
            self.pattern or "", self.about or "",
        )  # fmt: skip


class Worst(Part):
    """A rule that many rows do not hold, in words."""

    zh: str = field("规则", "Rule, in Chinese", max_length=300)
    en: str = field("规则（英文）", "Rule", max_length=300)
    rows: int = field("行数", "Rows", ge=0)
    rule: str = field("规则代码", "Code of the rule", max_length=200)


class QualityScore(Record):
    """How good a data set was at a moment: of each class the share of rows without a fault of it, in per cent, rounded down.

    A record and not a signal: there are few, they are what a port answers for, and each can be proved.
    """

    facts: ClassVar[Facts] = Facts(
        name="base.quality.score",
        title=Text("质量评分", "Quality score"),
        summary=Text("数据集在合规性、完整性、真实性、时效性上的得分", "Compliance, completeness, authenticity and timeliness of a data set"),
        clause="7.2.3 b) 2)",
        kind="report",
        ref="qualityscore",
        key=("of", "run", "at"),
        parties=(Party.filer("keeper"), Party.field("owner", "owner"), Party.kind("customs"), Party.kind("portoffice")),
        filers=("platform",),
        retention=5,
        label="of",
        columns=("of", "at", "compliance", "completeness", "authenticity", "timeliness", "rows"),
        amendable=False,
    )
    of: str = field("数据集", "Data set", filter=True, max_length=120, example="base.movement.move")
    run: str | None = field("抽取批次", "Extraction run", filter=True, default=None, max_length=64)
    owner: OrgRef | None = field("数据方", "Owner", filter=True, default=None)
    at: datetime = field("评分时间", "Scored at", filter=True, example="2026-11-22T08:00:00Z")
    rows: int = field("行数", "Rows", ge=0, example=1000)
    faulty: int = field("有问题的行数", "Rows with a fault", ge=0, example=12)
    compliance: float = field("合规性得分", "Compliance", unit="%", ge=0, le=100, example=99.5)
    completeness: float = field("完整性得分", "Completeness", unit="%", ge=0, le=100, example=98.0)
    authenticity: float = field("真实性得分", "Authenticity", unit="%", ge=0, le=100, example=100.0)
    timeliness: float = field("时效性得分", "Timeliness", unit="%", ge=0, le=100, example=97.25)
    worst: tuple[Worst, ...] = field("问题最多的规则", "Rules most often not held", default=(), max_length=5)
