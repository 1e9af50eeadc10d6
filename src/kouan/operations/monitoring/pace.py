"""How fast and how well the port works: the slowest tenth of waits, answers to warnings, what persons had to decide at the gate.

Waits after UNCTAD's port performance indicators; the ninth decile beside the median as in the WCO's Time Release Study.
"""

from __future__ import annotations

from kouan.facilities.yard.api import Instruction
from kouan.kernel.indicators import FILED, By, Indicator, Seen, Span, Tally, Where, at, done
from kouan.kernel.text import Text
from kouan.operations.alerts.api import SEVERITIES
from kouan.operations.monitoring.indicators import (
    ALL,
    HOURS,
    MINUTES,
    MOVE,
    PASSAGE,
    PERCENT,
    SHIPS,
    SITE,
    TRUCKS,
    VISIT,
    WARNED,
    WAYS,
)

ANSWERED = done("acknowledge", "act", "close", "dismiss")
ENDED = done("close", "dismiss")
REEFER = "operations.site.reefer_temperature"
WORK = {"to-bay": Text("移至查验位", "To the bay"), "from-bay": Text("移离查验位", "Back from the bay")}


def overridden(seen: Seen) -> bool:
    """Whether a person decided other than the rules."""
    return bool(seen.doc.get("override_reason"))


def booked(seen: Seen) -> bool:
    """Whether the vehicle came on a booking."""
    return bool(seen.doc.get("booking"))


def escalated(seen: Seen) -> bool:
    """Whether nobody answered a warning in time."""
    return bool(seen.doc.get("escalated"))


class QueueP90(Indicator):
    """Nine of ten vehicles wait no longer."""

    code = "gate.wait_p90"
    title = Text("候车时间（九成以内）", "Wait of vehicles in queues (90th percentile)")
    unit = MINUTES
    digits = 1
    clause = "HS/T 82 8.1.2 b)"
    formula = Text(
        "车辆在候车区停留的时间，当日离开者九成不超过此值", "Stay of vehicles in waiting areas: nine of ten of those who left that day took no longer"
    )
    good, how, group, owner, readers = "down", "p90", "gate", "terminal", ALL
    tally = Tally(
        record=VISIT, at=at("left"), of=(TRUCKS, Where("place.kind", ("waiting_area",))), value=Span(at("arrived"), at("left"), 60),
        by={"place": By("place")}, moved=("leave",),
    )  # fmt: skip


class Overridden(Indicator):
    """How many vehicles a person decided about."""

    code = "gate.overridden"
    title = Text("卡口人工改判率", "Gate decisions overridden by a person")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 6.3"
    formula = Text("由人工改判放行的过车，占全部过车的百分比", "Passages that a person decided other than the rules, of all of that day")
    good, how, group, owner, readers = "down", "share", "gate", "terminal", SITE
    tally = Tally(
        record=PASSAGE, at=at("at"), hit=overridden, hit_uses=("override_reason",), by={"direction": By("direction", words=WAYS)},
        moved=("override", "confirm"),
    )  # fmt: skip


class Booked(Indicator):
    """How many vehicles come on a booking."""

    code = "gate.booked"
    title = Text("预约进出率", "Vehicles on a booking")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 6.3; 10.1"
    formula = Text("凭预约到卡口的过车，占全部过车的百分比", "Passages of vehicles that came on a booking, of all of that day")
    good, how, group, owner, readers = "up", "share", "gate", "terminal", SITE
    tally = Tally(record=PASSAGE, at=at("at"), hit=booked, hit_uses=("booking",), by={"direction": By("direction", words=WAYS)})


class AnchorageP90(Indicator):
    """Nine of ten ships wait no longer at anchor."""

    code = "ships.anchorage_p90"
    title = Text("锚泊时间（九成以内）", "Time at anchorage (90th percentile)")
    unit = HOURS
    digits = 1
    clause = "HS/T 82 8.2.1 d); UNCTAD"
    formula = Text("船舶在锚地停留的时间，当日离开者九成不超过此值", "Stay of ships in anchorages: nine of ten of those who left that day took no longer")
    good, how, group, owner, readers = "down", "p90", "ships", "portoffice", ALL
    tally = Tally(
        record=VISIT, at=at("left"), of=(SHIPS, Where("place.kind", ("anchorage",))), value=Span(at("arrived"), at("left")),
        by={"place": By("place")}, moved=("leave",),
    )  # fmt: skip


class DangerousBoxes(Indicator):
    """Dangerous goods over the quay."""

    code = "boxes.dangerous"
    title = Text("危险货物集装箱装卸", "Boxes of dangerous goods over the quay")
    unit = Text("箱", "boxes")
    clause = "HS/T 82 7.2.4 a) 7); IMDG"
    formula = Text("卸船与装船作业中申报了联合国编号的箱数；更正与撤销不计", "Boxes with UN numbers discharged and loaded; corrections do not count")
    good, how, group, owner, readers = "", "count", "boxes", "terminal", SITE
    tally = Tally(
        record=MOVE, at=at("at"), of=(Where("activity", ("discharge", "load")), Where("dangerous", test=bool),
                                      Where("function", ("original", None))),
    )  # fmt: skip


class BayWorkTime(Indicator):
    """From the order to move a box for inspection until it is done."""

    code = "inspection.move_time"
    title = Text("查验移箱时间（中位数）", "Moving a box for inspection (median)")
    unit = MINUTES
    digits = 1
    clause = "HS/T 82 9.1.2 b)"
    formula = Text(
        "下达移箱指令至码头完成的时间，当日完成者的中位数，误差 0.5% 以内",
        "From the instruction until the terminal has done it: the median of that day, within 0.5 %",
    )
    good, how, group, owner, readers = "down", "median", "inspection", "terminal", SITE
    tally = Tally(
        record=Instruction.facts.name, at=done("complete"), value=Span(FILED, done("complete"), 60), by={"kind": By("activity", words=WORK)}
    )


class AlertResponse(Indicator):
    """How long until somebody answers a warning."""

    code = "alerts.response"
    title = Text("预警响应时间（中位数）", "Response to warnings (median)")
    unit = MINUTES
    digits = 1
    clause = "HS/T 82 8.1.5 g)"
    formula = Text(
        "预警发生至首次确认、处置、关闭或判误报的时间，中位数，误差 0.5% 以内",
        "From a warning to its first acknowledgement, measure, closing or dismissal: the median, within 0.5 %",
    )
    good, how, group, owner, readers = "down", "median", "alerts", "portoffice", SITE
    tally = Tally(record=WARNED, at=ANSWERED, value=Span(at("at"), ANSWERED, 60), by={"kind": By("raised_as", words=SEVERITIES)})


class AlertsEscalated(Indicator):
    """How many warnings were not answered in time."""

    code = "alerts.escalated"
    title = Text("预警逾期升级率", "Warnings escalated")
    unit = PERCENT
    digits = 1
    clause = "HS/T 82 8.1.5 g)"
    formula = Text("因逾期未处置而升级过的预警，占当日办结预警的百分比", "Warnings escalated for want of an answer, of those that ended that day")
    good, how, group, owner, readers = "down", "share", "alerts", "portoffice", SITE
    tally = Tally(record=WARNED, at=ENDED, hit=escalated, hit_uses=("escalated",))


class ReeferAlarms(Indicator):
    """Refrigerated boxes out of their temperature."""

    code = "alerts.reefer"
    title = Text("冷藏箱温度预警", "Reefer temperature warnings")
    unit = Text("起", "warnings")
    clause = "HS/T 82 8.1.2 b)"
    formula = Text("冷藏箱温度超出设定的预警，归并后每起一次", "Warnings of refrigerated boxes off their set temperature, each once after folding")
    good, how, group, owner, readers = "down", "count", "alerts", "terminal", SITE
    tally = Tally(record=WARNED, at=at("at"), of=(Where("alert", (REEFER,)),), by={"kind": By("raised_as", words=SEVERITIES)})
