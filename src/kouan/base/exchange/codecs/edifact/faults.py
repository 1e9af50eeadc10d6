"""Everything that can be wrong with an EDIFACT body, each stated once. `SYNTAX` maps to DE 0085 of CONTRL."""

from __future__ import annotations

from collections.abc import Mapping

from kouan.base.exchange.codecs.problem import Fault
from kouan.kernel.text import Text

ISO = "ISO 9735"


def _fault(code: str, rule: str, zh: str, en: str) -> Fault:
    return Fault(f"edifact.{code}", f"{ISO} {rule}".strip(), Text(zh, en))


EMPTY = _fault("empty", "", "报文为空", "The body is empty")
OTHER = _fault("other", "", "这不是EDIFACT报文，看来是{kind}", "This is not EDIFACT; it looks like {kind}")
UNKNOWN = _fault(
    "unknown", "UNB", "报文应以UNA或UNB开头，实际以“{found}”开头", "A body begins with UNA or UNB, not with “{found}”"
)
UNA = _fault(
    "una", "UNA", "UNA应给出六个互不相同的服务字符：{found}", "UNA gives six different service characters: {found}"
)
SEPARATOR = _fault(
    "separator", "UNA", "{tag}之后的分隔符“{found}”未由UNA声明",
    "The separator “{found}” after {tag} is not declared by a UNA",
)
BYTES = _fault(
    "bytes", "UNB 0001", "字节0x{byte}不属于字符集{charset}", "Byte 0x{byte} does not belong to the character set {charset}"
)
CONTROL = _fault(
    "control", "UNB 0001", "数据中含控制字符0x{byte}", "The data hold the control character 0x{byte}"
)
CHINESE = _fault(
    "chinese", "UNB 0001", "语法标识为{charset}（西欧字符），内容却是GB 18030编码的中文：请改用UTF-8，并标为UNOW或UNOY",
    "The syntax identifier is {charset} (Western Europe), but the data are Chinese in GB 18030: send UTF-8 as UNOW or UNOY",
)
TRUNCATED = _fault(
    "truncated", "", "报文在段{tag}中间结束", "The body ends in the middle of the segment {tag}"
)
TAG = _fault("tag", "", "“{tag}”不是段标记", "“{tag}” is not a segment tag")
OUTSIDE = _fault("outside", "UNH", "段{tag}不在任何报文之内", "The segment {tag} stands outside any message")
INTERACTIVE = _fault(
    "interactive", "UIB", "{tag}属于交互式EDIFACT（对话）；申报请使用批式交换（UNB）",
    "{tag} belongs to interactive EDIFACT, a dialogue; a filing is a batch interchange (UNB)",
)
PACKAGE = _fault(
    "package", "UNO S022", "UNO未说明对象长度，或所述长度之后没有UNP",
    "UNO does not state the length of its object, or no UNP stands behind that length",
)
UNO_MISSING = _fault("uno.missing", "UNO", "UNP之前没有UNO", "UNP without UNO")
UNP_MISSING = _fault("unp.missing", "UNP", "缺少数据包尾UNP，内容可能不全", "UNP is missing: content may be lost")
UNP_LENGTH = _fault(
    "unp.length", "UNP 0810", "UNP声明对象{declared}字节，UNO声明{found}字节",
    "UNP declares an object of {declared} bytes, UNO one of {found}",
)
UNP_REFERENCE = _fault(
    "unp.reference", "UNP 0800", "UNP的参考号“{found}”与UNO的“{expected}”不符",
    "The reference of UNP “{found}” is not that of UNO, “{expected}”",
)
MIXED = _fault(
    "mixed", "UNG", "功能组与组外报文不得混用", "Functional groups and messages outside them are not mixed"
)

UNB_MISSING = _fault("unb.missing", "UNB", "缺少交换头UNB", "The interchange header UNB is missing")
UNZ_MISSING = _fault("unz.missing", "UNZ", "缺少交换尾UNZ，内容可能不全", "UNZ is missing: content may be lost")
UNZ_COUNT = _fault(
    "unz.count", "UNZ 0036", "UNZ声明{declared}个报文或功能组，实有{found}个",
    "UNZ declares {declared} messages or groups; there are {found}",
)
UNZ_REFERENCE = _fault(
    "unz.reference", "UNZ 0020", "UNZ的参考号“{found}”与UNB的“{expected}”不符",
    "The reference of UNZ “{found}” is not that of UNB, “{expected}”",
)
UNG_MISSING = _fault("ung.missing", "UNG", "UNE之前没有UNG", "UNE without UNG")
UNE_MISSING = _fault("une.missing", "UNE", "缺少功能组尾UNE", "The group trailer UNE is missing")
UNE_COUNT = _fault(
    "une.count", "UNE 0060", "UNE声明{declared}个报文，实有{found}个", "UNE declares {declared} messages; there are {found}"
)
UNE_REFERENCE = _fault(
    "une.reference", "UNE 0048", "UNE的参考号“{found}”与UNG的“{expected}”不符",
    "The reference of UNE “{found}” is not that of UNG, “{expected}”",
)
UNH_MISSING = _fault("unh.missing", "UNH", "UNT之前没有UNH", "UNT without UNH")
UNT_MISSING = _fault("unt.missing", "UNT", "缺少报文尾UNT，内容可能不全", "UNT is missing: content may be lost")
UNT_COUNT = _fault(
    "unt.count", "UNT 0074", "UNT声明{declared}个段，实有{found}个", "UNT declares {declared} segments; there are {found}"
)
UNT_REFERENCE = _fault(
    "unt.reference", "UNT 0062", "UNT的参考号“{found}”与UNH的“{expected}”不符",
    "The reference of UNT “{found}” is not that of UNH, “{expected}”",
)

TEST = _fault(
    "note.test", "UNB 0035", "该交换标记为测试（UNB 0035=1）；演示口岸照常受理",
    "This interchange is marked as a test (UNB 0035 = 1); a demo port takes it as any other",
)
WRAPPED = _fault(
    "note.wrapped", "", "每{width}字节一行的定长记录，换行已去除；字节位置不含换行",
    "Records of {width} bytes a line: the line ends were taken out, and positions do not count them",
)
LINE_ENDS = _fault(
    "note.line-ends", "UNA", "以换行作为段终止符（无UNA）", "Line ends serve as segment terminators, without a UNA"
)
CHARSET_UNKNOWN = _fault(
    "note.charset", "UNB 0001", "语法标识“{charset}”未知，按ASCII或UTF-8读取",
    "The syntax identifier “{charset}” is unknown; read as ASCII or UTF-8",
)
CHARSET_UTF8 = _fault(
    "note.utf8", "UNB 0001", "语法标识为{charset}，内容却是UTF-8，按UTF-8读取（应标为UNOW或UNOY）",
    "The syntax identifier is {charset}, but the data are UTF-8 and were read so (UNOW or UNOY names it)",
)
HEADER_PART = _fault("note.header", "UNB, UNH", "{tag}缺少必填的{part}", "{tag} lacks its mandatory {part}")
REFERENCE_ABSENT = _fault("note.reference", "", "{tag}没有参考号", "{tag} carries no reference")
UNT_OFF = _fault(
    "note.unt-count", "UNT 0074", "UNT声明{declared}个段，实有{found}个（多计一段）",
    "UNT declares {declared} segments, one more than the {found} there are",
)
DUPLICATE = _fault(
    "note.duplicate", "UNH 0062", "报文参考号“{found}”在本交换中重复", "The message reference “{found}” is used twice"
)
SET_ASIDE = _fault(
    "note.package", "UNO", "数据包“{reference}”：{length}字节的对象已清点并另置，未存入系统（类型{kind}，SHA-256 {digest}）",
    "Package “{reference}”: its object of {length} bytes was counted and set aside, it is not kept (type {kind}, SHA-256 {digest})",
)
STRAY = _fault("note.stray", "", "空段已忽略", "An empty segment was skipped")
UNTERMINATED = _fault("note.unterminated", "UNZ", "末段UNZ没有终止符", "The last segment UNZ has no terminator")

ENCODE = _fault(
    "write.charset", "UNB 0001", "字符“{found}”不能用字符集{charset}表示", "“{found}” cannot be written in {charset}"
)
ESCAPE = _fault(
    "write.release", "UNA", "没有转义字符，不能写出含服务字符的数据", "Without a release character this data cannot be written"
)
SHAPE = _fault("write.shape", "", "段“{found}”无法写成EDIFACT", "The segment “{found}” cannot be written as EDIFACT")

SYNTAX: Mapping[str, str] = {
    "edifact.bytes": "21", "edifact.control": "21", "edifact.chinese": "21", "edifact.una": "22", "edifact.separator": "22",
    "edifact.tag": "15", "edifact.outside": "33", "edifact.type": "17", "edifact.package": "29", "edifact.mixed": "30",
    "edifact.unb.missing": "13", "edifact.unz.missing": "13", "edifact.ung.missing": "13",
    "edifact.uno.missing": "13", "edifact.unp.missing": "13", "edifact.unp.length": "29", "edifact.unp.reference": "28",
    "edifact.interactive": "15", "edifact.une.missing": "13", "edifact.unh.missing": "13", "edifact.unt.missing": "13",
    "edifact.truncated": "13", "edifact.unz.count": "29", "edifact.une.count": "29", "edifact.unt.count": "29",
    "edifact.unz.reference": "28", "edifact.une.reference": "28", "edifact.unt.reference": "28",
}
"""Codes of data element 0085 (syntax error) by our code; anything else is 18, unspecified error."""
