"""What a tag can ask of a record type: its open fields of level 1-2, each with the type of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import Record
from kouan.kernel.references import make
from kouan.kernel.store.reading import typed
from kouan.kernel.store.schema import column_type
from kouan.kernel.text import Text
from kouan.operations.tags.records import Tag

STATE = "state"
STATE_TITLE = Text("状态", "State")
LISTED, PARTS = "text[]", "parts"
MOMENTS = ("timestamptz", "date")
ORDERED = ("bigint", "double precision", "numeric", *MOMENTS)
HIGHEST = 2
"""Fields above this level are sealed by subject: nothing is computed over them."""


@dataclass(frozen=True, slots=True)
class Usable:
    """A field as a condition sees it. `sql`: the type of its values, LISTED for a list of texts, PARTS for anything nested."""

    name: str
    title: Text
    sql: str
    level: int
    reference: str
    values: Mapping[str, Text]


@cache
def usable(cls: type[Record], name: str) -> Usable | None:
    """The field of a record type by that name, or its state; None where there is none that a tag may ask for."""
    if name == STATE:
        return Usable(STATE, STATE_TITLE, "text", 1, "", _states(cls))
    facts = cls.fields.get(name)
    if facts is None or facts.level > HIGHEST:
        return None
    annotation = cls.model_fields[name].annotation
    sql = PARTS if any(_nested(annotation)) else column_type(annotation)
    return Usable(name, facts.title, sql, facts.level, facts.reference, facts.values)


def parsed(one: Usable, text: str) -> Any:
    """A condition's text as a value of the field; ValueError or Refused when it is none."""
    if one.reference:
        return make(one.reference, text)
    if one.values and text not in one.values:
        raise ValueError(text)
    return typed(text, "text" if one.sql == LISTED else one.sql, one.name)


def _states(cls: type[Record]) -> Mapping[str, Text]:
    life = lifecycle_of(cls.facts.name)
    return {name: title for track in (life.tracks if life else ()) for name, title in track.states.items()}


def _nested(annotation: Any) -> Iterator[bool]:
    if isinstance(annotation, type):
        yield issubclass(annotation, BaseModel | dict)
        return
    origin = getattr(annotation, "__origin__", None)
    yield isinstance(origin, type) and issubclass(origin, dict)
    for inner in get_args(annotation):
        yield from _nested(inner)


def uses(tag: Tag) -> dict[str, set[str]]:
    """The fields that a tag reads, by record type; a record's state and its acts are open to all its readers."""
    found: dict[str, set[str]] = {tag.record: {term.name for term in tag.terms}}
    for instant in (tag.since, tag.until):
        if instant is None:
            continue
        if instant.kind == "field" and instant.name:
            found[tag.record].add(instant.name)
        elif instant.kind == "event" and instant.record and instant.name and instant.by:
            found[tag.record].add(instant.by)
            found.setdefault(instant.record, set()).update({instant.name, *(term.name for term in instant.where)})
    return {record: names - {STATE} for record, names in found.items()}
