"""Berth plan and reported ship movements (船舶抵离港、移靠泊; HS/T 82 9.1.4 e))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import AnyRef, PlaceRef, PortCallRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

CALL_EXAMPLE = "portcall:CNWHH/VESSEL:IMO:9321483/2611E"


class PlanNote(Part):
    """A change of the plan, or what needs looking at: when, by whom, because of what, and how it stood before."""

    at: datetime = field("时间", "At")
    by: str = field("单位", "By", named="org", max_length=40)
    zh: str = field("说明（中文）", "Said in Chinese", max_length=400)
    en: str = field("说明（英文）", "Said in English", max_length=400)
    because: AnyRef | None = field("依据", "Because of", default=None)
    berth_before: PlaceRef | None = field("原泊位", "Berth before", default=None)
    from_before: datetime | None = field("原计划靠泊", "Alongside before", default=None)
    to_before: datetime | None = field("原计划离泊", "Leaving before", default=None)


class BerthPlan(Record):
    """Where and when a ship lies alongside. No two open plans hold one berth at once: the database excludes it."""

    facts: ClassVar[Facts] = Facts(
        name="operations.berth.plan",
        title=Text("泊位计划", "Berth plan"),
        summary=Text("船舶靠泊的泊位与时间，冲突不予受理", "Berth and time of a ship's stay alongside; conflicts are refused"),
        clause="9.1.4 e)",
        kind="filing",
        ref="berthplan",
        key=("call", "turn"),
        parties=(
            Party.filer("planner"),
            Party.kind("terminal"),
            Party.kind("portoffice"),
            Party.kind("maritime"),
            Party.like("parties to the call", "call"),
        ),
        filers=("terminal", "portoffice"),
        retention=10,
        label="ship_name",
        amendable=False,
    )
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    turn: int = field("第几次靠泊", "Which stay of this call", default=1, ge=1, le=99, example=1)
    ship_name: str = field("船名", "Ship's name", default="", max_length=70, example="WANGHAI STAR")
    berth: PlaceRef = field("泊位", "Berth", filter=True, example="place:CNWHH/BERTH/B1")
    planned_from: datetime = field("计划靠泊", "Planned alongside", filter=True, example="2026-11-23T06:00:00Z")
    planned_to: datetime = field("计划离泊", "Planned to leave", filter=True, example="2026-11-24T06:00:00Z")
    gap_minutes: int = field(
        "离泊后安全间隔", "Safety gap after it", unit="min", filter=True, default=30, ge=15, le=720, example=30
    )
    notes: tuple[PlanNote, ...] = field("变更与提示", "Changes and remarks", read_only=True, default=(), max_length=500)


Activity = Literal["arrived", "anchored", "alongside", "shifting", "departed", "anomaly"]
ACTIVITIES: dict[str, Text] = {
    "arrived": Text("抵港", "Arrived"),
    "anchored": Text("锚泊", "Anchored"),
    "alongside": Text("靠泊", "Alongside"),
    "shifting": Text("移泊", "Shifting"),
    "departed": Text("离港", "Departed"),
    "anomaly": Text("异常", "Anomaly"),
}


class ShipMovement(Record):
    """What a ship does at the port, as terminal, maritime administration, port office or agent reports it."""

    facts: ClassVar[Facts] = Facts(
        name="operations.berth.movement",
        title=Text("船舶动态", "Ship movement"),
        summary=Text(
            "抵港、锚泊、靠泊、移泊、离港及异常的报告", "Reports of arrival, anchoring, berthing, shifting, departure and anomalies"
        ),
        clause="9.1.4 e)",
        kind="report",
        ref="shipmovement",
        key=("@filer", "call", "activity", "at"),
        parties=(
            Party.filer("reporter"),
            Party.kind("terminal"),
            Party.kind("portoffice"),
            Party.kind("maritime"),
            Party.like("parties to the call", "call"),
        ),
        filers=("terminal", "maritime", "portoffice", "agent", "carrier"),
        retention=10,
        label="call",
        amendable=False,
    )
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example=CALL_EXAMPLE)
    activity: Activity = field("动态", "Activity", filter=True, example="arrived", values=ACTIVITIES)
    at: datetime = field("发生时间", "At", filter=True, example="2026-11-23T06:05:00Z")
    place: PlaceRef | None = field("地点", "Place", filter=True, default=None, example="place:CNWHH/BERTH/B1")
    remark: str = field("说明", "Remark", default="", max_length=400)
