"""The port in figures: boxes, gate, ships, queues, warnings, persons, parcels; and what only others can tell.

Clauses of HS/T 82-2024; stays and waiting after UNCTAD's port performance indicators; throughput in TEU after ISO 6346 sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.base.movement.api import Move
from kouan.base.parcel.api import Parcel, ParcelList
from kouan.base.portcall.api import PortCall
from kouan.facilities.access.api import AreaPassage
from kouan.facilities.gate.api import BUSINESSES, Passage
from kouan.kernel.indicators import FILED, By, Indicator, Number, Seen, Span, Tally, Where, at, done
from kouan.kernel.text import Text
from kouan.operations.alerts.api import SEVERITIES, Warned
from kouan.operations.traffic.api import Visit

MOVE, PASSAGE, CALL, VISIT, WARNED = (cls.facts.name for cls in (Move, Passage, PortCall, Visit, Warned))
SITE = ("customs", "border", "maritime", "transport", "portoffice", "terminal")
ALL = ("*",)
PERCENT, MINUTES, HOURS = Text("%", "%"), Text("分钟", "min"), Text("小时", "h")
WAYS = {"in": Text("进港", "Inbound"), "out": Text("出港", "Outbound")}
TEU: Mapping[str, float] = {"1": 0.5, "2": 1.0, "3": 1.5, "4": 2.0, "L": 2.25, "M": 2.4, "P": 2.65, "9": 2.25, "5": 2.25}
"""Twenty-foot units by the first character of an ISO 6346 size code."""
STATUSES = {"full": Text("重箱", "Full"), "empty": Text("空箱", "Empty")}
SIGN = {"original": 1, "cancellation": -1}
SHIPS, TRUCKS = Where("mover", ("ship",)), Where("mover", ("truck",))


def teu(move: Mapping[str, Any]) -> float | None:
    """What a report counts for: its box in TEU, one of unknown size as one; a report taken back counts against it."""
    sign = SIGN.get(str(move.get("function") or "original"))
    return None if sign is None else sign * TEU.get(str(move.get("size_type") or "2")[:1].upper(), 1.0)


def quay(activity: Any) -> str:
    """Discharged is in, loaded is out."""
    return {"discharge": "in", "load": "out", "gate-in": "in", "gate-out": "out"}.get(str(activity), "")


IN_TEU, BY_WAY = Number(out_of=teu, uses=("function", "size_type")), By("activity", quay, WAYS)


def signed(passage: Mapping[str, Any]) -> float:
    """A person more inside, or one less."""
    return 1.0 if passage.get("direction") == "in" else -1.0


def persons(call: Mapping[str, Any]) -> float:
    """Crew and passengers of a call."""
    return float(call.get("crew_count") or 0) + float(call.get("passenger_count") or 0)


def refused(seen: Seen) -> bool:
    """Whether the gate did not open."""
    return seen.doc.get("decision") != "open"


def wrong(seen: Seen) -> bool:
    """Whether a warning turned out to be a false alarm."""
    return seen.doc.get("verdict") == "false"


class QuayTeu(Indicator):
    """Boxes over the quay."""

    code = "boxes.quay_teu"
    title = Text("码头集装箱吞吐量", "Containers over the quay")
    unit = Text("标箱", "TEU")
    clause = "HS/T 82 7.2.4 a) 7); 8.4.1 b)"
    formula = Text(
        "卸船与装船作业折合标箱之和；更正不重复计，撤销的作业扣除，箱型不明按一标箱",
        "Boxes discharged and loaded, in TEU; corrections do not count again, reports taken back count off, a box of unknown size is one",
    )
    good, how, group, owner, readers = "up", "sum", "boxes", "terminal", ALL
    tally = Tally(
        record=MOVE, at=at("at"), of=(Where("activity", ("discharge", "load")),), value=IN_TEU,
        by={"direction": BY_WAY, "kind": By("status", words=STATUSES)},
    )  # fmt: skip


class LandTeu(Indicator):
    """Boxes through the terminal's land side."""

    code = "boxes.land_teu"
    title = Text("集装箱进出场", "Containers gated in and out")
    unit = Text("标箱", "TEU")
    clause = "HS/T 82 7.2.4 a) 7)"
    formula = Text("进场与出场作业折合标箱之和，撤销的作业扣除", "Boxes gated in and out as the terminal told, in TEU; reports taken back count off")
    good, how, group, owner, readers = "up", "sum", "boxes", "terminal", SITE
    tally = Tally(
        record=MOVE, at=at("at"), of=(Where("activity", ("gate-in", "gate-out")),), value=IN_TEU,
        by={"direction": BY_WAY},
    )  # fmt: skip


class BayMoves(Indicator):
    """Boxes brought to inspection."""

    code = "boxes.to_bay"
    title = Text("调箱至查验位", "Boxes moved to the inspection bay")
    unit = Text("箱", "boxes")
    clause = "HS/T 82 9.1.2 b)"
    formula = Text("移至查验位的作业计数", "Moves to a bay, as the terminal told")
    good, how, group, owner, readers = "", "count", "inspection", "terminal", SITE
    tally = Tally(record=MOVE, at=at("at"), of=(Where("activity", ("to-bay",)), Where("function", ("original", None))))


class Passages(Indicator):
    """Vehicles at the gate."""

    code = "gate.passages"
    title = Text("卡口过车", "Vehicles at the gate")
    unit = Text("辆次", "passages")
    clause = "HS/T 82 6.3; 7.2.4 a) 7)"
    formula = Text("卡口判定次数，含未放行", "Each time a vehicle was judged at a lane, let through or not")
    good, how, group, owner, readers, firm = "", "count", "gate", "terminal", ALL, "trucker"
    grains = ("day", "hour")
    tally = Tally(record=PASSAGE, at=at("at"), by={"direction": By("direction", words=WAYS), "kind": By("business", words=BUSINESSES)})


class Refusals(Indicator):
    """How many of them were not let through."""

    code = "gate.refused"
    title = Text("卡口未放行率", "Vehicles not let through")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 6.3"
    formula = Text("判定为分流或拒绝（且未经人工改判）的过车，占全部过车的百分比", "Passages judged divert or refuse and not overridden, of all of that day")
    good, how, group, owner, readers, firm = "down", "share", "gate", "terminal", SITE, "trucker"
    tally = Tally(
        record=PASSAGE, at=at("at"), hit=refused, hit_uses=("decision",), by={"direction": By("direction", words=WAYS)},
        moved=("override", "confirm"),
    )  # fmt: skip


class QueueWait(Indicator):
    """How long vehicles wait before the gate."""

    code = "gate.wait"
    title = Text("候车时间（中位数）", "Wait of vehicles in queues (median)")
    unit = MINUTES
    digits = 1
    clause = "HS/T 82 8.1.2 b)"
    formula = Text(
        "车辆在候车区、候车道停留的时间，当日离开者的中位数，误差 0.5% 以内",
        "Stay of vehicles in waiting areas and queues, median of those who left that day, within 0.5 %",
    )
    good, how, group, owner, readers = "down", "median", "gate", "terminal", ALL
    tally = Tally(
        record=VISIT, at=at("left"), of=(TRUCKS, Where("place.kind", ("waiting_area",))), value=Span(at("arrived"), at("left"), 60),
        by={"place": By("place")}, moved=("leave",),
    )  # fmt: skip


class ShipsBerthed(Indicator):
    """Ships that came alongside."""

    code = "ships.berthed"
    title = Text("船舶靠泊", "Ships come alongside")
    unit = Text("艘次", "calls")
    clause = "HS/T 82 7.2.4 a) 7)"
    formula = Text("由船位判定的泊位到达次数", "Arrivals at berths, as positions show")
    good, how, group, owner, readers = "up", "count", "ships", "portoffice", ALL
    tally = Tally(record=VISIT, at=at("arrived"), of=(SHIPS, Where("place.kind", ("berth",))), by={"place": By("place")})


class BerthStay(Indicator):
    """How long ships lie at the berth."""

    code = "ships.berth_stay"
    title = Text("在泊时间（中位数）", "Stay at berth (median)")
    unit = HOURS
    digits = 1
    clause = "HS/T 82 8.2.1 d); UNCTAD"
    formula = Text("船舶在泊位停留的时间，当日离泊者的中位数，误差 0.5% 以内", "Stay of ships at berths, median of those who left that day, within 0.5 %")
    good, how, group, owner, readers = "down", "median", "ships", "portoffice", ALL
    tally = Tally(
        record=VISIT, at=at("left"), of=(SHIPS, Where("place.kind", ("berth",))), value=Span(at("arrived"), at("left")),
        by={"place": By("place")}, moved=("leave",),
    )  # fmt: skip


class AnchorageWait(Indicator):
    """How long ships wait at anchor."""

    code = "ships.anchorage_stay"
    title = Text("锚泊时间（中位数）", "Time at anchorage (median)")
    unit = HOURS
    digits = 1
    clause = "HS/T 82 8.2.1 d); UNCTAD"
    formula = Text("船舶在锚地停留的时间，当日离开者的中位数，误差 0.5% 以内", "Stay of ships in anchorages, median of those who left that day, within 0.5 %")
    good, how, group, owner, readers = "down", "median", "ships", "portoffice", ALL
    tally = Tally(
        record=VISIT, at=at("left"), of=(SHIPS, Where("place.kind", ("anchorage",))), value=Span(at("arrived"), at("left")),
        by={"place": By("place")}, moved=("leave",),
    )  # fmt: skip


class CallsDeclared(Indicator):
    """Calls that agents declare."""

    code = "ships.declared"
    title = Text("申报船舶动态", "Port calls declared")
    unit = Text("艘次", "calls")
    clause = "HS/T 82 7.2.1; IMO FAL"
    formula = Text("按受理时刻计数，每一船舶口岸动态一次", "Each call once, on the day on which it was declared")
    good, how, group, owner, readers, firm = "", "count", "ships", "portoffice", SITE, "@filer"
    tally = Tally(record=CALL, at=FILED, by={"kind": By("ship_type")})


class PersonsAboard(Indicator):
    """Persons who come by ship."""

    code = "persons.aboard"
    title = Text("船舶载员", "Crew and passengers of ships")
    unit = Text("人", "persons")
    clause = "HS/T 82 7.2.4 a) 7)"
    formula = Text("按预抵日合计申报的船员与旅客人数", "Crew and passengers as declared, on the day of the estimated arrival")
    good, how, group, owner, readers, firm = "", "sum", "persons", "border", SITE, "@filer"
    tally = Tally(record=CALL, at=at("eta"), value=Number(out_of=persons, uses=("crew_count", "passenger_count")))


class PersonsInside(Indicator):
    """Persons in restricted areas at the end of the day."""

    code = "persons.inside"
    title = Text("限定区域日末在场人数", "Persons in restricted areas at day's end")
    unit = Text("人", "persons")
    clause = "HS/T 82 8.1.2 c)"
    formula = Text("门禁记录的进入减去离开，累计至当日末", "Entries less exits as the readers told, up to the end of the day")
    good, how, group, owner, readers = "", "level", "persons", "border", ("border", "portoffice", "terminal")
    tally = Tally(record=AreaPassage.facts.name, at=at("at"), value=Number(out_of=signed, uses=("direction",)), by={"place": By("area")})


class PersonPassages(Indicator):
    """Persons through the doors of restricted areas."""

    code = "persons.passages"
    title = Text("限定区域出入人次", "Persons through restricted doors")
    unit = Text("人次", "passages")
    clause = "HS/T 82 8.1.2 c)"
    formula = Text("门禁记录计数", "Each passage that a reader told")
    good, how, group, owner, readers = "", "count", "persons", "border", ("border", "portoffice", "terminal")
    grains = ("day", "hour")
    tally = Tally(record=AreaPassage.facts.name, at=at("at"), by={"direction": By("direction", words=WAYS), "place": By("area")})


class AlertsRaised(Indicator):
    """Warnings raised."""

    code = "alerts.raised"
    title = Text("预警事件", "Warnings raised")
    unit = Text("起", "warnings")
    clause = "HS/T 82 8.1.5 g)"
    formula = Text("按发生时刻计数，归并后每起一次", "Each warning once, after folding, when it was raised")
    good, how, group, owner, readers = "down", "count", "alerts", "portoffice", SITE
    grains = ("day", "hour")
    tally = Tally(record=WARNED, at=at("at"), by={"kind": By("raised_as", words=SEVERITIES)})


class AlertsOpen(Indicator):
    """Warnings that nobody has ended."""

    code = "alerts.open"
    title = Text("日末未结预警", "Warnings open at day's end")
    unit = Text("起", "warnings")
    clause = "HS/T 82 8.1.5 g)"
    formula = Text("已发生而未关闭、未判误报的预警，截至当日末", "Warnings raised and neither closed nor dismissed by the end of the day")
    good, how, group, owner, readers = "down", "level", "alerts", "portoffice", SITE
    tally = Tally(record=WARNED, at=at("at"), leaves=done("close", "dismiss"))


class FalseAlarms(Indicator):
    """How many of the warnings were none."""

    code = "alerts.false"
    title = Text("误报率", "False alarms")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 8.1.5 g)"
    formula = Text("判为误报的预警，占当日办结预警的百分比", "Warnings judged false, of those that ended that day")
    good, how, group, owner, readers = "down", "share", "alerts", "portoffice", SITE
    tally = Tally(record=WARNED, at=done("close", "dismiss"), hit=wrong, hit_uses=("verdict",))


class Parcels(Indicator):
    """Parcels told by express firms and post."""

    code = "parcels.parcels"
    title = Text("快件与邮件", "Parcels")
    unit = Text("件", "parcels")
    clause = "HS/T 82 7.2.1 a) 4)"
    formula = Text("按受理时刻计数", "Each parcel once, on the day on which it was told")
    good, how, group, owner, readers, firm = "up", "count", "parcels", "customs", ("customs", "portoffice"), "@filer"
    tally = Tally(record=Parcel.facts.name, at=FILED, by={"kind": By("carriage"), "country": By("origin")})


class ParcelLists(Indicator):
    """E-commerce lists by customs mode."""

    code = "parcels.lists"
    title = Text("跨境电商清单", "E-commerce lists")
    unit = Text("票", "lists")
    clause = "HS/T 82 7.2.1 a) 4)"
    formula = Text("按受理时刻计数", "Each list once, on the day on which it was filed")
    good, how, group, owner, readers, firm = "up", "count", "parcels", "customs", ("customs", "portoffice"), "@filer"
    tally = Tally(record=ParcelList.facts.name, at=FILED, by={"kind": By("mode")})


class CargoTonnes(Indicator):
    """The port's throughput as its operator or the statistics office tells it."""

    code = "boxes.cargo_tonnes"
    title = Text("港口货物吞吐量", "Cargo throughput")
    unit = Text("吨", "t")
    clause = "HS/T 82 8.4.1 b)"
    formula = Text("由“单一窗口”、港口经营人或统计部门按日报送", "Loaded daily by the single window, the operator or the statistics office")
    good, how, group, owner, readers = "up", "sum", "boxes", "portoffice", ALL
    divided = ("direction", "mode", "kind")
