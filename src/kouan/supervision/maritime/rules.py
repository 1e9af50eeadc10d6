"""What maritime supervision asks of berth plans and of its own orders (HS/T 82 9.1.4 e); IMDG Code 2.0.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kouan.base.portcall.api import PortCall
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.operations.berth.api import PLAN, BerthPlan, Slot, call_need, call_of
from kouan.standards.codes import api as codes
from kouan.supervision.maritime.binding import broken, falls_under, in_force
from kouan.supervision.maritime.records import BerthLimit, MaritimeOrder

ORDER, LIMIT = MaritimeOrder.facts.name, BerthLimit.facts.name
CLASS = re.compile(r"[1-9](\.[1-6][A-S]?)?\Z")


def listed(number: str) -> str:
    """The class under which the carried list holds a UN number; "" when it does not."""
    known = codes.lookup("un_number", number)
    return known.parent if known else ""


class ObeysOrders(Rule):
    """A plan that an order in force does not allow is not accepted."""

    code = "MAR-ORDER"
    at = "filing"
    of = PLAN
    title = Text("符合海事指令", "Complies with maritime orders")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "maritime"

    def needs(self, record: BerthPlan, filer: str) -> Iterable[Need]:
        """The orders about the call, which is locked meanwhile."""
        return (call_need(record), Need(ORDER, ref=record.call))

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Refuses with the order's own reason."""
        stay = Slot(record.berth, record.planned_from, record.planned_to)
        for order in in_force(found.of(Need(ORDER, ref=record.call)), record.call):
            if field := broken(stay, order):
                said = Text(f"海事指令 {order.number}：{order.reason_zh}", f"Maritime order {order.number}: {order.reason_en}")
                return Unmet(said, field, f"maritimeorder:{order.number}")
        return None


class BerthTakesGoods(Rule):
    """A berth does not take the classes of dangerous goods from which it is kept free (explosives, flammables, …)."""

    code = "MAR-LIMIT"
    at = "filing"
    of = PLAN
    title = Text("泊位接受船载危险货物", "The berth takes the dangerous goods aboard")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "maritime"

    def needs(self, record: BerthPlan, filer: str) -> Iterable[Need]:
        """The call and the berth's limits."""
        return (call_need(record), Need(LIMIT, ref=record.berth, most=5))

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Refuses with the class that the berth does not take."""
        call = call_of(record, found)
        for kept in found.of(Need(LIMIT, ref=record.berth, most=5)):
            assert isinstance(kept.data, BerthLimit)
            goods = call.dangerous if call and kept.data.berth == record.berth else ()
            # What is declared under too mild a class is judged by the class of its UN number too.
            aboard = [(g.un_number, one) for g in goods for one in (g.imdg_class, listed(g.un_number)) if one]
            if hit := next(((un, c) for un, c in aboard for limit in kept.data.classes if falls_under(c, limit)), None):
                said = Text(f"该泊位不接受第{hit[1]}类危险货物（UN {hit[0]}）", f"The berth does not take goods of class {hit[1]} (UN {hit[0]})")
                return Unmet(said, "berth", kept.ref)
        return None


class DangerousGoodsKnown(Rule):
    """A UN number that is not on the list, or of another class than declared, is looked at by the maritime administration."""

    code = "MAR-DG-NUMBER"
    at = "filing"
    of = PortCall.facts.name
    title = Text("联合国编号与类别相符", "UN numbers and classes agree")
    clause = "IMDG Code 3.2; UN Model Regulations 3.2"
    severity = "warn"
    owner = "agent"

    def judge(self, record: PortCall, found: Found) -> Unmet | None:
        """Warns of the first number that the carried list does not hold, or holds under another class."""
        for goods in record.dangerous:
            known = listed(goods.un_number)
            if not known:
                said = Text(f"UN {goods.un_number} 不在危险货物一览表中", f"UN {goods.un_number} is not on the list of dangerous goods")
                return Unmet(said, "dangerous")
            if not falls_under(goods.imdg_class, known) and not falls_under(known, goods.imdg_class):
                said = Text(
                    f"UN {goods.un_number} 属第{known}类，申报为第{goods.imdg_class}类",
                    f"UN {goods.un_number} is of class {known}, declared as class {goods.imdg_class}",
                )
                return Unmet(said, "dangerous")
        return None


class OrderSaysSomething(Rule):
    """An order of a kind says what that kind is about."""

    code = "MAR-ORDER-CONTENT"
    at = "filing"
    of = ORDER
    title = Text("指令内容完整", "The order says what it orders")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "maritime"

    def needs(self, record: MaritimeOrder, filer: str) -> Iterable[Need]:
        """The call, locked: a plan made at the same moment sees the order, or is seen when the order is carried out."""
        return (Need(PortCall.facts.name, ref=record.call, lock=True, most=3),)

    def judge(self, record: MaritimeOrder, found: Found) -> Unmet | None:
        """Refuses a restriction without berths, a window without times or the wrong way round, and an effect that is stated."""
        if record.effect is not None:
            return Unmet(Text("影响由平台登记", "The platform notes the effect"), "effect")
        if record.kind == "berth" and not (record.berths or record.not_berths):
            return Unmet(Text("请给出准许或禁止的泊位", "State the berths allowed or not allowed"), "berths")
        if record.kind == "window" and not (record.not_before or record.not_after):
            return Unmet(Text("请给出时间", "State the times"), "not_before")
        if record.not_before and record.not_after and record.not_before >= record.not_after:
            return Unmet(Text("不晚于须晚于不早于", "Not after is later than not before"), "not_after")
        if record.kind in ("escort", "conditions") and not record.conditions:
            return Unmet(Text("请写明条件", "State the conditions"), "conditions")
        return None


class LimitClasses(Rule):
    """A limit names classes of the IMDG Code."""

    code = "MAR-LIMIT-CLASS"
    at = "filing"
    of = LIMIT
    title = Text("危险货物类别有效", "Classes of the IMDG Code")
    clause = "IMDG Code 2.0.1.1"
    severity = "refuse"
    owner = "maritime"

    def judge(self, record: BerthLimit, found: Found) -> Unmet | None:
        """Refuses what is no class or division."""
        strange = next((one for one in record.classes if not CLASS.match(one)), None)
        return Unmet(Text("危险货物类别形如 1、1.4S、3", "A class is written like 1, 1.4S or 3"), "classes") if strange else None
