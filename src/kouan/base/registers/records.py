"""National resource libraries that are followed, and each change that came of them (政务基础数据; HS/T 82 7.2.1 g))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from kouan.base.reference.api import EnterpriseRef, PlaceRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import Reference, reference_kind
from kouan.kernel.text import Text

reference_kind("library", Text("国家资源库", "National resource library"))
reference_kind("librarychange", Text("资源库变更", "Change from a library"))
LibraryRef: TypeAlias = Annotated[str, Reference("library")]
Family = Literal["legal_person", "licence", "place"]
FAMILIES: Mapping[str, Text] = {
    "legal_person": Text("企业法人", "Legal persons"), "licence": Text("营业执照", "Business licences"),
    "place": Text("地理信息", "Geographic names"),
}  # fmt: skip


class Cursor(Part):
    """How far a family was read."""

    family: Family = field("数据类别", "Family", values=FAMILIES)
    at: int = field("已读至序号", "Read up to", ge=0, le=2**62)


class Library(Record):
    """A national resource library: its service, what is taken from it, how far it was read, how the last reading went."""

    facts: ClassVar[Facts] = Facts(
        name="base.registers.library",
        title=Text("国家资源库", "National resource library"),
        summary=Text("企业法人、营业执照、地理信息等国家基础资源库的接入", "National libraries of legal persons, licences and geographic names"),
        clause="7.2.1 g)",
        kind="state",
        ref="library",
        key=("code",),
        parties=(Party.filer("keeper"), Party.kind("customs"), Party.kind("portoffice")),
        filers=("portoffice",),
        retention=10,
        label="name_zh",
    )
    code: str = field("代码", "Code", filter=True, pattern=r"^[A-Z0-9][A-Z0-9-]*$", max_length=40, example="NATIONAL-ENTERPRISES")
    name_zh: str = field("中文名称", "Name in Chinese", min_length=1, max_length=120, example="国家企业法人库（模拟）")
    name_en: str = field("英文名称", "Name in English", min_length=1, max_length=120, example="National library of legal persons (simulated)")
    families: tuple[Family, ...] = field("接入类别", "Families", min_length=1, max_length=3, values=FAMILIES, example=["licence"])
    address: str = field("服务地址", "Address of the service", max_length=300, pattern=r"^https?://[!-~]+$", example="https://library.example")
    every_minutes: int = field("同步间隔", "Synchronised every", unit="min", default=60, ge=1, le=10080)
    adds: bool = field("登记未知企业", "Adds firms not known yet", default=False)
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)
    cursors: tuple[Cursor, ...] = field("同步进度", "Read so far", default=(), max_length=3, read_only=True)
    synced_at: datetime | None = field("上次同步", "Last synchronised", default=None, read_only=True)
    read: int = field("上次读取", "Read last time", default=0, ge=0, read_only=True)
    changed: int = field("上次变更", "Changed last time", default=0, ge=0, read_only=True)
    unknown: int = field("上次未登记企业", "Firms not known here, last time", default=0, ge=0, read_only=True)
    problem_zh: str | None = field("问题（中文）", "Problem (Chinese)", default=None, max_length=400, read_only=True)
    problem_en: str | None = field("问题（英文）", "Problem (English)", default=None, max_length=400, read_only=True)


class Difference(Part):
    """One field before and after. What is restricted is told as changed, without its values."""

    name: str = field("字段", "Field", max_length=60)
    title_zh: str = field("字段名称（中文）", "Field in Chinese", max_length=120)
    title_en: str = field("字段名称（英文）", "Field in English", max_length=120)
    before: str | None = field("变更前", "Before", default=None, max_length=600)
    after: str | None = field("变更后", "After", default=None, max_length=600)


class Change(Record):
    """What a library's entry changed in a record of the port; refused changes stay to be decided by its owner."""

    facts: ClassVar[Facts] = Facts(
        name="base.registers.change",
        title=Text("资源库变更", "Change from a library"),
        summary=Text("由国家资源库同步引起的企业和地点记录变更清单", "Changes of firms and places that came from national libraries"),
        clause="7.2.1 g)",
        kind="report",
        ref="librarychange",
        key=("library", "family", "seq"),
        parties=(Party.filer("keeper"), Party.kind("customs"), Party.kind("portoffice"), Party.field("firm", "enterprise")),
        filers=("platform",),
        retention=10,
        label="seq",
        amendable=False,
    )
    library: LibraryRef = field("国家资源库", "Library", filter=True, max_length=60)
    family: Family = field("数据类别", "Family", filter=True, values=FAMILIES)
    seq: int = field("资源库序号", "Library's number", filter=True, ge=0, le=2**62)
    enterprise: EnterpriseRef | None = field("企业", "Enterprise", filter=True, default=None)
    place: PlaceRef | None = field("地点", "Place", filter=True, default=None)
    added: bool = field("新增", "Added", default=False)
    at: datetime = field("时间", "At", filter=True)
    differences: tuple[Difference, ...] = field("变更内容", "What changed", level=2, default=(), max_length=60)
    reason_zh: str | None = field("未采纳原因（中文）", "Why it was refused (Chinese)", default=None, max_length=400, read_only=True)
    reason_en: str | None = field("未采纳原因（英文）", "Why it was refused (English)", default=None, max_length=400, read_only=True)
    simulated: bool = field("模拟数据", "Simulated", filter=True, default=False)
