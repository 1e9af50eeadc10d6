"""What the hub shows: for each function what is there for the caller, of everything or of one shipment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kouan.base.trace.api import trace
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.reading import Query, estimate
from kouan.services.hub.functions import GROUPS, Function, functions

FEW = 5


async def hub(port: Port, who: Principal, text: str) -> dict[str, Any]:
    """The four groups. `text`: any key of a shipment, or empty."""
    types = {cls.facts.name: cls for cls in record_types()}
    known = [one for one in functions() if one.page or one.record in types]
    traced = await trace(port, who, text) if text else None
    counts = _within(traced["documents"]) if traced else await _counts(port, who, [types[f.record] for f in known if f.record])
    return {
        "subject": {"ref": traced["ref"], "title": traced["card"]["title"]} if traced else None,
        "groups": [
            {
                "name": name,
                "title": title.out(),
                "summary": summary.out(),
                "functions": [_function(f, types.get(f.record), who, counts) for f in known if f.group == name],
            }
            for name, (title, summary) in GROUPS.items()
        ],
    }


Counted = dict[str, tuple[int, list[dict[str, Any]]]]


def _within(documents: Sequence[dict[str, Any]]) -> Counted:
    """The documents of a shipment by record type: how many, and the newest few."""
    found: Counted = {}
    for one in documents:
        count, few = found.get(one["record"], (0, []))
        shown = {"ref": one["ref"], "id": one["id"], "title": one["title"], "state": one["state"]}
        found[one["record"]] = (count + 1, [*few, shown] if len(few) < FEW else few)
    return found


async def _counts(port: Port, who: Principal, types: Sequence[type[Record]]) -> Counted:
    """How many records of each type the caller may see; the planner's estimate where they are many."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        return {cls.facts.name: (await estimate(conn, cls, Query({}, who=who), port.vault), []) for cls in types}


def _function(function: Function, cls: type[Record] | None, who: Principal, counts: Counted) -> dict[str, Any]:
    if cls is None:
        assert function.title is not None
        return {"title": function.title.out(), "page": function.page, "record": None, "files": False, "count": None, "records": []}
    count, few = counts.get(cls.facts.name, (0, []))
    return {
        "title": cls.facts.title.out(),
        "page": None,
        "record": cls.facts.name,
        "files": who.writes and who.kind in cls.facts.filers and cls.facts.kind == "filing",
        "count": count,
        "records": few,
    }
