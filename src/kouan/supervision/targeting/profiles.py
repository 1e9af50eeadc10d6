"""Profile, trial, result: what officers make of risk without code, what it would have hit, what inspections then found."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import ClassVar, Literal

import orjson

from kouan.base.reference.api import DeclarationRef, OrderRef, ProfileRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text
from kouan.supervision.inspection.api import CLASSES, Outcome
from kouan.supervision.targeting.fields import FIELDS, OPERATORS, FieldName, Operator, named

AGENCIES = {"customs": Text("海关", "Customs"), "border": Text("边检", "Border inspection"), "maritime": Text("海事", "Maritime")}
MATCHES = {"all": Text("全部条件成立", "All conditions hold"), "any": Text("任一条件成立", "Any condition holds")}
CHOSEN = {
    "rules": Text("规则或模板命中", "By rules or profiles"),
    "random": Text("随机抽取", "At random"),
    "officer": Text("人工布控", "By an officer"),
}
JUDGED = ("agency", "match", "conditions", "score", "share", "reason_zh", "reason_en", "valid_from", "valid_until")
MOST_CONDITIONS = 30
MOST_VALUES = 200
CODE = r"^[A-Za-z0-9][A-Za-z0-9-]{0,29}$"
NAMES = {name: named(name) for name in FIELDS}


class Condition(Part):
    """One condition: a field, an operator, the values it is compared with. A value that is not stated meets `missing` alone."""

    what: FieldName = field("字段", "Field", values=NAMES, example="item.hs")
    operator: Operator = field("运算符", "Operator", values=OPERATORS, example="begins")
    values: tuple[str, ...] = field("值", "Values", default=(), max_length=MOST_VALUES, example=["8471"])


class Profile(Record):
    """A selection profile of customs: conditions, score, agency, validity, reasons; or a stratum of which a share is drawn.

    Conditions on goods items (or manifest lines, or goods on them) that must all hold must hold of one and the same item.
    """

    facts: ClassVar[Facts] = Facts(
        name="supervision.targeting.profile",
        title=Text("布控模板", "Selection profile"),
        summary=Text(
            "由海关人员配置的布控条件；先试运行，再由另一人批准后生效", "Conditions that officers state; tried on the past, approved by a second person"
        ),
        clause="9.1.7 d)",
        kind="state",
        ref="riskprofile",
        key=("code", "edition"),
        parties=(Party.filer("author"), Party.kind("customs")),
        filers=("customs",),
        retention=10,
        label="code",
    )
    code: str = field("模板代码", "Code", filter=True, pattern=CODE, example="KETTLES-KR")
    edition: int = field("版次", "Edition", filter=True, ge=1, le=9999, default=1, example=1)
    title_zh: str = field("名称（中文）", "Name in Chinese", min_length=1, max_length=120, example="韩国产电水壶低报")
    title_en: str = field("名称（英文）", "Name in English", min_length=1, max_length=120, example="Undervalued kettles from Korea")
    agency: Literal["customs", "border", "maritime"] = field("查验部门", "Agency", default="customs", values=AGENCIES, filter=True)
    match: Literal["all", "any"] = field("条件关系", "Conditions", default="all", values=MATCHES)
    conditions: tuple[Condition, ...] = field("条件", "Conditions", min_length=1, max_length=MOST_CONDITIONS)
    score: float = field("分值", "Score", default=50.0, ge=0, le=100, example=50)
    share: float | None = field("随机抽取比例", "Share drawn at random", default=None, gt=0, le=1)
    reason_zh: str = field("理由（中文）", "Reason in Chinese", min_length=1, max_length=180, example="同类商品曾多次低报")
    reason_en: str = field("理由（英文）", "Reason in English", min_length=1, max_length=180, example="Such goods were undervalued before")
    valid_from: date | None = field("生效日期", "Valid from", default=None)
    valid_until: date | None = field("失效日期（含）", "Valid until (inclusive)", default=None)
    note: str | None = field("说明", "Note", default=None, max_length=1000)
    proposed_by: str | None = field("提请人", "Proposed by", read_only=True, account=True, default=None, max_length=80)
    proposed_at: datetime | None = field("提请时间", "Proposed at", read_only=True, default=None)
    approved_by: str | None = field("批准人", "Approved by", read_only=True, account=True, default=None, max_length=80)
    approved_at: datetime | None = field("批准时间", "Approved at", read_only=True, default=None)

    @property
    def name(self) -> str:
        """How reasons and counts name it: code and edition."""
        return f"{self.code}/{self.edition}"

    @property
    def digest(self) -> str:
        """A digest of what it selects and says, the same for the same content."""
        stated = orjson.dumps(self.model_dump(mode="json", include=set(JUDGED)), option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(stated, digest_size=16).hexdigest()


class Trial(Record):
    """What an edition would have selected of past declarations, judged on the facts as they stand on the day of the trial."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.targeting.trial",
        title=Text("布控模板试运行", "Trial of a profile"),
        summary=Text("模板在历史报关单上的试运行结果", "What a profile would have selected of past declarations"),
        clause="9.1.7 d)",
        kind="report",
        ref="risktrial",
        key=("code", "edition", "content"),
        parties=(Party.kind("customs"),),
        filers=("platform",),
        retention=10,
        label="code",
    )
    code: str = field("模板代码", "Code", filter=True, pattern=CODE)
    edition: int = field("版次", "Edition", filter=True, ge=1)
    content: str = field("内容摘要", "Digest of the content tried", max_length=64)
    profile: ProfileRef = field("模板", "Profile", filter=True)
    since: datetime = field("起始时间", "Declarations filed since")
    until: datetime = field("截止时间", "Declarations filed until")
    seen: int = field("试运行报关单数", "Declarations tried on", ge=0)
    complete: bool = field("覆盖全部时段", "The whole period was covered")
    matched: int = field("命中数", "Matched", ge=0)
    newly: int = field("新增布控数", "Would be newly targeted", ge=0)
    expected: float = field("预计抽取数", "Expected to be drawn", default=0.0, ge=0)
    inspected: int = field("其中已查验", "Of these inspected", ge=0)
    hits: int = field("其中查获", "Of these with findings", ge=0)
    declarations: tuple[DeclarationRef, ...] = field("命中的报关单", "Declarations matched", default=(), max_length=200)
    by: str = field("操作人", "Tried by", account=True, max_length=80)
    at: datetime = field("时间", "At")


class Result(Record):
    """What the inspection of a selected declaration found, with what had selected it; only the first visit of a selection counts."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.targeting.result",
        title=Text("布控成效", "Result of a selection"),
        summary=Text("查验结果反馈到所命中的规则和模板", "Inspection results fed back to the rules and profiles that selected"),
        clause="9.1.7 g)",
        kind="report",
        ref="riskresult",
        key=("selection",),
        parties=(Party.kind("customs"),),
        filers=("platform",),
        retention=10,
        label="selection",
        amendable=False,
    )
    selection: str = field("选取依据", "Selection", max_length=240)
    declaration: DeclarationRef = field("报关单", "Declaration", filter=True)
    order: OrderRef = field("查验单", "Inspection order", filter=True)
    chosen: Literal["rules", "random", "officer"] = field("选取方式", "Chosen by", values=CHOSEN, filter=True)
    rules: tuple[str, ...] = field("规则与模板", "Rules and profiles", default=())
    score: float = field("风险分", "Risk score", ge=0, le=100, default=0.0)
    outcome: Outcome = field("处置结果", "Result of the visit", values=CLASSES, filter=True)
    hit: bool = field("查获", "With findings", filter=True)
    found_by: tuple[str, ...] = field("查获部门", "Agencies with findings", named="org", default=())
    declarant: str | None = field("申报单位", "Declarant", named="org", filter=True, default=None, max_length=80)
    at: datetime = field("时间", "At")
