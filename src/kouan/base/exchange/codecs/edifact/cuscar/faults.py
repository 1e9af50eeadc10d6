"""What can be wrong with a CUSCAR whose syntax is right."""

from __future__ import annotations

from kouan.base.exchange.codecs.problem import Fault
from kouan.kernel.text import Text


def _fault(code: str, rule: str, zh: str, en: str) -> Fault:
    return Fault(f"cuscar.{code}", f"UN/EDIFACT CUSCAR {rule}".strip(), Text(zh, en))


OTHER = _fault("type", "UNH 0065", "报文类型为{found}，不是CUSCAR", "The message type is {found}, not CUSCAR")
NONE = _fault("none", "UNH", "交换中没有CUSCAR报文", "The interchange holds no CUSCAR message")
BGM = _fault("bgm", "BGM", "缺少BGM段", "The segment BGM is missing")
REFERENCE = _fault("reference", "BGM 1004", "BGM没有单证号", "BGM carries no document number")
NUMBER = _fault("number", "", "“{found}”不是数字", "“{found}” is not a number")
WHOLE = _fault("whole", "", "“{found}”不是整数", "“{found}” is not a whole number")
DATE = _fault("date", "DTM C507", "“{found}”不是格式{form}的日期", "“{found}” is no date of the format {form}")
UNIT = _fault("unit", "MEA 6411", "计量单位“{found}”未知", "The unit “{found}” is not known")
NEGATIVE = _fault("negative", "", "“{found}”不得为负", "“{found}” must not be negative")
EARLY = _fault("order", "CNI", "段{tag}之前应有CNI", "{tag} needs a CNI before it")

UNTYPED = _fault(
    "note.type", "UNH 0065", "UNH未写报文类型，按内容认作CUSCAR", "UNH names no message type; by its content it is a CUSCAR"
)
FORM = _fault(
    "note.date", "DTM 2379", "日期“{found}”与格式{form}不符，按长度读取",
    "The date “{found}” does not fit its format {form}; read by its length",
)
TON = _fault("note.ton", "MEA 6411", "单位TON按公吨（1000千克）读取", "The unit TON is read as the metric ton of 1,000 kg")
CONTROL = _fault(
    "note.control", "CNT 6069", "CNT声明{declared}，实有{found}", "CNT declares {declared}; there are {found}"
)
UNDECLARED = _fault(
    "note.equipment", "SGP 8260", "集装箱{found}未在EQD中列出", "The container {found} is not listed in an EQD"
)
