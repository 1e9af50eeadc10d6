"""Lineage out of the registry: what writes a record type, what reads it, what it refers to; who uses which of its fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kouan.kernel.connectors import Connector
from kouan.kernel.formats import Format
from kouan.kernel.handlers import Handler
from kouan.kernel.indicators import Indicator
from kouan.kernel.records import Record, record_types, type_of_ref
from kouan.kernel.rules import Rule
from kouan.kernel.store.schema import table
from kouan.kernel.text import Text
from kouan.kernel.words import every

Named = dict[str, Any]


def _named(code: str, title: Text) -> Named:
    return {"code": code, "title": title.out()}


def of_record(cls: type[Record]) -> dict[str, Any]:
    """Where records of a type come from and where they go, as far as the registry tells."""
    name = cls.facts.name
    refs = {facts.reference for facts in cls.fields.values() if facts.reference}
    above = {found.facts.name: found for ref in refs if (found := type_of_ref(ref)) and found is not cls}
    below = [one for one in record_types() if one is not cls and any(f.reference == cls.facts.ref for f in one.fields.values())]
    return {
        "table": table(cls),
        "written_by": [_named(one.code, one.title) for one in every(Format) if name in one.records],
        "filed_by": list(cls.facts.filers),
        "judged_by": [_named(one.code, one.title) for one in every(Rule) if one.of == name],
        "handled_by": [_named(one.code, one.title) for one in every(Handler) if any(t.partition(":")[0] == name for t in one.on)],
        "counted_by": [_named(one.code, one.title) for one in every(Indicator) if one.tally and one.tally.record == name],
        "sent_by": [_named(one.code, one.title) for one in every(Connector) if name in one.tells],
        "refers_to": _types(above.values()),
        "referred_by": _types(below),
    }


def of_indicator(indicator: type[Indicator]) -> dict[str, Any]:
    """The record type and the fields that an indicator is counted from."""
    tally = indicator.tally
    return {"record": tally.record, "fields": sorted(tally.uses())} if tally else {"record": None, "fields": []}


def of_use(cls: type[Record], path: str) -> dict[str, Any]:
    """A field that holds a data element: its table, and what reads that field."""
    top = path.partition(".")[0]
    return {
        "record": cls.facts.name,
        "title": cls.facts.title.out(),
        "table": table(cls),
        "column": f"f_{top}" if cls.fields[top].filter else None,
        "path": path,
        "field": cls.fields[top].title.out(),
        "written_by": [_named(one.code, one.title) for one in every(Format) if cls.facts.name in one.records],
        "counted_by": [
            _named(one.code, one.title) for one in every(Indicator)
            if one.tally and one.tally.record == cls.facts.name and top in one.tally.uses()
        ],
        "sent_by": [
            _named(one.code, one.title) for one in every(Connector)
            if (told := one.tells.get(cls.facts.name)) and (top in told or "*" in told)
        ],
    }  # fmt: skip


def _types(found: Iterable[type[Record]]) -> list[Named]:
    return [{"record": one.facts.name, "title": one.facts.title.out()} for one in sorted(found, key=lambda one: one.facts.name)]
