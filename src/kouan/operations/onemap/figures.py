"""The figures beside the map: how many of what stand where today, counted in the records that the caller may see.

A figure names a record type and what it is counted by. A type that this installation does not have is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kouan.kernel.clock import now, stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_types
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.operations.onemap import store


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted: records of a type, by state or a filterable field, since the day began (by `at`, or as filed)."""

    group: str
    record: str
    by: str = "state"
    at: str = ""


GROUPS = {
    "clearance": Text("通关运行", "Clearance"), "flow": Text("物流监管", "Flows"), "warning": Text("实时预警", "Warnings"),
    "handling": Text("处置处理", "Handling"),
}  # fmt: skip
FIGURES = (
    Figure("clearance", "base.portcall.port_call"),
    Figure("clearance", "base.declaration.declaration"),
    Figure("flow", "base.movement.move", by="activity", at="at"),
    Figure("flow", "facilities.gate.passage", by="decision"),
    Figure("warning", "operations.alerts.warning"),
    Figure("handling", "supervision.inspection.order"),
    Figure("handling", "supervision.process.case"),
)


async def figures(port: Port, who: Principal) -> dict[str, Any]:
    """Every figure since local midnight, as far as the caller sees the records counted."""
    at = now()
    since = at.astimezone(ZoneInfo(port.site.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    known = {cls.facts.name: cls for cls in record_types()}
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        shown = [await _count(conn, one, known[one.record].facts.title, since) for one in FIGURES if one.record in known]
    groups = [
        {"code": code, "title": title.out(), "figures": [one for one in shown if one["group"] == code]} for code, title in GROUPS.items()
    ]
    return {"at": stamp(at), "since": stamp(since), "groups": groups}


async def _count(conn: Connection, figure: Figure, title: Text, since: datetime) -> dict[str, Any]:
    counted = await store.counts(conn, figure.record, figure.by, since, figure.at)
    words = _words(figure)
    parts = [
        {"value": value, "title": words.get(value, Text(value, value)).out(), "count": number}
        for value, number in sorted(counted.items(), key=lambda item: -item[1])
    ]
    return {
        "group": figure.group, "record": figure.record, "title": title.out(), "by": figure.by, "at": figure.at,
        "total": sum(counted.values()), "parts": parts,
    }  # fmt: skip


def _words(figure: Figure) -> dict[str, Text]:
    if figure.by != "state":
        cls = next(cls for cls in record_types() if cls.facts.name == figure.record)
        return dict(cls.fields[figure.by].values)
    life = lifecycle_of(figure.record)
    return {state: title for track in reversed(life.tracks) for state, title in track.states.items()} if life else {}
