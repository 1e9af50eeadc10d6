"""Standards as the port keeps them over the carried catalogue, and proposals to change them (智慧口岸标准体系; H12.1*)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("standard", Text("标准", "Standard"))
reference_kind("standardproposal", Text("标准修订建议", "Proposal to change a standard"))
Layer = Literal["international", "national", "industry", "group", "local"]
LAYERS: dict[str, Text] = {
    "international": Text("国际标准", "International"),
    "national": Text("国家标准", "National"),
    "industry": Text("行业标准", "Industry"),
    "group": Text("团体标准", "Group"),
    "local": Text("地方标准", "Local"),
}
Status = Literal["in_force", "draft", "withdrawn"]
STATUSES: dict[str, Text] = {
    "in_force": Text("现行", "In force"), "draft": Text("草案", "Draft"), "withdrawn": Text("废止", "Withdrawn"),
}  # fmt: skip
Decided = Literal["change", "feedback"]
KINDS: dict[str, Text] = {
    "change": Text("修订建议", "Change"), "feedback": Text("使用反馈", "Feedback on use"),
}  # fmt: skip


class Standard(Record):
    """A standard of the port's system. One under a carried standard's number says what the port adds: status, local differences.

    `over`: the number of the standard over which a group or local one is laid. Its versions are those of this record.
    """

    facts: ClassVar[Facts] = Facts(
        name="standards.registry.standard",
        title=Text("标准", "Standard"),
        summary=Text("智慧口岸标准体系中的标准：状态、范围、归口单位、本地差异", "A standard of the smart-port system: status, scope, owner, local differences"),
        clause="12.1",
        kind="filing",
        ref="standard",
        key=("number",),
        parties=(Party.filer("steward"), Party.everyone()),
        filers=("portoffice",),
        retention=30,
        label="number",
        renews=True,
    )
    number: str = field("标准编号", "Number", filter=True, example="T/SIM 1-2026", min_length=2, max_length=60)
    title_zh: str = field("中文名称", "Title in Chinese", example="演示标准", min_length=1, max_length=300)
    title_en: str = field("英文名称", "Title in English", example="Standard for demonstrations", min_length=1, max_length=300)
    edition: str = field("版次", "Edition", example="2026", min_length=1, max_length=40)
    layer: Layer = field("层级", "Layer", filter=True, example="local", values=LAYERS)
    status: Status = field("状态", "Status", filter=True, example="in_force", values=STATUSES)
    owner: str = field("归口单位", "Owner", filter=True, example="Port office", min_length=1, max_length=120)
    scope_zh: str | None = field("范围（中文）", "Scope in Chinese", default=None, max_length=1000)
    scope_en: str | None = field("范围（英文）", "Scope in English", default=None, max_length=1000)
    difference_zh: str | None = field("本地差异（中文）", "Local differences in Chinese", default=None, max_length=2000)
    difference_en: str | None = field("本地差异（英文）", "Local differences in English", default=None, max_length=2000)
    over: str | None = field("在其之上", "Laid over", filter=True, default=None, max_length=60)
    since: date | None = field("实施日期", "In force from", default=None)
    demo: bool = field("演示数据", "Demo data", filter=True, default=False)


class Proposal(Record):
    """What somebody wants changed in a standard of the registry, reviewed by another organisation; accepted, it makes a version."""

    facts: ClassVar[Facts] = Facts(
        name="standards.registry.proposal",
        title=Text("标准修订建议", "Proposal to change a standard"),
        summary=Text("对标准的修订建议和使用反馈，经审查后形成新版本", "A change or feedback; reviewed and accepted it makes a new version"),
        clause="12.1",
        kind="filing",
        ref="standardproposal",
        key=("@filer", "title"),
        parties=(Party.filer("proposer"), Party.kind("portoffice"), Party.kind("customs")),
        filers=("*",),
        retention=30,
        label="title",
        amendable=False,
    )
    title: str = field("建议标题", "Title", filter=True, example="Proposal 1", min_length=1, max_length=120)
    number: str = field("标准编号", "Number of the standard", filter=True, example="ISO 9735", min_length=2, max_length=60)
    kind: Decided = field("类别", "Kind", filter=True, example="change", values=KINDS)
    grounds: str = field("理由", "Grounds", example="Why", min_length=1, max_length=2000)
    edition: str | None = field("新版次", "New edition", default=None, max_length=40)
    status: Status | None = field("新状态", "New status", default=None, values=STATUSES)
    difference_zh: str | None = field("新的本地差异（中文）", "New local differences in Chinese", default=None, max_length=2000)
    difference_en: str | None = field("新的本地差异（英文）", "New local differences in English", default=None, max_length=2000)
    proposed_by: str = field("建议单位", "Proposing organisation", example="org:portoffice", max_length=60, filter=True)
