"""What pydantic found wrong, said in both languages with field and rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from kouan.kernel.errors import Problem
from kouan.kernel.text import Text

_REASONS: Mapping[str, Text] = {
    "missing": Text("缺少必填项", "This field is required"),
    "extra_forbidden": Text("不认识的字段", "This field is not known here"),
    "string_type": Text("应为文本", "This must be text"),
    "string_too_long": Text("不得超过 {max_length} 个字符", "At most {max_length} characters"),
    "string_too_short": Text("至少 {min_length} 个字符", "At least {min_length} characters"),
    "string_pattern_mismatch": Text("格式不符：应符合 {pattern}", "Not of the form {pattern}"),
    "int_parsing": Text("应为整数", "This must be a whole number"),
    "int_type": Text("应为整数", "This must be a whole number"),
    "int_from_float": Text("应为整数", "This must be a whole number"),
    "float_parsing": Text("应为数字", "This must be a number"),
    "float_type": Text("应为数字", "This must be a number"),
    "finite_number": Text("应为有限数字", "This must be a finite number"),
    "decimal_parsing": Text("应为数字", "This must be a number"),
    "bool_parsing": Text("应为是或否", "This must be true or false"),
    "bool_type": Text("应为是或否", "This must be true or false"),
    "greater_than_equal": Text("不得小于 {ge}", "At least {ge}"),
    "greater_than": Text("应大于 {gt}", "More than {gt}"),
    "less_than_equal": Text("不得大于 {le}", "At most {le}"),
    "less_than": Text("应小于 {lt}", "Less than {lt}"),
    "literal_error": Text("应为下列之一：{expected}", "One of {expected}"),
    "enum": Text("应为下列之一：{expected}", "One of {expected}"),
    "too_short": Text("至少 {min_length} 项", "At least {min_length} entries"),
    "too_long": Text("不得超过 {max_length} 项", "At most {max_length} entries"),
    "reference": Text("不是有效的标识（{kind}）", "Not a usable {kind} identifier"),
    "timezone_aware": Text("时间应带时区", "A time needs its time zone"),
    "value_error": Text("值不成立：{error}", "Not a valid value: {error}"),
    "list_type": Text("应为列表", "This must be a list"),
    "tuple_type": Text("应为列表", "This must be a list"),
    "dict_type": Text("应为对象", "This must be an object"),
    "model_type": Text("应为对象", "This must be an object"),
    "model_attributes_type": Text("应为对象", "This must be an object"),
}
_DATE = Text("应为日期或时间（ISO 8601，带时区）", "This must be a date or time (ISO 8601, with time zone)")
_OTHER = Text("值不符合要求（{kind}）", "Not an acceptable value ({kind})")


class _Safe(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def problems_of(error: ValidationError, prefix: str = "", position: str = "") -> tuple[Problem, ...]:
    """All problems of a validation, at most 100; `field` is a dotted path, never a value."""
    return tuple(_problem(e, prefix, position) for e in error.errors(include_url=False, include_input=False)[:100])


def _problem(error: Any, prefix: str, position: str) -> Problem:
    kind = str(error["type"])
    path = ".".join(str(part) for part in error["loc"] if not str(part).startswith(("function-", "constrained-")))
    text = _REASONS.get(kind)
    if text is None and kind.startswith(("datetime", "date", "time")):
        text = _DATE
    context = _Safe(error.get("ctx") or {})
    reason = text or _OTHER.fill(kind=kind)
    filled = Text(reason.zh.format_map(context), reason.en.format_map(context))
    return Problem(code=f"structure.{kind}", field=f"{prefix}{path}", rule=kind, reason=filled, position=position)
