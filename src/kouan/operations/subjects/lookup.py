"""One conveyance and one container: what was, what is, what comes next, out of the facts that the caller may see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kouan.base.conveyance.api import Conveyance
from kouan.base.movement.api import ACTIVITIES, PLACES, Line, line_of
from kouan.base.portcall.api import PortCall
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.http.records import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.references import make, tidy
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import by_ids, equal, mentioning
from kouan.kernel.store.reading import Query, page
from kouan.operations.berth.api import ShipMovement
from kouan.operations.subjects.planning import Intent, tellers
from kouan.operations.traffic.api import Visit

MOST, VISITS, MOST_PLANS, MOST_REPORTS = 500, 50, 50, 5000
HERE = ("arrived", "anchored", "alongside", "shifting", "departed")
"""Reports of a ship that has come."""
EARLY = timedelta(hours=12)
"""How long before its window a planned move may have been done."""
SHIP = re.compile(r"(?:IMO[: ]*)?[0-9]{7}\Z")
IDENTITY = ("ship_name", "call_sign", "mmsi", "flag", "ship_type", "gross_tonnage", "length_m")
OTHER = ("registration", "aircraft_type", "carrier", "carrier_code", "vehicle")


async def conveyance(port: Port, who: Principal, text: str) -> dict[str, Any]:
    """A ship by its IMO number, an aircraft, train or vehicle by its number: identity, past calls, how often it came."""
    bare = text.strip().upper()
    if SHIP.match(bare) or bare.startswith("VESSEL:"):
        return await _ship(port, who, make("vessel", bare.removeprefix("VESSEL:")))
    return await _other(port, who, tidy(bare))


async def _items(
    port: Port, who: Principal, conn: Connection, cls: type[Record], where: Mapping[str, str], sort: str, limit: int
) -> Sequence[Any]:
    found = await page(conn, cls, Query(where, sort, "", limit, who), port.vault)
    return await shown(port, who, cls, list(found.rows), conn)


async def _ship(port: Port, who: Principal, ref: str) -> dict[str, Any]:
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        calls = await _items(port, who, conn, PortCall, {"vessel": ref}, "-eta", MOST)
        visits = await _items(port, who, conn, Visit, {"conveyance": ref}, "-arrived", VISITS)
        # Whoever reads a report of a ship's movement sees all of it.
        reports = await equal(conn, ShipMovement, {"call": [call["ref"] for call in calls]}, limit=MOST_REPORTS, newest=True)
    here = sorted((row.doc["at"], row.doc["call"]) for row in reports if row.doc["activity"] in HERE)
    came = {call: at for at, call in reversed(here)}
    trips = [_call(item, came.get(item["ref"])) for item in calls]
    return {
        "ref": ref, "mode": "water", "identity": _identity(calls, IDENTITY), "declared": len(trips),
        "entries": sum(trip["entered_at"] is not None for trip in trips), "more": len(calls) == MOST, "trips": trips,
        "visits": [
            {"ref": one["ref"], "id": one["id"], "place": one["data"].get("place"), "arrived": one["data"].get("arrived"),
             "left": one["data"].get("left"), "simulated": bool(one["data"].get("simulated"))} for one in visits
        ],
    }  # fmt: skip


def _call(item: Mapping[str, Any], came: str | None) -> dict[str, Any]:
    data = item["data"]
    return {
        "record": item["record"], "id": item["id"], "ref": item["ref"], "number": data.get("voyage"), "direction": "entry",
        "port": data.get("port"), "at": data.get("eta"), "entered_at": came, "last": data.get("last_port"), "next": data.get("next_port"),
        "state": item["state"],
    }  # fmt: skip


async def _other(port: Port, who: Principal, number: str) -> dict[str, Any]:
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        found = await _items(port, who, conn, Conveyance, {"number": number}, "-scheduled", MOST)
    trips = [
        {
            "record": item["record"], "id": item["id"], "ref": item["ref"], "number": item["data"].get("number"),
            "direction": item["data"].get("direction"), "port": item["data"].get("port"), "at": item["data"].get("scheduled"),
            "entered_at": item["data"].get("actual") if item["data"].get("direction") == "entry" else None,
            "last": item["data"].get("last_place"), "next": item["data"].get("next_place"), "state": item["state"],
        }
        for item in found
    ]  # fmt: skip
    mode = next((item["data"].get("mode") for item in found), None)
    return {
        "ref": number, "mode": mode, "identity": _identity(found, OTHER), "declared": len(trips),
        "entries": sum(trip["entered_at"] is not None for trip in trips), "more": len(found) == MOST, "trips": trips, "visits": [],
    }  # fmt: skip


def _identity(items: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """What its newest papers say of it, each by the newest that says it."""
    found = []
    for name in names:
        item = next((one for one in items if one["data"].get(name) is not None), None)
        if item is not None:
            title = record_type(item["record"]).fields[name].title
            found.append({"name": name, "title": title.out(), "value": str(item["data"][name])})
    return found


async def container(port: Port, who: Principal, ref: str) -> dict[str, Any]:
    """Where a container is: its last event that stands, the place, and the next planned move that is not done yet."""
    line = await line_of(port, who, ref)
    intents = await _intents(port, who, ref)
    moment = now()
    planned = [out for item, intent in intents if (out := _planned(item, intent, line, moment))]
    planned.sort(key=lambda one: str(one["since"] or one["until"] or "9999"))
    last = next((one for one in reversed(line.steps) if one[0].stands), None)
    return {
        "container": ref, "where": line.where, "whereabouts": PLACES[line.where].out(), "last": _last(last) if last else None,
        "next": planned[0] if planned else None, "planned": planned, "events": sum(step.stands for step, _, _ in line.steps),
    }  # fmt: skip


def _last(one: tuple[Any, Mapping[str, Any], Any]) -> dict[str, Any]:
    step, data, row = one
    activity = step.told.move.activity
    return {
        "record": "base.movement.move", "id": str(row.id), "ref": row.ref, "activity": activity, "title": ACTIVITIES[activity].out(),
        "at": stamp(step.at), "place": data.get("place"), "position": data.get("position"),
    }  # fmt: skip


async def _intents(port: Port, who: Principal, ref: str) -> list[tuple[Mapping[str, Any], Intent]]:
    found: list[tuple[Mapping[str, Any], Intent]] = []
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        for name, tell in tellers().items():
            ids = (await mentioning(conn, name, [ref], limit=MOST_PLANS)).get(ref, [])
            cls = record_type(name)
            rows = await by_ids(conn, cls, ids) if ids else []
            items = await shown(port, who, cls, rows, conn)
            found += [(item, intent) for item in items if (intent := tell(item["data"], ref))]
    return found


def _planned(item: Mapping[str, Any], intent: Intent, line: Line, moment: datetime) -> dict[str, Any] | None:
    """A planned move that is still to come: its window is not over and nobody has told that it was done."""
    if intent.until is not None and intent.until < moment:
        return None
    since = intent.since or datetime.fromisoformat(item["filed_at"])
    if any(step.stands and step.told.move.activity in intent.done_by and step.at >= since - EARLY for step, _, _ in line.steps):
        return None
    return {
        "record": item["record"], "id": item["id"], "ref": item["ref"], "title": intent.what.out(),
        "since": stamp(intent.since) if intent.since else None, "until": stamp(intent.until) if intent.until else None,
    }  # fmt: skip
