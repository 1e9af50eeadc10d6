"""What the stream counts, in words: by which group it is shown, and what each cause means, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kouan.facilities.telemetry.refusals import CAUSES as UNREADABLE
from kouan.facilities.telemetry.refusals import NOTES
from kouan.facilities.telemetry.signals import CAUSE_NAMES
from kouan.kernel.text import Text

GROUPS: Mapping[str, Text] = {
    "lost": Text("丢失与故障", "Lost, and trouble"), "refused": Text("未能读取", "Could not be read"),
    "screened": Text("经筛查剔除", "Screened out"), "doubled": Text("重复", "Doubled"), "time": Text("时间不符", "Wrong in time"),
    "thinned": Text("稀疏（过量时舍弃）", "Thinned (more than its share)"), "flow": Text("处理量", "Taken and kept"),
}  # fmt: skip
"""The groups, those first that somebody should look at."""
_PLAIN: Mapping[str, tuple[str, Text]] = {
    "rows": ("flow", Text("收到的观测", "Observations taken in")),
    "sent.batches": ("flow", Text("发往总线的批次", "Batches sent on the bus")),
    "history.rows": ("flow", Text("存入历史的观测", "Observations kept in the history")),
    "history.compacted": ("flow", Text("已合并的历史文件", "History files merged")),
    "waiting.rows": ("flow", Text("等待发送的观测", "Observations that wait for the bus")),
    "waiting.batches": ("flow", Text("等待处理的批次", "Batches that wait to be read")),
    "gaps": ("lost", Text("读取数据流时发现的缺口", "Gaps met in the stream")),
    "lost.overrun": ("lost", Text("来不及处理而舍弃的报文", "Messages let go because they came too fast")),
    "refused.sealed": ("refused", Text("密钥不明的加密观测", "Sealed observations whose key is not known")),
    "listener.bytes": ("flow", Text("侦听端口收到的字节", "Bytes heard by the listeners")),
    "listener.connections": ("flow", Text("侦听端口的连接", "Connections to the listeners")),
    "late": ("time", Text("晚到（按事件时间入历史，不改最新值）", "Late (kept by event time; the latest value stays)")),
    "future": ("time", Text("事件时间超前两分钟以上（改用到达时间）", "More than two minutes ahead (arrival time is taken)")),
    "untimed": ("time", Text("没有事件时间（改用到达时间）", "Without an event time (arrival time is taken)")),
    "clock.set_back": ("time", Text("平台时钟被回拨", "The platform's clock was set back")),
    "history.paused": ("lost", Text("存储空间不足，暂停写入历史的分区（数据流暂存一小时）", "Partitions without room: their history waits in the stream")),
    "rejected.duplicate": ("doubled", Text("同一对象、时间与值的重复观测", "The same object, time and values again")),
    "thinned": ("thinned", Text("过量的观测", "Observations beyond a sender's share")),
    "thinned_messages": ("thinned", Text("设备泛洪中未读取的报文", "Messages of a flooding device, not read")),
    "thinned_events": ("thinned", Text("过于频繁的上下线，未逐条存档", "Devices that came and went too often, not filed")),
    "listener.dropped.datagrams": ("thinned", Text("过量的数据报", "Datagrams beyond what could be taken")),
    "listener.refused": ("refused", Text("侦听端口未能读取的语句（合计）", "Sentences that the listeners could not read, in all")),
    "listener.turned_away": ("refused", Text("因连接过多而谢绝", "Turned away: too many connections")),
    "refused.frame": ("refused", Text("总线上的批次无法读取", "A batch on the bus could not be read")),
    "lost.bus_away": ("lost", Text("总线长时间中断而丢失", "Lost while the bus was away too long")),
    "history.trouble": ("lost", Text("历史写入失败（随后重试）", "The history could not be written (tried again)")),
}  # fmt: skip
_OF_A_LINE: Mapping[str, tuple[str, Text]] = {
    "rows": ("flow", Text("{line}：收到的观测", "{line}: observations taken in")),
    "bytes": ("flow", Text("{line}：收到的字节", "{line}: bytes heard")),
    "connections": ("flow", Text("{line}：连接", "{line}: connections")),
    "refused": ("refused", Text("{line}：未能读取（合计）", "{line}: could not be read, in all")),
    "turned_away": ("refused", Text("{line}：因连接过多而谢绝", "{line}: turned away, too many connections")),
    "dropped.datagrams": ("thinned", Text("{line}：过量的数据报", "{line}: datagrams beyond what could be taken")),
    "terminal.admitted": ("flow", Text("{line}：准予注册的终端", "{line}: terminals that were admitted")),
    "terminal.turned_away": ("refused", Text("{line}：未登记而谢绝的终端", "{line}: terminals turned away, not in the register")),
}  # fmt: skip
"""What the listeners of each line count; what is read of them is named by its protocol."""
_LINES: Mapping[str, str] = {
    "gnss": "NMEA 0183", "jt808": "JT/T 808", "adsb": "ADS-B", "metar": "METAR", "listener": "AIS",
}  # fmt: skip
_named: dict[str, Callable[[str], Text | None]] = {}


def name_causes(prefix: str, title: Callable[[str], Text | None]) -> None:
    """Let a module say what its own causes mean: those that begin so, without the prefix."""
    _named[prefix] = title


def described(totals: Mapping[str, int]) -> list[dict[str, Any]]:
    """What was counted, group by group: cause, group, title, how often."""
    order = list(GROUPS)
    shown = sorted(((*of(cause), cause, count) for cause, count in totals.items() if count), key=lambda one: (order.index(one[0]), -one[3]))
    return [{"cause": cause, "group": group, "title": title.out(), "count": count} for group, title, cause, count in shown]


def of(cause: str) -> tuple[str, Text]:
    """The group and the meaning of a cause; an unknown one is shown by its name."""
    if cause in _PLAIN:
        return _PLAIN[cause]
    for prefix, title in _named.items():
        if cause.startswith(prefix):
            return "refused", title(cause.removeprefix(prefix)) or _bare(cause)
    head, _, rest = cause.partition(".")
    if head in _LINES and rest in _OF_A_LINE:
        group, words = _OF_A_LINE[rest]
        return group, words.fill(line=_LINES[head])
    if head == "rejected":
        return "screened", CAUSE_NAMES.get(rest) or _bare(cause)
    if head == "watcher":
        return "lost", Text(f"监测环节 {rest} 出错", f"The watcher {rest} failed")
    if head == "lost":
        return "lost", _bare(cause)
    return "refused", next(_words(rest), None) or _bare(cause)


def _words(rest: str) -> Iterator[Text]:
    line, _, code = rest.partition(".")
    if words := UNREADABLE.get(line, {}).get(code):
        yield Text(f"{_LINES[line]}：{words.zh}", f"{_LINES[line]}: {words.en}")
    yield from (words[rest] for words in (*UNREADABLE.values(), NOTES) if rest in words)


def _bare(cause: str) -> Text:
    return Text(cause, cause)
