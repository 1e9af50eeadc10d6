"""Inspection in figures: visits, how many found something, how long they take (WCO TRS; HS/T 82 9.2.1 b))."""

from __future__ import annotations

from kouan.kernel.indicators import FILED, Indicator, Seen, Span, Tally, Where, done
from kouan.kernel.text import Text
from kouan.supervision.inspection.records import InspectionOrder

ORDER = InspectionOrder.facts.name
CLAUSE = "HS/T 82 9.2.1 b) 1)"
AGENCIES = ("customs", "border", "maritime", "portoffice")
ENTERED = Where("result", test=lambda result: result is not None)


def found(seen: Seen) -> bool:
    """Whether the goods were not simply released after the visit."""
    return seen.doc.get("result") != "release"


def joint(seen: Seen) -> bool:
    """Whether more than one agency visits."""
    return len(seen.doc.get("agencies") or ()) > 1


class Ordered(Indicator):
    """How many visits are ordered."""

    code = "inspection.ordered"
    title = Text("联合查验", "Joint inspections ordered")
    unit = Text("票", "orders")
    clause = CLAUSE
    formula = Text("按下达时刻计数", "Each order once, on the day on which it was made")
    good, how, group, owner, readers = "", "count", "inspection", "customs", AGENCIES
    tally = Tally(record=ORDER, at=FILED)


class HitRate(Indicator):
    """How many visits found something: whether targeting looks at the right boxes."""

    code = "inspection.hit_rate"
    title = Text("查获率", "Inspections that found something")
    unit = Text("%", "%")
    digits = 1
    clause = "HS/T 82 9.1.7 d)"
    formula = Text("结果不是直接放行的查验，占当日首次录入结果且已办结的查验的百分比", "Finished visits whose goods were not simply released, by first result")
    good, how, group, owner, readers = "up", "share", "inspection", "customs", AGENCIES
    tally = Tally(record=ORDER, at=done("enter"), of=(ENTERED,), hit=found, hit_uses=("result",))


class JointShare(Indicator):
    """How many visits several agencies make together."""

    code = "inspection.joint"
    title = Text("多部门一次查验率", "Visits of several agencies at once")
    unit = Text("%", "%")
    digits = 1
    clause = CLAUSE
    formula = Text("两个及以上部门共同参加的查验，占当日下达查验的百分比", "Orders of two agencies or more, of all made on that day")
    good, how, group, owner, readers = "up", "share", "inspection", "customs", AGENCIES
    tally = Tally(record=ORDER, at=FILED, hit=joint, hit_uses=("agencies",))


class VisitTime(Indicator):
    """From the order to the first result."""

    code = "inspection.time"
    title = Text("查验时间（中位数）", "Order to first result (median)")
    unit = Text("小时", "h")
    digits = 1
    clause = "HS/T 82 8.2.1 d); WCO TRS 3"
    formula = Text("下达查验单至首个部门录入结果的时间，中位数，误差 0.5% 以内", "From the order to the first agency's result: the median, within 0.5 %")
    good, how, group, owner, readers = "down", "median", "inspection", "customs", AGENCIES
    tally = Tally(record=ORDER, at=done("enter"), value=Span(FILED, done("enter")))
