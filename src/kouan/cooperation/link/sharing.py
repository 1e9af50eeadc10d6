"""What of a record an agreement gives: the types and fields that can be given at all, what fits, what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from kouan.cooperation.link.records import Agreement, Given
from kouan.kernel.records import Record, record_types
from kouan.kernel.references import full, kinds, make

OWN = "cooperation.link."
SHARED = frozenset({"container", "vessel", "bill", "waybill", "wagon", "vehicle", "parcel", "enterprise"})
"""Kinds of reference that name the same thing at every port; others are numbers of one port's own."""
MOST_ABOUT = 400


def givable() -> dict[str, type[Record]]:
    """The record types that can be given: those with open doors that no person's key names, and none of links themselves."""
    return {cls.facts.name: cls for cls in record_types() if cls.facts.http and not cls.facts.name.startswith(OWN) and not _personal(cls)}


def _personal(cls: type[Record]) -> bool:
    return any(_names_person(cls, part) for part in cls.facts.key if part in cls.fields)


def _names_person(cls: type[Record], name: str) -> bool:
    kind = kinds().get(cls.fields[name].reference)
    return kind is not None and kind.personal


def givable_fields(cls: type[Record]) -> frozenset[str]:
    """The fields of a type that can be given: levels 1 and 2, none that names a person. A person's token is one port's own."""
    return frozenset(name for name, facts in cls.fields.items() if facts.level < 3 and not _names_person(cls, name))


def narrowable(cls: type[Record]) -> frozenset[str]:
    """The fields by which what is given can be narrowed: those by which lists of it are filtered."""
    return frozenset(name for name in givable_fields(cls) if cls.fields[name].filter)


def fitting(given: Iterable[Given], cls: type[Record], values: Mapping[str, Any]) -> Given | None:
    """The first of what is given that a record of a type fits, if any."""
    return next((one for one in given if one.record == cls.facts.name and _fits(one, cls, values)), None)


def _fits(given: Given, cls: type[Record], values: Mapping[str, Any]) -> bool:
    return all(_says(values.get(one.name), {_spelled(cls, one.name, v) for v in one.values}) for one in given.where)


def _spelled(cls: type[Record], name: str, value: str) -> str:
    kind = cls.fields[name].reference if name in cls.fields else ""
    try:
        return make(kind, value).casefold() if kind and kind != "*" else value.strip().casefold()
    except ValueError:
        return value.strip().casefold()


def _says(stated: Any, wanted: AbstractSet[str]) -> bool:
    values = stated if isinstance(stated, list | tuple) else (stated,)
    return any(str(one).casefold() in wanted for one in values if one is not None)


def stripped(given: Given, cls: type[Record], values: Mapping[str, Any], seen: AbstractSet[str]) -> dict[str, Any]:
    """The fields that go out: agreed, givable, seen by who gives them, and holding something that names no person."""
    names = set(given.fields) & givable_fields(cls) & seen
    found = {name: values.get(name) for name in cls.fields if name in names}
    return {name: value for name, value in found.items() if value is not None and not _mentions_person(value)}


def _mentions_person(value: Any) -> bool:
    personal = {name for name, kind in kinds().items() if kind.personal}
    return any(text.partition(":")[0] in personal for text in texts(value))


def beyond(given: Given, content: Mapping[str, Any]) -> list[str]:
    """The fields of a message that were not agreed."""
    return sorted(set(content) - set(given.fields))


def taken(agreement: Agreement, record: str, content: Mapping[str, Any]) -> tuple[Given | None, list[str]]:
    """What of an agreement a message falls under, with the fields beyond it: the wording that leaves the fewest beyond."""
    under = [(one, beyond(one, content)) for one in agreement.takes if one.record == record]
    return min(under, key=lambda found: len(found[1]), default=(None, []))


def about(content: Mapping[str, Any]) -> list[str]:
    """The references in a message that mean the same at every port, each once."""
    found: dict[str, None] = {}
    for text in texts(content):
        if text.partition(":")[0] in SHARED and len(text) < 300:
            try:
                found.setdefault(full(text))
            except ValueError:
                continue
    return list(found)[:MOST_ABOUT]


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value that may be a reference."""
    if isinstance(value, str):
        if ":" in value:
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)
