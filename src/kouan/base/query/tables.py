"""Record types as tables: their columns, what each holds, and how they can be joined."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from kouan.base.query import errors
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import Record, record_type, record_types
from kouan.kernel.references import ANY, kinds
from kouan.kernel.text import Text

Kind = Literal["text", "integer", "number", "decimal", "boolean", "date", "time", "list", "json"]
Source = Literal["row", "field", "track"]
RESTRICTED = 3
_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, "boolean"), (int, "integer"), (float, "number"), (Decimal, "decimal"), (datetime, "time"), (date, "date"), (str, "text"),
)  # fmt: skip
_ROW: tuple[tuple[str, Kind, Text], ...] = (
    ("id", "text", Text("记录号", "Record number")),
    ("ref", "text", Text("标识", "Reference")),
    ("state", "text", Text("状态", "State")),
    ("version", "integer", Text("版本", "Version")),
    ("filed_at", "time", Text("提交时间", "Filed at")),
    ("filed_by", "text", Text("提交单位", "Filed by")),
    ("updated_at", "time", Text("更新时间", "Updated at")),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `of` names the record's field, its track, or what the row itself states. `reference`: the kind of thing it names."""

    name: str
    title: Text
    kind: Kind
    source: Source
    of: str
    level: int = 1
    reference: str = ""
    unit: str = ""
    filter: bool = False
    values: Mapping[str, Text] = field(default_factory=dict)

    @property
    def holds(self) -> str:
        """What its values, or the elements of its lists, are."""
        return "text" if self.kind == "list" else self.kind

    @property
    def personal(self) -> bool:
        """Whether it names persons, who are kept as tokens."""
        known = kinds().get(self.reference)
        return known is not None and known.personal

    def out(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "name": self.name, "title": self.title.out(), "type": self.kind, "unit": self.unit, "level": self.level,
            "reference": self.reference, "values": {code: said.out() for code, said in self.values.items()},
        }  # fmt: skip


def kind_of(annotation: Any) -> Kind:
    """What a field of this type is in a table."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return kind_of(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return kind_of(inner[0]) if len(inner) == 1 else "json"
    if origin is Literal:
        return "text"
    if origin in (list, tuple):
        return "list" if kind_of(get_args(annotation)[0]) == "text" else "json"
    return next((kind for of, kind in _KINDS if isinstance(annotation, type) and issubclass(annotation, of)), "json")


@cache
def columns(cls: type[Record]) -> Mapping[str, Column]:
    """All columns of a record type by name. A field named like what every row has goes by `data_…`."""
    life = lifecycle_of(cls.facts.name)
    tracks = life.tracks if life else ()
    states = {code: said for track in reversed(tracks) for code, said in track.states.items()}
    found: dict[str, Column] = {}
    for name, kind, title in _ROW:
        reference, values = (cls.facts.ref if name == "ref" else ""), (states if name == "state" else {})
        found[name] = Column(name, title, kind, "row", name, reference=reference, filter=name == "ref", values=values)
    for name, facts in cls.fields.items():
        known = f"data_{name}" if name in found else name
        kind = kind_of(cls.model_fields[name].annotation)
        found[known] = Column(known, facts.title, kind, "field", name, facts.level, facts.reference, facts.unit, facts.filter, facts.values)
    for track in tracks if len(tracks) > 1 else ():
        known = f"track_{track.name}"
        found.setdefault(known, Column(known, track.title, "text", "track", track.name, values=track.states))
    return found


def table_name(cls: type[Record]) -> str:
    """The name of a record type's table in SQL."""
    return cls.facts.name.replace(".", "_")


@cache
def tables() -> Mapping[str, type[Record]]:
    """Record types by the names of their tables; those without public doors are none."""
    return {table_name(cls): cls for cls in record_types() if cls.facts.http}


def type_named(name: str, field_: str = "from") -> type[Record]:
    """The record type of a full name; Refused when there is none to be queried."""
    try:
        cls = record_type(name)
    except KeyError:
        raise errors.no_table(name, field_) from None
    if not cls.facts.http:
        raise errors.no_table(name, field_)
    return cls


def reachable(cls: type[Record], clearance: int) -> dict[str, Column]:
    """The columns of a record type that a clearance reaches."""
    return {name: column for name, column in columns(cls).items() if column.level <= clearance}


def fitting(left: Column, right: Column) -> bool:
    """Whether two columns can hold the same values: of the same kind, and names of the same kind of thing."""
    anything = bool(left.reference and right.reference) and ANY in (left.reference, right.reference)
    return left.holds == right.holds != "json" and (anything or left.reference == right.reference)


def joins(cls: type[Record], clearance: int) -> list[dict[str, str]]:
    """How a record type can be joined by the things that it names, or that name it."""
    mine = [column for column in reachable(cls, clearance).values() if column.reference not in ("", ANY)]
    found = []
    for other in tables().values():
        for right in reachable(other, clearance).values():
            pairs = [left for left in mine if right.reference and fitting(left, right)]
            there = {"record": other.facts.name, "to": right.name}
            found += [{"on": left.name, **there} for left in pairs if other is not cls or left != right]
    return found
