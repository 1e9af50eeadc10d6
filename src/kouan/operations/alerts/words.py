"""The alerts of this module: a plate that is on two vehicles, a yard that fills up, and the engine's own troubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.facilities.gate.api import VEHICLE_TYPES
from kouan.kernel.alerts import Alert, Parameter, Raised, Severity
from kouan.kernel.text import Text
from kouan.operations.alerts.facts import CODE as FACTS
from kouan.operations.alerts.facts import Facts, Passed, Stock

OTHER_TYPE = Text(
    "车牌 {plate} 本次车型为{now}，此前 {n} 次过卡为{before}，疑似套牌", "Plate {plate} is now on a {now}; its last {n} passages were a {before}"
)
TWICE = Text("车牌 {plate} 在 {seconds} 秒内先后出现在 {one} 和 {other}，疑似套牌", "Plate {plate} was at {one} and at {other} within {seconds} s")
FULL = Text(
    "{area}在场{boxes}箱，达到容量的{share}%（警戒线{line}%），{forecast}", "{area} holds {boxes} boxes, {share} % of capacity (line {line} %); {forecast}"
)
STOPPED = Text(
    "{area}在场{boxes}箱，近{hours}小时进{came}箱、出{went}箱，{forecast}",
    "{area} holds {boxes} boxes; {came} came and {went} left in {hours} h; {forecast}",
)
IN_HOURS = Text("按当前进出速度约{hours}小时后堆满", "full in about {hours} h at this rate")
NOT_FILLING = Text("目前不再增长", "it is not filling now")
IS_FULL = Text("已堆满", "it is full")
WHOLE = Text("堆场", "The yard")
TROUBLE = Text("{n}条预警规则停止运行：{names}", "{n} alert rules do not run: {names}")


class ClonedPlate(Alert):
    """One plate on vehicles of two types, or at two lanes sooner than it can drive from one to the other."""

    code = "operations.alerts.cloned_plate"
    title = Text("车辆识别预警：疑似套牌", "Vehicle recognition: plate on two vehicles")
    clause = "HS/T 82 8.1.5 d)"
    severity: ClassVar[Severity] = "serious"
    owner = "terminal"
    respond = timedelta(minutes=10)
    clears_after = timedelta(minutes=1)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "apart_s": Parameter(Text("两通道间最短行驶时间", "Shortest way between two lanes"), 60, "s", 5, 3600),
        "stands_min": Parameter(Text("预警保持时间", "The alarm stands for"), 30, "min", 1, 1440),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """What the last passage of each vehicle says against those before it."""
        facts: Facts = view.watchers[FACTS]
        stands = timedelta(minutes=settings["stands_min"])
        for vehicle, last in list(facts.fresh.items()):
            if now - last.at > stands:
                del facts.fresh[vehicle]
                continue
            before = [one for one in facts.vehicles[vehicle] if one.ref != last.ref]
            said = other_type(last, before) or two_places(last, before, settings["apart_s"])
            if said is not None:
                message, others = said
                yield Raised(
                    vehicle, message, last.at, (vehicle, *((last.place,) if last.place else ())),
                    {"passages": [_shown(one) for one in (last, *others)]}, orgs=("customs", "border", "portoffice"),
                )  # fmt: skip


def other_type(last: Passed, before: Sequence[Passed]) -> tuple[Text, Sequence[Passed]] | None:
    """The type that the plate's former passages agree on, where the last one was another."""
    told = [one for one in before if one.kind]
    if last.kind is None or not told:
        return None
    kind, times = Counter(one.kind for one in told).most_common(1)[0]
    if kind is None or kind == last.kind or times * 2 < len(told):
        return None
    now_, was, plate = VEHICLE_TYPES[last.kind], VEHICLE_TYPES[kind], last.vehicle.partition(":")[2]
    zh = OTHER_TYPE.zh.format(plate=plate, now=now_.zh, n=times, before=was.zh)
    en = OTHER_TYPE.en.format(plate=plate, now=now_.en.lower(), n=times, before=was.en.lower())
    return Text(zh, en), [one for one in told if one.kind == kind][-3:]


def two_places(last: Passed, before: Sequence[Passed], apart_s: float) -> tuple[Text, Sequence[Passed]] | None:
    """A passage at another lane so shortly before that one vehicle cannot have made both."""
    near = [one for one in before if one.lane != last.lane and abs((last.at - one.at).total_seconds()) < apart_s]
    if not near:
        return None
    seconds = f"{abs((last.at - near[-1].at).total_seconds()):.0f}"
    return TWICE.fill(plate=last.vehicle.partition(":")[2], seconds=seconds, one=near[-1].lane, other=last.lane), near[-1:]


def _shown(one: Passed) -> dict[str, Any]:
    told = {"ref": one.ref, "lane": one.lane, "direction": one.direction, "type": one.kind}
    return {**told, "at": one.at.isoformat(), "tare_kg": one.tare_kg}


class Backlog(Alert):
    """More boxes come than leave: the yard is over its warning line, or will be full within hours."""

    code = "operations.alerts.backlog"
    title = Text("货物积压预警", "Cargo backlog")
    clause = "HS/T 82 8.1.5 f)"
    severity: ClassVar[Severity] = "warning"
    owner = "terminal"
    respond = timedelta(minutes=30)
    clears_after = timedelta(minutes=5)
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "capacity": Parameter(Text("堆场容量", "Capacity of the yard"), 12_000, "boxes", 1, 1_000_000),
        "area_capacity": Parameter(Text("单个箱区容量", "Capacity of one block"), 700, "boxes", 1, 100_000),
        "line": Parameter(Text("警戒线", "Warning line"), 85, "%", 1, 100),
        "horizon_h": Parameter(Text("预计堆满提前量", "Warn when it will be full within"), 6, "h", 0.1, 240),
        "flow_h": Parameter(Text("流量统计时长", "Hours over which flow is counted"), 2, "h", 1, 24),
        "least": Parameter(Text("最少进场箱数", "Boxes that must have come to forecast"), 10, "boxes", 1, 10_000),
    }

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """The yard as a whole by its counted flow; each block by how its stock has moved while it was watched."""
        facts: Facts = view.watchers[FACTS]
        if facts.stock is None:
            return
        yield from whole(facts.stock, settings)
        for area, boxes in facts.stock.areas.items():
            if area and boxes * 100 >= settings["line"] * settings["area_capacity"]:
                rate = growth(list(facts.past), area)
                yield _full(area, boxes, settings["area_capacity"], settings["line"], rate, facts.stock.at, (area,), {})


def whole(stock: Stock, settings: Mapping[str, float]) -> Iterable[Raised]:
    """The yard over its line; or filling so that it is full within the horizon."""
    flow = min(stock.flows, key=lambda one: abs(one.hours - settings["flow_h"]))
    rate, capacity = (flow.came - flow.went) / flow.hours, settings["capacity"]
    left = hours_to(stock.boxes, capacity, rate)
    evidence = {"came": flow.came, "went": flow.went, "hours": flow.hours, "stock": stock.boxes, "capacity": capacity,
                "hours_to_full": None if left is None else round(left, 2)}  # fmt: skip
    if stock.boxes * 100 >= settings["line"] * capacity:
        yield _full("", stock.boxes, capacity, settings["line"], rate, stock.at, (), evidence)
    elif left is not None and left <= settings["horizon_h"] and flow.came >= settings["least"]:
        said = forecast(left)
        zh = STOPPED.zh.format(area=WHOLE.zh, boxes=stock.boxes, hours=f"{flow.hours:g}", came=flow.came, went=flow.went, forecast=said.zh)
        en = STOPPED.en.format(area=WHOLE.en, boxes=stock.boxes, hours=f"{flow.hours:g}", came=flow.came, went=flow.went, forecast=said.en)
        yield Raised("yard", Text(zh, en), stock.at, (), evidence, value=round(left, 2), threshold=settings["horizon_h"])


def _full(
    area: str, boxes: int, capacity: float, line: float, rate: float, at: datetime, subjects: tuple[str, ...], evidence: Mapping[str, Any]
) -> Raised:
    left = hours_to(boxes, capacity, rate)
    share, said = f"{boxes * 100 / capacity:.0f}", forecast(left)
    name = Text(area.partition(":")[2], area.partition(":")[2]) if area else WHOLE
    zh = FULL.zh.format(area=name.zh, boxes=boxes, share=share, line=f"{line:g}", forecast=said.zh)
    en = FULL.en.format(area=name.en, boxes=boxes, share=share, line=f"{line:g}", forecast=said.en)
    shown = {**evidence, "stock": boxes, "capacity": capacity, "net_per_hour": round(rate, 2),
             "hours_to_full": None if left is None else round(left, 2)}  # fmt: skip
    return Raised(area or "yard", Text(zh, en), at, subjects, shown, value=float(boxes), threshold=line * capacity / 100)


def hours_to(boxes: int, capacity: float, rate: float) -> float | None:
    """Hours until the capacity is reached at a net rate (boxes an hour); None when it does not fill."""
    if boxes >= capacity:
        return 0.0
    return (capacity - boxes) / rate if rate > 0 else None


def forecast(hours: float | None) -> Text:
    """A forecast in words."""
    if hours is None:
        return NOT_FILLING
    return IS_FULL if hours == 0 else IN_HOURS.fill(hours=f"{hours:.1f}")


def growth(past: Sequence[Stock], area: str) -> float:
    """Net boxes an hour in an area since it is watched; 0 while that is less than a minute."""
    hours = (past[-1].at - past[0].at).total_seconds() / 3600 if past else 0.0
    return (past[-1].areas.get(area, 0) - past[0].areas.get(area, 0)) / hours if hours > 1 / 60 else 0.0


class EngineTrouble(Alert):
    """A word or a staff's rule does not run: it failed or stalled, and stands alone until it is tried again."""

    code = "operations.alerts.engine_trouble"
    title = Text("预警规则运行异常", "An alert rule does not run")
    clause = "HS/T 82 8.1.5"
    severity: ClassVar[Severity] = "serious"
    owner = "portoffice"
    respond = timedelta(minutes=30)
    clears_after = timedelta(minutes=2)
    parameters: ClassVar[Mapping[str, Parameter]] = {}

    def judge(self, view: Any, settings: Mapping[str, float], now: datetime) -> Iterable[Raised]:
        """One condition for all that does not run."""
        troubles: Mapping[str, str] = view.watchers["operations.alerts"].troubles()
        if troubles:
            names = ", ".join(sorted(troubles)[:5])
            message = TROUBLE.fill(n=len(troubles), names=names)
            yield Raised("engine", message, now, (), {"problems": dict(troubles)}, value=float(len(troubles)))
