"""Subscription: which facts an organisation's system is told of, and by which channel (数据订阅; HS/T 82 7.2.5 b) 3))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import AnyRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("subscription", Text("数据订阅", "Subscription"))
Channel = Literal["webhook", "sse", "queue"]
CHANNELS = {
    "webhook": Text("网络回调（签名）", "Webhook, signed"),
    "sse": Text("服务器推送事件（由订阅方连接）", "Server-sent events: the subscriber connects"),
    "queue": Text("消息队列（MQTT，订阅方取走并确认）", "Queue by MQTT: the subscriber takes and acknowledges"),
}
Content = Literal["state", "difference"]
CONTENTS = {"state": Text("全文", "The whole document"), "difference": Text("变动字段", "What changed")}
Stopped = Literal["away", "refused", "gone", "address"]
STOPPED: dict[str, Text] = {
    "away": Text("对方系统长期无应答", "The subscriber's system did not answer for days"),
    "refused": Text("对方系统连续拒收", "The subscriber's system refused one message after another"),
    "gone": Text("对方系统答复“已不存在”（410）", "The subscriber's system answered that it is gone (410)"),
    "address": Text("该地址不在允许推送的范围内", "The address is not one that may be pushed to"),
}
MOST_NAMED = 50


class Condition(Part):
    """A filter: a field of the record type holds one of some values."""

    name: str = field("字段", "Field", min_length=1, max_length=60, example="code")
    values: tuple[str, ...] = field("取值", "Values", min_length=1, max_length=MOST_NAMED, example=["accepted"])


class Subscription(Record):
    """What an organisation wants to be told of. A fact is told when it fits everything that is stated here.

    `about` takes facts that mention one of the references; `where` needs exactly one record type. Told is only what the
    organisation may read at the time of telling, without fields of level 3 and 4.
    """

    facts: ClassVar[Facts] = Facts(
        name="base.push.subscription",
        title=Text("数据订阅", "Subscription"),
        summary=Text("按条件订阅单证状态、查验放行、物流事件和通知", "Document status, inspection and release, logistics events and notices, by filter"),
        clause="7.2.5 b) 3)",
        kind="filing",
        ref="subscription",
        key=("@filer", "name"),
        parties=(Party.filer("subscriber"),),
        filers=("*",),
        retention=5,
        label="name",
    )
    name: str = field("订阅名称", "Name", filter=True, min_length=1, max_length=80, example="box-release")
    channel: Channel = field("推送方式", "Channel", filter=True, example="sse", values=CHANNELS)
    address: str | None = field("接收地址", "Address", default=None, max_length=300)
    about: tuple[AnyRef, ...] = field(
        "关于", "About", filter=True, default=(), max_length=MOST_NAMED, example=["container:MSKU9070323"]
    )
    records: tuple[str, ...] = field("记录类型", "Record types", filter=True, default=(), max_length=MOST_NAMED)
    moments: tuple[str, ...] = field("事件", "Moments", default=(), max_length=MOST_NAMED)
    states: tuple[str, ...] = field("状态", "States", default=(), max_length=MOST_NAMED)
    where: tuple[Condition, ...] = field("条件", "Conditions", default=(), max_length=8)
    content: Content = field("推送内容", "Content", default="state", values=CONTENTS)
    since: datetime | None = field("起始时间", "From", default=None)
    until: datetime | None = field("截止时间", "Until", default=None)
    stale_s: int | None = field("消息时效", "Set aside when older than", unit="s", default=None, ge=60, le=604_800, example=3600)
    stopped: Stopped | None = field("平台停止原因", "Why the platform stopped it", default=None, values=STOPPED, read_only=True)
