"""What can be wrong with a spreadsheet."""

from __future__ import annotations

from kouan.base.exchange.codecs.problem import Fault
from kouan.kernel.text import Text


def _fault(code: str, rule: str, zh: str, en: str) -> Fault:
    return Fault(f"sheet.{code}", rule, Text(zh, en))


EMPTY = _fault("empty", "RFC 4180", "表格为空", "The sheet is empty")
BINARY = _fault("binary", "RFC 4180", "这不是文本表格（含二进制数据）", "This is no text table: it holds binary data")
ENCODING = _fault(
    "encoding", "RFC 4180", "文本既不是UTF-8也不是GB 18030（或为Big5、Latin-1等编码）；请另存为UTF-8",
    "The text is neither UTF-8 nor GB 18030 (Big5 or Latin-1, perhaps): save it as UTF-8",
)
QUOTES = _fault("quotes", "RFC 4180 2.5", "引号不成对或单元格过大：{found}", "Quotes do not pair, or a cell is too large: {found}")
HEADERS = _fault(
    "headers", "", "表头没有一列可识别；可用的列名如：{known}", "No column of the header is known; columns are such as: {known}"
)
TWICE = _fault("twice", "", "列“{found}”与前面的列重复", "The column “{found}” repeats an earlier one")
UNKNOWN = _fault("note.column", "", "未知的列“{found}”已忽略", "The unknown column “{found}” was ignored")
ABOVE = _fault("note.above", "", "表头以上的{found}行（标题、说明）未读取", "{found} rows above the header (a title, remarks) were not read")
SHEETS = _fault("note.sheets", "", "只读取了工作表“{taken}”，未读取：{left}", "Only the sheet “{taken}” was read, not: {left}")
UNEVEN = _fault(
    "uneven", "RFC 4180 2.4", "本行有{found}个单元格，表头有{expected}个", "This row has {found} cells, the header {expected}"
)
ERROR = _fault("error", "", "单元格为错误值{found}", "The cell holds the error {found}")
ROWS = _fault("rows", "", "超过{most}行", "More than {most} rows")
XLSX = _fault("xlsx", "ISO/IEC 29500", "不是可读的XLSX文件：{found}", "Not a readable XLSX file: {found}")
LARGE = _fault(
    "large", "ISO/IEC 29500", "解压后超过{most}字节", "Unpacked, the file is over {most} bytes"
)
CELLS = _fault(
    "cells", "ISO/IEC 29500", "表格范围有{found}个单元格，最多{most}个", "The sheet spans {found} cells; at most {most} are taken"
)
