"""What the port operation domain measures (口岸运行业务域; HS/T 82 7.2.4 a) 7)): trips, cargo, classes, passengers, stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kouan.base.conveyance.api import Conveyance
from kouan.base.movement.api import Move
from kouan.base.portcall.api import PortCall
from kouan.facilities.gate.api import Passage
from kouan.kernel.modules import MODES
from kouan.kernel.records import Record
from kouan.kernel.text import Text
from kouan.operations.berth.api import ShipMovement

WAYS = {"in": Text("进", "In"), "out": Text("出", "Out")}
CLASSES = {"dangerous": Text("危险货物", "Dangerous"), "full": Text("重箱", "Full"), "empty": Text("空箱", "Empty"), "?": Text("未说明", "Not stated")}
TRIPS, BOXES, PERSONS = Text("次", "trips"), Text("箱", "boxes"), Text("人次", "persons")


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure over one record type. `uses`: the fields that it reads; `level`: what stands at the end of each hour, boxes in the
    port."""

    code: str
    title: Text
    unit: Text
    record: type[Record]
    uses: frozenset[str]
    formula: Text
    kinds: Mapping[str, Text] = field(default_factory=dict)
    level: bool = False
    digits: int = 0


MEASURES: Mapping[str, Measure] = {
    one.code: one
    for one in (
        Measure(
            "trips.ships", Text("船舶抵离", "Ships in and out"), TRIPS, ShipMovement, frozenset({"call", "activity", "at"}),
            Text("抵港、离港报告，同一航次同一动态计一次", "Arrivals and departures reported, each once for a call whoever reports it"), WAYS,
        ),
        Measure(
            "trips.vehicles", Text("卡口过车", "Vehicles through the gate"), TRIPS, Passage, frozenset({"direction", "at", "decision"}),
            Text("卡口放行的车辆", "Vehicles that were let through"), WAYS,
        ),
        Measure(
            "trips.conveyances", Text("航空器、列车、车辆进出境", "Aircraft, trains and vehicles over the border"), TRIPS, Conveyance,
            frozenset({"mode", "port", "scheduled", "estimated", "actual"}),
            Text("按实际时间计数，未知时按预计或计划时间", "Each once, when it came, else when it is expected or scheduled"), MODES,
        ),
        Measure(
            "cargo.mass", Text("装卸货物重量", "Cargo handled"), Text("吨", "t"), Move, frozenset({"activity", "function", "at", "gross_kg"}),
            Text("卸船与装船作业所报总重之和，撤销的扣除，更正不重复计", "Gross mass as reported at discharge and loading; taken back counts off"), WAYS,
            digits=1,
        ),
        Measure(
            "cargo.classes", Text("装卸箱量（按货类）", "Boxes handled by class"), BOXES, Move,
            frozenset({"activity", "function", "at", "status", "dangerous"}),
            Text("卸船与装船作业的箱数，分危险货物、重箱、空箱", "Boxes discharged and loaded: dangerous, full, empty"), CLASSES,
        ),
        Measure(
            "persons.ships", Text("船舶旅客", "Passengers by ship"), PERSONS, PortCall, frozenset({"passenger_count", "eta", "port"}),
            Text("按预抵时间合计申报的旅客人数", "Passengers as declared, at the estimated arrival"),
        ),
        Measure(
            "persons.conveyances", Text("航空、铁路、公路旅客", "Passengers by air, rail and road"), PERSONS, Conveyance,
            frozenset({"mode", "port", "scheduled", "estimated", "actual", "passenger_count"}),
            Text("合计所报旅客人数", "Passengers as declared"), MODES,
        ),
        Measure(
            "stock.boxes", Text("在港箱量", "Boxes in the port"), BOXES, Move,
            frozenset({"equipment", "activity", "function", "at", "voyage", "corrects"}),
            Text(
                "各小时末在港的箱：卸船或进场后尚未装船或出场，同一箱只计一次，撤销的不计",
                "Boxes in the port at the end of each hour: discharged or gated in and not yet loaded or gated out, each once; "
                "what was taken back does not count",
            ),
            WAYS, level=True,
        ),
    )
}  # fmt: skip
