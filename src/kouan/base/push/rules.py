"""What a subscription must be (HS/T 82 7.2.5 b) 3))."""

from __future__ import annotations

from typing import ClassVar

from kouan.base.exchange.api import address_of
from kouan.base.push.records import Condition, Subscription
from kouan.kernel.errors import Refused
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record, record_types
from kouan.kernel.references import kind_of, kinds
from kouan.kernel.rules import Found, Rule, Severity, Unmet
from kouan.kernel.text import Text

SUBSCRIPTION = Subscription.facts.name
MOMENTS = frozenset({"filed", "amend", "overdue"})


def offered() -> dict[str, type[Record]]:
    """The record types that can be subscribed: those with open doors that do not name a person by their key."""
    return {cls.facts.name: cls for cls in record_types() if cls.facts.http and cls is not Subscription and not _personal(cls)}


def _personal(cls: type[Record]) -> bool:
    known = kinds()
    named = (cls.fields[part].reference for part in cls.facts.key if part in cls.fields)
    return any(kind in known and known[kind].personal for kind in named)


def filterable(cls: type[Record]) -> frozenset[str]:
    """The fields by which a record type's facts are chosen: its filters of levels 1 and 2 that name no person."""
    known = kinds()
    return frozenset(
        name for name, facts in cls.fields.items()
        if facts.filter and facts.level < 3 and not (facts.reference in known and known[facts.reference].personal)
    )  # fmt: skip


class _OfSubscription(Rule):
    """Base of rules for subscriptions."""

    abstract = True
    at = "filing"
    of = SUBSCRIPTION
    clause = "HS/T 82 7.2.5 b) 3)"
    severity: ClassVar[Severity] = "refuse"
    owner = "@filer"


class SaysWhat(_OfSubscription):
    """A subscription names references or record types; nobody subscribes everything."""

    code = "PUSH-WHAT"
    title = Text("订阅须说明对象", "A subscription says of what")

    def judge(self, record: Subscription, found: Found) -> Unmet | None:
        """Refuses one that names neither, or that names a person."""
        if not record.about and not record.records:
            return Unmet(Text("请填写订阅的对象（关于）或记录类型", "Name references (about) or record types"), "about")
        if any(kind_of(ref).personal for ref in record.about):
            return Unmet(Text("不能按个人订阅", "A person cannot be subscribed"), "about")
        if record.since and record.until and record.until <= record.since:
            return Unmet(Text("截止时间应晚于起始时间", "It ends after it begins"), "until")
        return None


class StoppedByPlatform(_OfSubscription):
    """Why a subscription was stopped is the platform's to say."""

    code = "PUSH-STOPPED"
    title = Text("停止原因由平台填写", "Only the platform says why it stopped")

    def judge(self, record: Subscription, found: Found) -> Unmet | None:
        """Refuses a reason that a filer states; an amendment of a stopped one leaves it out, and resuming is an action."""
        if record.stopped is None or found.filer == PLATFORM.slug:
            return None
        return Unmet(Text("停止原因由平台填写，请留空", "The platform says why it stopped a subscription: leave it out"), "stopped")


class KnownTypes(_OfSubscription):
    """Record types, moments and states are such as there are."""

    code = "PUSH-TYPES"
    title = Text("记录类型、事件和状态存在", "Record types, moments and states are known")

    def judge(self, record: Subscription, found: Found) -> Unmet | None:
        """Refuses the first unknown name, and says which names there are."""
        known = offered()
        if others := sorted(set(record.records) - set(known)):
            return Unmet(Text(f"没有可订阅的记录类型 {others[0]}", f"There is no record type to subscribe called {others[0]}"), "records")
        tracks = [t for name in record.records or known if (life := lifecycle_of(name)) for t in life.tracks]
        moments = MOMENTS | {action.name for track in tracks for action in track.actions}
        if others := sorted(set(record.moments) - moments):
            names = ", ".join(sorted(moments)) if record.records else "filed, amend …"
            return Unmet(Text(f"没有事件 {others[0]}，可用：{names}", f"There is no moment {others[0]}; there are: {names}"), "moments")
        states = {state for track in tracks for state in track.states}
        if others := sorted(set(record.states) - states):
            names = ", ".join(sorted(states)) if record.records else "…"
            return Unmet(Text(f"没有状态 {others[0]}，可用：{names}", f"There is no state {others[0]}; there are: {names}"), "states")
        return None


class KnownConditions(_OfSubscription):
    """Conditions are about declared filters of one record type."""

    code = "PUSH-WHERE"
    title = Text("条件使用可筛选字段", "Conditions use fields that can be filtered by")

    def judge(self, record: Subscription, found: Found) -> Unmet | None:
        """Refuses conditions without exactly one record type, and fields that are no filter of it."""
        if not record.where:
            return None
        if len(record.records) != 1:
            return Unmet(Text("使用条件时须且只能指定一种记录类型", "Conditions need exactly one record type"), "records")
        cls = offered().get(record.records[0])
        usable = filterable(cls) if cls else frozenset()
        return next((_unknown(at, one, usable) for at, one in enumerate(record.where) if one.name not in usable), None)


def _unknown(at: int, condition: Condition, usable: frozenset[str]) -> Unmet:
    names = ", ".join(sorted(usable))
    return Unmet(
        Text(f"该类记录不能按 {condition.name} 订阅，可用：{names}", f"This type is not subscribed by {condition.name}; there are: {names}"),
        f"where.{at}.name",
    )


class AddressFits(_OfSubscription):
    """A webhook has an address, and nothing else has. Where it leads is looked at again at each delivery."""

    code = "PUSH-ADDRESS"
    title = Text("接收地址与推送方式相符", "The address fits the channel")

    def judge(self, record: Subscription, found: Found) -> Unmet | None:
        """Refuses a missing or needless address, one that is none, and http beyond this machine."""
        if record.channel != "webhook":
            unwanted = Text("只有网络回调需要接收地址", "Only a webhook has an address")
            return Unmet(unwanted, "address") if record.address else None
        if not record.address:
            return Unmet(Text("网络回调须填写接收地址", "A webhook needs an address"), "address")
        try:
            address_of(record.address, demo=True)
        except Refused as refused:
            return Unmet(refused.reason, "address")
        return None
