"""A steward's rule is taken when it can be applied: its data set and field are there, and what it compares with, too."""

from __future__ import annotations

import re

from kouan.base.quality.records import QualityRule
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.api import KINDS as IDENTIFIERS

OUTSIDE = "dataset:"
"""What the name of a data set begins with that is no record type."""
_LOOKING = re.compile(r"\(\?[=!<P]|\\[1-9]")
NO_SET = Text("没有这个数据集", "There is no such data set")
NO_FIELD = Text("该数据集没有这个字段", "The data set has no such field")
NO_PATTERN = Text("不是可用的正则表达式（不支持环视与反向引用）", "Not a usable expression (no look-around, no back-reference)")
NO_ABOUT = Text("对照项不存在，可用：{known}", "What it compares with is not there; there are: {known}")
NO_BOUND = Text("该检查应给出上限或下限", "This check needs a bound")
NO_VALUES = Text("请列出允许的值", "List the values that are allowed")
BOUNDS = {"range": ("low", "high"), "length": ("high",), "not_older": ("low",)}


def known_type(name: str) -> type[Record] | None:
    """The record type of that name, if any."""
    try:
        return record_type(name)
    except KeyError:
        return None


class Applicable(Rule):
    """The rule names what is there."""

    code = "base.quality.applicable"
    at = "filing"
    of = QualityRule.facts.name
    title = Text("规则可执行", "The rule can be applied")
    clause = "7.2.3 b) 2)"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: QualityRule, found: Found) -> Unmet | None:
        """The first thing that the rule lacks."""
        cls = known_type(record.of)
        if cls is None and not record.of.startswith(OUTSIDE):
            return Unmet(NO_SET, "of")
        if cls is not None and record.field_name not in cls.fields:
            return Unmet(NO_FIELD, "field_name")
        return _bounds(record) or _compared(record, cls)


def _bounds(record: QualityRule) -> Unmet | None:
    wanted = BOUNDS.get(record.check, ())
    if wanted and all(getattr(record, name) is None for name in wanted):
        return Unmet(NO_BOUND, wanted[0])
    if record.check == "codes" and not record.values:
        return Unmet(NO_VALUES, "values")
    if record.check == "pattern" and not _pattern(record.pattern or ""):
        return Unmet(NO_PATTERN, "pattern")
    return None


def _pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return bool(text) and not _LOOKING.search(text)


def _compared(record: QualityRule, cls: type[Record] | None) -> Unmet | None:
    about = record.about or ""
    if record.check == "code_list" and about not in (names := [one.name for one in codes.lists()]):
        return Unmet(NO_ABOUT.fill(known=", ".join(names)), "about")
    if record.check == "check_digit" and about not in IDENTIFIERS:
        return Unmet(NO_ABOUT.fill(known=", ".join(IDENTIFIERS)), "about")
    if record.check == "exists" and known_type(about) is None:
        return Unmet(NO_ABOUT.fill(known="board.module.record"), "about")
    if record.check == "equal" and (not about or (cls is not None and about not in cls.fields)):
        return Unmet(NO_ABOUT.fill(known=", ".join(list(cls.fields)[:12]) if cls else "–"), "about")
    return None
