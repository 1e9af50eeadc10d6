"""What can be wrong with a container message whose syntax is right."""

from __future__ import annotations

from kouan.base.exchange.codecs.problem import Fault
from kouan.kernel.text import Text


def _fault(code: str, rule: str, zh: str, en: str) -> Fault:
    return Fault(f"container.{code}", f"UN/EDIFACT {rule}".strip(), Text(zh, en))


BGM = _fault("bgm", "BGM", "缺少BGM段", "The segment BGM is missing")
NUMBER = _fault("number", "", "“{found}”不是数字", "“{found}” is not a number")
DATE = _fault("date", "DTM C507", "“{found}”不是格式{form}的日期", "“{found}” is no date of the format {form}")
EMPTY = _fault("empty", "EQD", "报文没有集装箱", "The message names no equipment")
KIND = _fault(
    "document", "BGM 1001", "单证名称代码“{found}”未说明作业种类", "The document name “{found}” does not say what was done"
)
TIME = _fault("time", "DTM 2005", "没有作业时间", "No time of the event is stated")
CODE = _fault("status", "STS C555", "没有状态代码", "No status is stated")
SHIP = _fault("ship", "TDT C222", "没有说明船舶", "The ship is not stated")
VOYAGE = _fault("voyage", "TDT 8028", "没有说明航次", "The voyage is not stated")
PORT = _fault("port", "LOC 3227", "没有以 UN/LOCODE 说明口岸", "The port is not stated by its UN/LOCODE")

FORM = _fault(
    "note.date", "DTM 2379", "日期“{found}”与格式{form}不符，按长度读取",
    "The date “{found}” does not fit its format {form}; read by its length",
)
UNREAD = _fault("note.segment", "", "段{tag}未解释，原文保留：{found}", "The segment {tag} is not interpreted; kept as sent: {found}")
UNIT = _fault("note.unit", "MEA 6411", "计量单位“{found}”未知，未取其值", "The unit “{found}” is not known; the value is not taken")
COUNT = _fault("note.count", "CNT 6069", "CNT声明{declared}箱，实有{found}箱", "CNT declares {declared} boxes; there are {found}")
WHOLE = _fault(
    "note.time", "DTM 2005", "箱体没有作业时间，取报文时间", "The box has no time of its own; the message's time is taken"
)
PLACED = _fault("note.place", "SGP 8260", "集装箱{found}未在EQD中列出", "The container {found} is not listed in an EQD")
