"""Joint inspection order: one visit for all agencies concerned (一次性联合检查; HS/T 82 9.2.1 b) 1))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import ContainerRef, DeclarationRef, PlaceRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

Outcome = Literal["release", "treat", "return", "detain"]
CLASSES: dict[str, Text] = {
    "release": Text("放行", "Release"),
    "treat": Text("处理后放行", "Release after treatment"),
    "return": Text("退运", "Return"),
    "detain": Text("扣留", "Detain"),
}
"""The classes of goods after a visit, the worse the later."""
PUBLIC = ("number", "declaration", "containers", "agencies", "bay", "planned_at", "moved_at", "returned_at", "reasons_public", "result")


class Finding(Part):
    """What one agency found at the visit, the class that it gives the goods, and who entered it."""

    agency: str = field("部门", "Agency", named="org", max_length=20)
    outcome: Outcome = field("处置类别", "Class", example="release", values=CLASSES)
    note: str = field("查验记录", "Note", default="", max_length=2000)
    officer: str = field("录入人员", "Entered by", account=True, default="", max_length=80)
    by: str = field("录入单位", "Organisation that entered it", named="org", default="", max_length=40)
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
            Party.filer("lead"),
            Party.kind("customs"),
            Party.kind("border"),
            Party.kind("maritime"),
            Party.kind("terminal", *PUBLIC),
            Party.kind("portoffice", *PUBLIC),
            Party.like("declarant", "declaration", *PUBLIC),
        ),
        filers=("customs", "border", "maritime"),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("查验单号", "Order number", filter=True, max_length=90, example="ORD-TRADER-WH2611-0001-1")
    declaration: DeclarationRef = field("报关单", "Declaration", filter=True)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True)
    agencies: tuple[str, ...] = field("参与部门", "Agencies", named="org", min_length=1, max_length=3)
    planned_at: datetime | None = field("计划时间", "Planned at", filter=True, default=None)
    bay: PlaceRef | None = field("查验位", "Inspection bay", filter=True, default=None)
    moved_at: datetime | None = field("移至查验位时间", "Moved to bay at", read_only=True, default=None)
    returned_at: datetime | None = field("移离查验位时间", "Moved back at", read_only=True, default=None)
    reasons: tuple[str, ...] = field("布控理由", "Reasons", default=(), max_length=50)
    reasons_public: str | None = field("通知内容", "Notice", default=None, max_length=400)
    findings: tuple[Finding, ...] = field("查验结果", "Findings", read_only=True, default=())
    result: Outcome | None = field("处置结果", "Result", filter=True, read_only=True, default=None, values=CLASSES)
