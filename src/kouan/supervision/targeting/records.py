"""Assessment: the score of a declaration, with the rules that made it (风险布控; WCO Risk Management Compendium)."""

from __future__ import annotations

from typing import ClassVar, Literal

from kouan.base.reference.api import ContainerRef, DeclarationRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

OUTCOMES = {"green": Text("未命中", "Not selected"), "targeted": Text("已布控", "Targeted")}
CHOICES = {"rules": Text("规则命中", "By rules"), "random": Text("随机抽取", "At random")}


class Reason(Part):
    """One rule that spoke, and how much it weighed."""

    rule: str = field("规则", "Rule", max_length=64)
    zh: str = field("原因（中文）", "Reason in Chinese", max_length=400)
    en: str = field("原因（英文）", "Reason in English", max_length=400)
    score: float = field("分值", "Score", default=0.0)
    agency: str = field("主管部门", "Agency", named="org", default="customs", max_length=20)


class Assessment(Record):
    """What the risk rules said of a declaration at one version. Only customs and the other agencies see it."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.targeting.assessment",
        title=Text("风险评估", "Risk assessment"),
        summary=Text("按规则对报关单评分及其理由", "Score of a declaration by rules, with the reasons"),
        clause="9.1.7 d)",
        kind="report",
        ref="assessment",
        key=("declaration", "of_version"),
        parties=(
            Party.filer("customs"),
            Party.kind("border", "declaration", "containers", "outcome", "agencies"),
            Party.kind("maritime", "declaration", "containers", "outcome", "agencies"),
        ),
        filers=("customs",),
        retention=10,
        label="outcome",
        amendable=False,
    )
    declaration: DeclarationRef = field("报关单", "Declaration", filter=True)
    of_version: int = field("版本", "Version assessed", ge=1)
    content: str = field("内容摘要", "Digest of the content assessed", default="", max_length=64)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True)
    score: float = field("风险分", "Risk score", filter=True, ge=0, le=100)
    outcome: Literal["green", "targeted"] = field("结论", "Outcome", filter=True, values=OUTCOMES)
    chosen: Literal["rules", "random"] = field("选取方式", "Chosen by", default="rules", values=CHOICES)
    agencies: tuple[str, ...] = field("参与部门", "Agencies concerned", named="org", default=())
    reasons: tuple[Reason, ...] = field("理由", "Reasons", default=())
