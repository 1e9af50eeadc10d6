"""From what a caller states to a record that can be kept: structure, and values that storage can hold.

Pydantic accepts some values that no row and no JSON document holds (a NUL character, a number beyond 64 bits), or that
cannot be compared (a time without its zone); they are refused here, so that they never reach a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kouan.kernel.errors import Problem, Refused
from kouan.kernel.reasons import problems_of
from kouan.kernel.records import Record
from kouan.kernel.text import Text

R = TypeVar("R", bound=Record)
DEEPEST = 50
DIGITS = 1000
_WRONG: Mapping[str, Text] = {
    "nul": Text("文本不得含空字符", "Text may not hold a NUL character"),
    "number": Text("数字超出可保存的范围", "This number is beyond what can be kept"),
    "timezone_aware": Text("时间应带时区", "A time needs its time zone"),
    "time": Text("时间超出可保存的范围", "This time is beyond what can be kept"),
    "depth": Text("嵌套过深", "Nested too deeply"),
}


def validated(cls: type[R], data: Mapping[str, Any], *, position: str = "") -> R:
    """The record of a type that data state. Raises Refused with all problems."""
    try:
        record = cls.model_validate(dict(data))
    except ValidationError as error:
        raise Refused.of(problems_of(error, position=position)) from None
    if not _plain(record, 0):
        problems = [
            Problem(f"structure.{rule}", path, rule, _WRONG[rule], position) for path, rule in _model(record, "", 0)
        ]
        if problems:
            raise Refused.of(problems[:100])
    return record


def _plain(value: Any, depth: int) -> bool:
    """Whether nothing in a value is wrong, told without looking for where: nearly everything that comes is like that."""
    if depth > DEEPEST:
        return False
    if value is None:
        return True
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, BaseModel):
        parts: Iterable[Any] = value.__dict__.values()
    elif isinstance(value, list | tuple):
        parts = value
    elif isinstance(value, dict):
        parts = (*value, *value.values())
    else:
        return not _single(value)
    for part in parts:  # noqa: SIM110 - a generator costs as much again, for every field of every filing
        if not _plain(part, depth + 1):
            return False
    return True


def _model(model: BaseModel, path: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in model:
        if value is not None:
            yield from _value(value, f"{path}{name}", depth + 1)


def _value(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        yield path, "depth"
    elif isinstance(value, BaseModel):
        yield from _model(value, f"{path}.", depth)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _value(part, f"{path}.{index}", depth + 1)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _value(key, path, depth + 1)
            yield from _value(part, path, depth + 1)
    elif rule := _single(value):
        yield path, rule


def _single(value: Any) -> str:
    if isinstance(value, str):
        return "nul" if "\0" in value else ""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return "timezone_aware"
        return "" if 1 < value.year < 9999 else "time"
    if isinstance(value, Decimal):
        return "" if value.is_finite() and abs(value.adjusted()) <= DIGITS else "number"
    if isinstance(value, float):
        return "" if value - value == 0 else "number"
    return "number" if isinstance(value, int) and not -(2**63) <= value < 2**63 else ""
