"""Instruction: what the terminal is asked to do with a box, and what became of it (调箱指令; HS/T 82 9.1.2 b))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import ContainerRef, OrderRef, PlaceRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

WORK: Mapping[str, Text] = {
    "to-bay": Text("移至查验位", "Move to the inspection bay"),
    "from-bay": Text("移离查验位", "Move back from the inspection bay"),
}
PUBLIC = ("number", "activity", "container", "place", "position", "due", "order", "remark")


class Instruction(Record):
    """A box to be moved for an inspection: by whom asked, where to, until when; the terminal acknowledges and does it."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.yard.instruction",
        title=Text("调箱指令", "Move instruction"),
        summary=Text("要求码头移动集装箱的指令，由码头确认并执行", "What the terminal is asked to do with a box; it acknowledges and does it"),
        clause="9.1.2 b)",
        kind="state",
        ref="yardwork",
        key=("number",),
        parties=(
            Party.filer("issuer"),
            Party.kind("terminal"),
            Party.kind("customs"),
            Party.kind("portoffice"),
            Party.like("visit", "order", *PUBLIC),
        ),
        filers=("customs", "portoffice"),
        retention=5,
        label="number",
        amendable=False,
    )
    number: str = field("指令编号", "Instruction number", filter=True, max_length=140, example="MI-ORD-1-MSKU9070323-IN")
    activity: Literal["to-bay", "from-bay"] = field("作业", "Work", filter=True, example="to-bay", values=WORK)
    container: ContainerRef = field("集装箱", "Container", filter=True, example="container:MSKU9070323")
    place: PlaceRef | None = field("目的地", "Where to", default=None, example="place:CNWHH/BAY/1")
    position: str | None = field("当前箱位", "Slot now", default=None, max_length=80)
    due: datetime | None = field("最迟时间", "Until", filter=True, default=None)
    order: OrderRef | None = field("查验单", "Inspection order", filter=True, default=None)
    remark: str | None = field("码头说明", "Terminal's remark", default=None, max_length=400)
