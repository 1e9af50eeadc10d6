"""What of the platform's capacity is measured, in what unit, and what helps when it runs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kouan.kernel.text import Text

Kind = Literal["level", "counter", "share", "peak"]
Share = Literal["disk", ""]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured quantity. `kind`: a level (its last value of a day counts), a counter (its growth in a day), a share or a peak
    (their highest hour of a day); `grows_on`: what it takes up, where its limit is the room left there."""

    code: str
    title: Text
    unit: str
    kind: Kind
    limit: Text
    help: Text
    grows_on: Share = ""


_ROOM = Text("与数据盘共用剩余空间", "The room that is left on the data disk")
MEASURES: Mapping[str, Measure] = {
    one.code: one
    for one in (
        Measure(
            "disk", Text("数据盘已用空间", "Data disk in use"), "B", "level",
            Text("数据盘容量减去低水位余量（达到时停止受理）", "The disk's size less the low-water mark, at which filing stops"),
            Text("扩大数据盘；缩短采集数据保存期（KOUAN_HISTORY_DAYS）；清理同盘的其他文件",
                 "Enlarge the disk; keep signals for fewer days (KOUAN_HISTORY_DAYS); clear other files from the disk"),
        ),
        Measure(
            "database", Text("数据库", "Database"), "B", "level", _ROOM,
            Text("扩大数据盘；把数据库移到独立服务器（KOUAN_DATABASE_URL）；缩短数据使用记录明细的保存天数",
                 "Enlarge the disk; give the database a server of its own (KOUAN_DATABASE_URL); keep details of data use for fewer days"),
            grows_on="disk",
        ),
        Measure(
            "history", Text("采集数据历史", "History of signals"), "B", "level", _ROOM,
            Text("缩短各级数据保存期（KOUAN_HISTORY_DAYS）；扩大数据盘", "Keep signals for fewer days (KOUAN_HISTORY_DAYS); enlarge the disk"),
            grows_on="disk",
        ),
        Measure(
            "ledger", Text("账本", "Ledger"), "B", "level", _ROOM,
            Text("账本不可删减：扩大数据盘或把数据库移到独立服务器", "The ledger is never cut: enlarge the disk or move the database to a server of its own"),
            grows_on="disk",
        ),
        Measure(
            "facts", Text("每日受理的事实（账本条目）", "Facts accepted a day (ledger entries)"), "1/d", "counter",
            Text("运行参数“每日受理上限”（未设则无）", "The running parameter “facts a day” (none unless stated)"),
            Text("增加 kouan serve 与 kouan work 进程；用更快的磁盘；把数据库移到独立服务器",
                 "Add processes of kouan serve and kouan work; use a faster disk; move the database to a server of its own"),
        ),
        Measure(
            "cpu", Text("处理器占用（当日最忙的一小时）", "Processors busy (the busiest hour of a day)"), "%", "share",
            Text("85%：超过后等待明显变长", "85 %: beyond it waits grow quickly"),
            Text("增加处理器核数；把数据库或采集进程移到另一台机器", "Add cores; move the database or the stream to another machine"),
        ),
        Measure(
            "connections", Text("数据库连接（当日最多）", "Database connections (the most in a day)"), "1", "peak",
            Text("PostgreSQL 的 max_connections 减去保留连接", "PostgreSQL's max_connections less the reserved ones"),
            Text("提高 max_connections；减少进程数；使用连接池", "Raise max_connections; run fewer processes; pool connections"),
        ),
    )
}  # fmt: skip
CPU_LIMIT = 85.0
