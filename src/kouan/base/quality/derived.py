"""Checks that a record type makes by itself: what its fields require, allow and refer to."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from kouan.base.quality.checks import Check
from kouan.kernel.records import FieldFacts, Record
from kouan.kernel.text import Text

DIGITS = {"container": "container", "vessel": "imo", "enterprise": "uscc", "vehicle": "plate"}
"""Identifier checks by kind of reference; of a vessel only an IMO number has a check digit."""
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"), (int, "integer"), (float, "number"), (Decimal, "number"), (datetime, "moment"), (date, "day"),
)  # fmt: skip
_FIX_TYPE: dict[str, Text] = {
    "boolean": Text("填是或否", "State true or false"),
    "integer": Text("填整数", "State a whole number"),
    "number": Text("填数字，不带单位", "State a number without its unit"),
    "moment": Text("按 ISO 8601 填写，带时区，如 2026-11-22T08:00:00Z", "State it after ISO 8601 with its zone: 2026-11-22T08:00:00Z"),
    "day": Text("按 ISO 8601 填写，如 2026-11-22", "State it after ISO 8601: 2026-11-22"),
}


@cache
def checks_of(cls: type[Record]) -> tuple[Check, ...]:
    """The checks of a record type's own fields. Fields that the platform states are not asked for."""
    found: list[Check] = []
    for name, info in cls.model_fields.items():
        extra = info.json_schema_extra
        if not (isinstance(extra, dict) and extra.get("readOnly")):
            found += _of_field(cls.facts.name, cls.fields[name], info)
    return tuple(found)


def _of_field(of: str, facts: FieldFacts, info: FieldInfo) -> Iterator[Check]:
    name, code, title = facts.name, f"{of}.{facts.name}", facts.title
    if info.is_required():
        fix = Text(f"补填“{title.zh}”", f"Fill in “{title.en}”")
        yield Check(f"{code}.required", name, "required", "completeness", fix)
    kind, listed = bare(info.annotation)
    if listed:
        return
    if get_origin(kind) is Literal:
        values = tuple(str(value) for value in get_args(kind))
        shown = "、".join(values[:12]), ", ".join(values[:12])
        fix = Text(f"改为下列之一：{shown[0]}", f"Make it one of: {shown[1]}")
        yield Check(f"{code}.values", name, "codes", "compliance", fix, values=values)
        return
    stated = next((text for cls, text in _TYPES if isinstance(kind, type) and issubclass(kind, cls)), "")
    if stated:
        yield Check(f"{code}.type", name, "type", "compliance", _FIX_TYPE[stated], about=stated)
    yield from _bounds(code, name, info, numeric=stated in ("integer", "number"))
    if facts.reference in DIGITS:
        fix = Text("核对号码，校验位不符", "Look at the number again: its check digit is wrong")
        yield Check(f"{code}.check-digit", name, "check_digit", "authenticity", fix, about=DIGITS[facts.reference])


def _bounds(code: str, name: str, info: FieldInfo, *, numeric: bool) -> Iterator[Check]:
    low = high = longest = None
    for mark in info.metadata:
        low = _number(getattr(mark, "ge", None)) if low is None else low
        high = _number(getattr(mark, "le", None)) if high is None else high
        longest = _number(getattr(mark, "max_length", None)) if longest is None else longest
    if numeric and (low is not None or high is not None):
        span = f"{'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'}"
        fix = Text(f"数值应在 {span} 之间，核对单位", f"The value lies in {span}: look at its unit")
        yield Check(f"{code}.range", name, "range", "compliance", fix, low=low, high=high)
    if not numeric and longest is not None:
        fix = Text(f"不超过 {longest:g} 个字符", f"At most {longest:g} characters")
        yield Check(f"{code}.length", name, "length", "compliance", fix, high=longest)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def bare(annotation: Any) -> tuple[Any, bool]:
    """The type of a field without its optionality and marks, and whether it holds several values or parts."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return bare(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return bare(next(part for part in get_args(annotation) if part is not type(None)))
    if origin in (list, tuple, dict) or hasattr(annotation, "model_fields"):
        return annotation, True
    return annotation, False
