"""The FAL workbook and its lists to fill in, with invented examples in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kouan.base.exchange.codecs.fal.forms import CALL, FORMS, TIMES, UTC_OFFSET, Column, Form
from kouan.base.exchange.codecs.sheet import to_csv
from kouan.base.exchange.codecs.sheet.book import Sheet, to_book
from kouan.base.exchange.examples import shifted
from kouan.kernel.text import Text

NOTES = (
    ("填写说明", "How to fill in"),
    (
        "每张工作表对应一张 FAL 表；不用的工作表留空即可。首行（或首列）为名称，请勿改动；示例均为虚构，请替换。",
        ("One sheet for each FAL form; leave those empty that you do not need. The first row (or column) holds the names and stays "
        "as it is. All examples are invented: put your own data in their place."),
    ),
    (
        "总申报单必须填写 IMO 编号、航次和抵达口岸；已经申报过的内容不必重复填写。再次上传名单即为更正：默认替换原名单，也可选择合并。",
        ("The general declaration names the IMO number, the voyage and the port of arrival; what was declared before need not be "
        "stated again. A list that is uploaded again amends: it replaces the former one, or is merged with it where you say so."),
    ),
    (
        "出错时会指明工作表、行和列。代码可写中文、英文或代码本身。",
        "Errors name sheet, row and column. Codes may be written in Chinese, in English, or as the code itself.",
    ),
)  # fmt: skip


def workbook() -> bytes:
    """The workbook: notes, then a sheet for each form with an example entry."""
    sheets = [Sheet("说明 Notes", NOTES), *(_sheet(form) for form in FORMS)]
    return to_book(sheets)


def _sheet(form: Form) -> Sheet:
    if form.single:
        head = ("项目 / Item", "填写 / Value", "可选值 / Choices")
        return Sheet(form.sheet, [head, *((c.label, shifted(c.example), _choices(c.words)) for c in form.columns)])
    return Sheet(form.sheet, [[c.label for c in form.columns], [shifted(c.example) for c in form.columns]])


def filled(notice: Mapping[str, Any]) -> bytes:
    """The workbook of a notice: each form with what it states, times in UTC."""
    return to_book([_filled(form, {**notice, UTC_OFFSET: "+00:00"}) for form in FORMS])


def _filled(form: Form, notice: Mapping[str, Any]) -> Sheet:
    held = _found(notice, form.path)
    if form.single:
        stated = [[column.label, _cell(column, _found(held, column.path))] for column in form.columns]
        return Sheet(form.sheet, [("项目 / Item", "填写 / Value"), *stated])
    entries = [[_cell(column, _found(entry, column.path)) for column in form.columns] for entry in held or ()]
    return Sheet(form.sheet, [[column.label for column in form.columns], *entries])


def _found(held: Any, path: str) -> Any:
    for step in path.split("/") if path else ():
        held = held.get(step) if isinstance(held, Mapping) else None
    return held


def _cell(column: Column, value: Any) -> str:
    """A value as it is typed: words for codes, several with commas, times without their zone."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_cell(column, one) for one in value)
    if column.path in TIMES:
        return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    code = str(value).lower() if isinstance(value, bool) else str(value)
    word = (column.words or {}).get(code)
    return word.zh if word else code


def _choices(words: Mapping[str, Text] | None) -> str:
    return "; ".join(f"{word.zh} / {word.en}" for word in (words or {}).values())


def listing(form: Form) -> bytes:
    """One list as CSV: the columns that name the call, then the form's own."""
    columns = (*CALL, *form.columns)
    return to_csv([column.label for column in columns], [[shifted(column.example) for column in columns]])
