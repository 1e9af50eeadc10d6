"""Everything that can be wrong with a WCO declaration message, each stated once."""

from __future__ import annotations

from kouan.base.exchange.codecs.problem import Fault
from kouan.kernel.text import Text


def _fault(code: str, zh: str, en: str, rule: str = "WCO DM 3.6 DEC") -> Fault:
    return Fault(f"wco.{code}", rule, Text(zh, en))


EMPTY = _fault("empty", "报文为空", "The body is empty", "XML 1.0")
SIZE = _fault("size", "报文超过{most}字节", "The body is over {most} bytes", "XML 1.0")
XML = _fault("xml", "不是格式良好的XML:{found}", "Not well-formed XML: {found}", "XML 1.0")
DOCTYPE = _fault("doctype", "不接收DTD和实体声明", "DTDs and entity declarations are not taken", "XML 1.0 2.8")
ROOT = _fault(
    "root", "根元素应为MetaData或Declaration（命名空间{space}），不是{found}",
    "The root is MetaData or Declaration (namespace {space}), not {found}",
)
RESPONSE = _fault("response", "这是回执（Response），不是申报单", "This is a response, not a declaration")
RESPONSE_ROOT = _fault(
    "response.root", "根元素应为MetaData或Response，不是{found}", "The root is MetaData or Response, not {found}", "WCO DM 3.6 RES"
)
USELESS = _fault(
    "response.useless", "回执缺少{name}，无法处理", "Without {name} nothing can be made of the response", "WCO DM 3.6 RES"
)

MISSING = _fault("missing", "缺少必填元素{name}", "The mandatory element {name} is missing")
UNKNOWN = _fault("unknown", "此处没有名为{name}的元素", "There is no element {name} here")
NAMESPACE = _fault(
    "namespace", "{name}的命名空间应为{space}，不是{found}", "The namespace of {name} is {space}, not {found}", "XML Namespaces"
)
ORDER = _fault("order", "{name}应位于{after}之前", "{name} must stand before {after}")
REPEATED = _fault("repeated", "{name}最多出现{most}次", "{name} may stand here at most {most} times")
MIXED = _fault("mixed", "{name}只含元素，不含文本“{found}”", "{name} holds elements only, not the text “{found}”")
CHILDREN = _fault("children", "{name}只含文本，不含元素", "{name} holds text only, no elements")
ATTRIBUTE = _fault("attribute", "{name}没有属性{attribute}", "{name} has no attribute {attribute}")
ATTRIBUTE_VALUE = _fault(
    "attribute.value", "{name}的属性{attribute}不能为“{found}”", "The attribute {attribute} of {name} cannot be “{found}”"
)
ATTRIBUTE_MISSING = _fault(
    "attribute.missing", "{name}缺少属性{attribute}", "{name} lacks the attribute {attribute}"
)

BLANK = _fault("blank", "{name}不能为空白", "{name} must not be blank")
LINES = _fault("lines", "{name}不得含换行", "{name} must not hold line ends")
LENGTH = _fault("length", "{name}最多{size}个字符，实有{found}个", "{name} holds at most {size} characters, not {found}")
EXACT = _fault("exact", "{name}应恰为{size}个字符，实有{found}个", "{name} holds exactly {size} characters, not {found}")
LETTERS = _fault("letters", "{name}只能含字母：“{found}”", "{name} holds letters only, not “{found}”")
DIGITS = _fault("digits", "{name}只能含数字：“{found}”", "{name} holds digits only, not “{found}”")
VALUES = _fault("values", "{name}应为{values}之一，不是“{found}”", "{name} is one of {values}, not “{found}”")
NUMBER = _fault("number", "{name}应为数字，不是“{found}”", "{name} is a number, not “{found}”")
TOTAL = _fault("total", "{name}最多{size}位数字：“{found}”", "{name} has at most {size} digits, not “{found}”")
FRACTION = _fault(
    "fraction", "{name}最多{size}位小数：“{found}”", "{name} has at most {size} decimal places, not “{found}”"
)
DATE = _fault("date", "{name}应为日期CCYYMMDD或日期时间：“{found}”", "{name} is a date CCYYMMDD, or with time, not “{found}”")

UNWRITABLE = _fault("write", "该值不能写入XML:“{found}”", "This value cannot be written to XML: “{found}”", "XML 1.0 2.2")
