"""Joint inspection order: one visit for all agencies concerned (一次性联合检查; HS/T 82 9.2.1 b) 1))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import ContainerRef, DeclarationRef, PlaceRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

Outcome = Literal["release", "treat", "return", "detain"]


class Finding(Part):
    """What one agency found at the visit, and the class that it gives the goods."""

    agency: str = field("部门", "Agency", max_length=20)
    outcome: Outcome = field("处置类别", "Class", example="release")
    note: str = field("查验记录", "Note", default="", max_length=2000)
    officer: str = field("关员", "Officer", default="", max_length=80)
    at: datetime = field("时间", "At")


class InspectionOrder(Record):
    """One visit to some containers of a declaration, for every agency concerned; results are entered together."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.inspection.order",
        title=Text("联合查验单", "Joint inspection order"),
        summary=Text(
            "多部门对同一货物一次联合查验、分类验放", "One visit of all agencies concerned; goods released by class"
        ),
        clause="9.2.1 b) 1)",
        kind="state",
        ref="order",
        key=("number",),
        parties=(
            Party.filer("customs"),
            Party.kind("border"),
            Party.kind("maritime"),
            Party.kind(
                "terminal", "number", "declaration", "containers", "agencies", "bay", "planned_at", "reasons_public"
            ),
            Party.kind(
                "portoffice", "number", "declaration", "containers", "agencies", "bay", "planned_at", "reasons_public"
            ),
            Party.like(
                "declarant",
                "declaration",
                "number",
                "declaration",
                "containers",
                "agencies",
                "bay",
                "planned_at",
                "reasons_public",
            ),
        ),
        filers=("customs", "border", "maritime"),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("查验单号", "Order number", filter=True, max_length=64)
    declaration: DeclarationRef = field("报关单", "Declaration", filter=True)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True)
    agencies: tuple[str, ...] = field("参与部门", "Agencies", min_length=1)
    planned_at: datetime | None = field("计划时间", "Planned at", filter=True, default=None)
    bay: PlaceRef | None = field("查验位", "Inspection bay", default=None)
    moved_at: datetime | None = field("移至查验位时间", "Moved to bay at", default=None)
    reasons: tuple[str, ...] = field("布控理由", "Reasons", default=())
    reasons_public: str | None = field("通知内容", "Notice", default=None, max_length=400)
    findings: tuple[Finding, ...] = field("查验结果", "Findings", default=())
