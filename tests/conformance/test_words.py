"""What a person reads for a closed value stands beside its field, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from kouan.app import registry
from kouan.kernel.records import record_types

registry.load()


def closed(annotation: Any) -> set[str]:
    """The values of the Literal in an annotation, optional or in a list."""
    if get_origin(annotation) is Literal:
        return {str(value) for value in get_args(annotation)}
    if get_origin(annotation) in (Union, UnionType, tuple, list):
        return set().union(*(closed(part) for part in get_args(annotation)))
    return closed(get_args(annotation)[0]) if hasattr(annotation, "__metadata__") else set()


def models(cls: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """A model and its parts, at any depth, each once."""
    if cls in seen:
        return
    seen.add(cls)
    yield cls
    for info in cls.model_fields.values():
        stack = [info.annotation]
        while stack:
            part = stack.pop()
            stack += get_args(part)
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models(part, seen)


FIELDS = [
    pytest.param(info, id=f"{cls.facts.name}:{model.__name__}.{name}")
    for cls in record_types()
    for model in models(cls, set())
    for name, info in model.model_fields.items()
    if closed(info.annotation)
]


@pytest.mark.parametrize("info", FIELDS)
def test_each_value_of_a_closed_set_has_its_words(info: Any) -> None:
    words = info.json_schema_extra["x-kouan"].get("values", {})
    assert closed(info.annotation) <= words.keys()
    assert all(word["zh"] and word["en"] for word in words.values())
