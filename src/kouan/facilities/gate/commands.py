"""What a lane's barrier, lamps and board are told after a judgement, and whether they confirmed it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.base.reference.api import PassageRef
from kouan.facilities.gate.records import Passage
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

HOLD_SECONDS = 15
"""After which a barrier that was opened closes by itself, once its own loop is free."""
BARRIERS = {"open": Text("抬杆", "Open"), "closed": Text("落杆", "Closed")}
LAMPS = {"green": Text("绿灯", "Green"), "amber": Text("黄灯", "Amber"), "red": Text("红灯", "Red")}
SHOWS: Mapping[str, tuple[str, str, Text]] = {
    "open": ("open", "green", Text("请通行", "Please proceed")),
    "divert": ("closed", "amber", Text("请往 {to}", "Please go to {to}")),
    "refuse": ("closed", "red", Text("禁止通行", "Stop")),
}
WAIT = Text("请稍候，人工处理中", "Please wait for the operator")
ASIDE = Text("等候区", "the waiting area")


class Command(Record):
    """One command to a lane's barrier, lamps and board, and what they confirmed."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.gate.command",
        title=Text("车道指令", "Lane command"),
        summary=Text("下达给道闸、信号灯和显示屏的指令及其确认", "What barrier, lamps and board were told, and what they confirmed"),
        clause="6.3",
        kind="report",
        ref="gatecommand",
        key=("number",),
        parties=(Party.filer("gate"), Party.kind("terminal"), Party.kind("portoffice"), Party.kind("border")),
        filers=("platform",),
        retention=1,
        label="number",
        amendable=False,
    )
    number: str = field("指令编号", "Command number", filter=True, max_length=64)
    lane: str = field("通道", "Lane", filter=True, named="lane", max_length=24)
    passage: PassageRef | None = field("过卡记录", "Passage", filter=True, default=None)
    barrier: Literal["open", "closed"] = field("道闸", "Barrier", values=BARRIERS)
    lamp: Literal["green", "amber", "red"] = field("信号灯", "Lamp", values=LAMPS)
    display_zh: str = field("显示（中文）", "Shown in Chinese", max_length=120)
    display_en: str = field("显示（英文）", "Shown in English", max_length=120)
    sent: datetime = field("下达时间", "Sent at")
    tries: int = field("下达次数", "Times sent", ge=1, le=100)
    confirmed: bool = field("已确认", "Confirmed", filter=True)
    confirmed_at: datetime | None = field("确认时间", "Confirmed at", default=None)
    confirmed_by: tuple[str, ...] = field("确认设备", "Confirmed by", default=(), max_length=8)


def shown(passage: Passage) -> dict[str, Any]:
    """What a lane shows for a judgement: barrier, lamp, and both texts of the board."""
    barrier, lamp, text = SHOWS[passage.decision]
    to = (passage.to or "").partition(":")[2]
    if passage.decision == "divert":
        text = Text(text.zh.format(to=to or ASIDE.zh), text.en.format(to=to or ASIDE.en))
    return _shape(barrier, lamp, text)


def waiting() -> dict[str, Any]:
    """What a lane shows while a person enters what no device read."""
    return _shape("closed", "amber", WAIT)


def alone(decision: str, reason: Mapping[str, str]) -> dict[str, Any]:
    """What a lane shows that decided by itself: `open` or `refuse`, with its reason in both languages."""
    barrier, lamp, _ = SHOWS[decision]
    return _shape(barrier, lamp, Text(reason["zh"], reason["en"]))


def _shape(barrier: str, lamp: str, text: Text) -> dict[str, Any]:
    return {"barrier": barrier, "lamp": lamp, "display": text.out(), "hold_seconds": HOLD_SECONDS}
