"""Checks: what can be asked of a column, in a small closed set, and how each reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kouan.kernel.text import Text

Class = Literal["compliance", "completeness", "authenticity", "timeliness"]
Severity = Literal["error", "warning"]
CheckKind = Literal[
    "required", "pattern", "codes", "code_list", "range", "length", "type", "not_future", "not_older", "equal",
    "check_digit", "exists", "unique",
]  # fmt: skip
CLASSES: dict[str, Text] = {
    "compliance": Text("合规性", "Compliance"),
    "completeness": Text("完整性", "Completeness"),
    "authenticity": Text("真实性", "Authenticity"),
    "timeliness": Text("时效性", "Timeliness"),
}
SEVERITIES: dict[str, Text] = {"error": Text("错误（隔离）", "Error (set aside)"), "warning": Text("警告", "Warning")}
KINDS: dict[str, Text] = {
    "required": Text("必填", "Required"),
    "pattern": Text("符合格式", "Of a pattern"),
    "codes": Text("取值范围", "One of some values"),
    "code_list": Text("属于代码集", "In a code list"),
    "range": Text("数值范围", "In a range"),
    "length": Text("长度上限", "Not longer than"),
    "type": Text("数据类型", "Of a type"),
    "not_future": Text("不晚于当前时间", "Not in the future"),
    "not_older": Text("不早于若干天前", "Not older than"),
    "equal": Text("与另一字段相等", "Equal to another field"),
    "check_digit": Text("校验位", "Check digit"),
    "exists": Text("已有对应记录", "Exists as a record"),
    "unique": Text("不重复", "Unique"),
}
CLASS_OF: dict[str, Class] = {
    "required": "completeness", "check_digit": "authenticity", "exists": "authenticity", "equal": "authenticity",
    "not_future": "timeliness", "not_older": "timeliness",
}  # fmt: skip
"""The class of a kind of check unless the rule states another; what is not here is compliance."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one column.

    `low`, `high`: bounds (of a number, a length, or days of age); `values`: what may stand there; `about`: the type, code list,
    kind of identifier, record type or other field that the kind of check refers to.
    """

    code: str
    field: str
    kind: CheckKind
    of: Class
    fix: Text
    severity: Severity = "error"
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""
    about: str = ""

    def out(self) -> dict[str, object]:
        """The JSON shape of a check."""
        return {
            "code": self.code, "field": self.field, "kind": self.kind, "class": self.of, "severity": self.severity,
            "fix": self.fix.out(), "low": self.low, "high": self.high, "values": list(self.values)[:50],
            "pattern": self.pattern, "about": self.about,
        }  # fmt: skip


_declared: dict[str, tuple[Check, ...]] = {}


def declare(of: str, *checks: Check) -> None:
    """State checks of a record type beside those that its fields make by themselves; again replaces by code."""
    known = {check.code: check for check in _declared.get(of, ())}
    _declared[of] = tuple((known | {check.code: check for check in checks}).values())


def declared(of: str) -> tuple[Check, ...]:
    """What modules declared for a record type."""
    return _declared.get(of, ())


def not_future(of: str, field: str, minutes: float = 15) -> Check:
    """A check that a moment is not later than now, but for a little that clocks differ."""
    fix = Text("核对时间和时区后更正", "Check the time and its zone, and correct it")
    return Check(f"{of}.{field}.not-future", field, "not_future", "timeliness", fix, high=minutes)


def not_older(of: str, field: str, days: float, severity: Severity = "error") -> Check:
    """A check that a moment is not longer ago than some days."""
    fix = Text(f"超过 {days:g} 天的数据应重新采集或说明原因", f"Collect anew what is older than {days:g} days, or state why")
    return Check(f"{of}.{field}.not-older", field, "not_older", "timeliness", fix, severity, low=days)
