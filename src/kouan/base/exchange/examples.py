"""Examples of records, out of what their fields say of themselves."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from kouan.kernel.clock import now
from kouan.kernel.records import Record, record_types

PLATFORM = "platform"
"""What it alone files, nobody files by hand."""
WRITTEN = date(2026, 11, 21)
_WRITTEN_FOR = re.compile(r"2026-(?:11-(?:0[1-9]|[12][0-9]|30)|12-(?:0[1-9]|[12][0-9]|3[01]))")


def shifted(text: str) -> str:
    """Dates of the weeks for which the examples were written, moved so that they lie about today."""
    days = now().date() - WRITTEN
    return _WRITTEN_FOR.sub(lambda found: (date.fromisoformat(found[0]) + days).isoformat(), text)


@cache
def exampled() -> tuple[tuple[type[Record], Mapping[str, Any]], ...]:
    """Every record type that can be filed by hand, with an example that has its structure; others are left out."""
    found = []
    for cls in record_types():
        example = example_of(cls)
        if cls.facts.http and {*cls.facts.filers} != {PLATFORM} and example and _stands(cls, example):
            found.append((cls, example))
    return tuple(found)


def example_of(model: type[BaseModel]) -> dict[str, Any]:
    """The values that the fields of a record or part give as examples, parts of lists included."""
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        value = _value(info)
        if value is not None:
            values[name] = value
    return values


def _value(info: FieldInfo) -> Any:
    extra = info.json_schema_extra
    stated = extra.get("x-kouan") if isinstance(extra, dict) else None
    example = stated.get("example") if isinstance(stated, dict) else None
    if example is not None:
        example = shifted(example) if isinstance(example, str) else example
        return [example] if listed(info.annotation) and not isinstance(example, list | tuple) else example
    part = part_of(info.annotation)
    filled = example_of(part) if part else {}
    return [filled] if part and filled and _stands(part, filled) else None


def _stands(model: type[BaseModel], example: Mapping[str, Any]) -> bool:
    try:
        model.model_validate(dict(example))
    except ValidationError:
        return False
    return True


def bare(annotation: Any) -> Any:
    """The type behind Annotated and `| None`."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return bare(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def listed(annotation: Any) -> bool:
    """Whether a field holds several values."""
    return get_origin(bare(annotation)) in (list, tuple)


def part_of(annotation: Any) -> type[BaseModel] | None:
    """The part that a list field holds, if it holds parts."""
    if not listed(annotation):
        return None
    inner = bare(get_args(bare(annotation))[0])
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
